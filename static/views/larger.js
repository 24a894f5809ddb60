/** The button that gives a plot the room of all cards, and takes it back. */

import { enlarged } from "../store.js";
import { html } from "../vendor/lit-html/lit-html.js";

export function larger() {
  const turn = () => (enlarged.value = !enlarged.peek());
  return html`<button class="icon" aria-pressed=${enlarged.value} title="larger, smaller (L)" aria-label="larger plot" @click=${turn}>⤢</button>`;
}
