/** Notices: what is wrong with the experiment or the connection, while the picture stays. */

import { drawn } from "../drawing.js";
import { leftOut } from "../overrides.js";
import { connection, experiment, panel, pass, problem } from "../store.js";
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import { listed } from "../words.js";
import { changeLine, readChanges } from "./changeline.js";

/** @import { Problem } from "../types.js" */

/** @param {HTMLElement} element @param {{ retry: () => void }} actions */
export function mount(element, { retry }) {
  drawn(
    () => ({
      wrong: problem.value,
      link: connection.value,
      has: pass.value !== null,
      open: panel.value,
      gone: leftOut.value?.spec === experiment.value ? leftOut.value : null,
      changed: readChanges(),
    }),
    ({ wrong, link, has, open, gone, changed }) =>
      render(
        [
          link === "lost" ? lost(has, retry) : nothing,
          wrong && open !== mending(wrong) ? refused(wrong) : nothing,
          gone ? unfit(gone) : nothing,
          changed ? changeLine(changed) : nothing,
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

/** The panel in which what is wrong can be mended. @param {Problem} problem @returns {"experiment" | "whatif"} */
function mending({ field }) {
  return field?.startsWith("overrides") ? "whatif" : "experiment";
}

/** @param {Problem} problem */
function refused(problem) {
  return html`<div class="notice alarm" role="alert">
    ${problem.message}
    <button class="button" @click=${() => (panel.value = mending(problem))}>Mend it</button>
  </div>`;
}

/** @param {NonNullable<typeof leftOut.value>} gone */
function unfit({ names, message }) {
  const end =
    names.length === 1
      ? "does not fit this experiment and is"
      : "do not fit this experiment and are";
  return html`<div class="notice" role="status">
    <span title=${message}>What was set of ${listed(names)} ${end} left out.</span>
    <button class="button" @click=${() => (leftOut.value = null)}>Close</button>
  </div>`;
}
