/** A panel of sections that fold up to a line each; Escape and Close shut it. */

import { panel } from "../store.js";
import { html, nothing } from "../vendor/lit-html/lit-html.js";

/** @typedef {import("../vendor/signals-core/signals-core.mjs").Signal<Set<string>>} Open */
/** `told` says what is in a folded section; `wrong` keeps it open. @typedef {{ name: string, told: string, body: unknown, wrong: boolean }} Section */

/** @param {string} label @param {string | null} problem what no section tells @param {unknown} sections @param {unknown} action beside Close */
export function form(label, problem, sections, action) {
  return html`<form class="panel experiment-panel" aria-label=${label} @submit=${close} @keydown=${closeOnEscape}>
    ${problem === null ? nothing : html`<p class="wrong" role="alert">${problem}</p>`}
    ${sections}
    <div class="panel-actions">
      ${action}
      <button type="submit" class="button">Close</button>
    </div>
  </form>`;
}

/** @param {Section} section @param {Open} open the names of the sections that are unfolded */
export function fold({ name, told, body, wrong }, open) {
  const turn = (/** @type {Event} */ { currentTarget }) =>
    turned(open, name, /** @type {HTMLDetailsElement} */ (currentTarget).open);
  return html`<details class="group" .open=${wrong || open.peek().has(name)} @toggle=${turn}>
    <summary><b>${name}</b> <span class="told">${told}</span></summary>
    ${body}
  </details>`;
}

/** @param {Open} open @param {string} name @param {boolean} isOpen */
function turned(open, name, isOpen) {
  if (isOpen === open.peek().has(name)) return;
  const others = [...open.peek()].filter((one) => one !== name);
  open.value = new Set(isOpen ? [...others, name] : others);
}

/** @param {Event} event */
function close(event) {
  event.preventDefault();
  panel.value = null;
}

/** @param {KeyboardEvent} event */
function closeOnEscape(event) {
  if (event.key === "Escape") panel.value = null;
}
