/** Notices: what is wrong with the experiment or the connection, while the picture stays. */

import { drawn } from "../drawing.js";
import { connection, panel, pass, problem } from "../store.js";
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";

/** @param {HTMLElement} element @param {{ retry: () => void }} actions */
export function mount(element, { retry }) {
  drawn(
    () => ({
      wrong: problem.value,
      link: connection.value,
      has: pass.value !== null,
      open: panel.value,
    }),
    ({ wrong, link, has, open }) =>
      render(
        [
          link === "lost" ? lost(has, retry) : nothing,
          wrong && open !== "experiment" ? refused(wrong.message) : nothing,
        ],
        element,
      ),
  );
}

/** @param {boolean} has @param {() => void} retry */
function lost(has, retry) {
  return html`<div class="notice" role="status">
    The server does not answer; trying again by itself. ${has ? "What is here can still be stepped through." : ""}
    <button class="button" @click=${retry}>Try now</button>
  </div>`;
}

/** @param {string} message */
function refused(message) {
  return html`<div class="notice alarm" role="alert">
    ${message}
    <button class="button" @click=${() => (panel.value = "experiment")}>Mend it</button>
  </div>`;
}
