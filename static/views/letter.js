/** A parameter's name in a picture: clicked it is chosen, and its copies stay lit. */

import { plainName } from "../letters.js";
import { parameter } from "../notation.js";
import { html } from "../vendor/lit-html/lit-html.js";

/** @param {string} name @param {{ step: number | null, pressed: boolean, more?: string, kind?: string }} how `step` is the one whose own it is */
export function letter(name, { step, pressed, more, kind = "" }) {
  const said = plainName(name);
  const title = `${said}: ${more ?? "choose it, and light its copies at every step"}`;
  return html`<button class=${`cell-parameter${kind}`} data-name=${name} aria-pressed=${pressed} title=${title}><span data-tex=${parameter(name, step)} aria-hidden="true"></span><span class="hidden-text">${said}</span></button>`;
}
