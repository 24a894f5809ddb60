/** An amount: a number that is set by a slider or typed, and applied at once. */

import { full, short } from "../number.js";
import { live } from "../vendor/lit-html/directives/live.js";
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { current, isPressed, press, release, want } from "./gesture.js";

/**
 * `value` is a number, or what was typed instead; `old` what it was before it was changed, null where it is not.
 * @typedef {{
 *   id: string, label: string, value: unknown, range: [number, number], old: number | null, wrong: string | null,
 *   note?: unknown, set: (value: number, how: { typed: boolean, gesture: number }) => void, undo: (() => void) | null,
 * }} Amount
 */

/** How many places a slider has from its middle to an end. */
const PLACES = 100;
const SIZES = [1, 2, 5, 10, 20, 50, 100, 1000];

/** A range round zero with room for twice the largest there is. @param {number} largest @returns {[number, number]} */
export function around(largest) {
  const size = SIZES.find((one) => one >= 2 * largest) ?? 1e4;
  return [-size, size];
}

/** @param {Amount} amount */
export function drawAmount(amount) {
  const { id, label, value, wrong, set } = amount;
  return html`<div class="field wide amount">
    <div class="amount-head"><label for=${id}>${label}</label> ${told(amount)}</div>
    <div class="amount-line">
      ${slider(amount)}
      <input id=${id} inputmode="decimal" autocomplete="off" aria-invalid=${wrong !== null} title=${typeof value === "number" ? full(value) : nothing}
        .value=${live(shownIn(id, value))} @input=${(/** @type {Event} */ e) => set(numberIn(e), { typed: true, gesture: current() })} />
    </div>
    ${wrong === null ? nothing : html`<p class="wrong" role="alert">${wrong}</p>`}
  </div>`;
}

/** @param {Amount} amount */
function slider({ id, label, value, range: [low, high], set }) {
  const own = `${id}-slider`;
  const box = /** @type {HTMLInputElement | null} */ (document.getElementById(own));
  const at = isPressed(own) ? box?.value : String(Number.isFinite(value) ? value : 0);
  return html`<input type="range" id=${own} aria-label="${label}, slider" min=${low} max=${high} step=${(high - low) / (2 * PLACES)}
    .value=${live(at ?? "0")} @pointerdown=${() => press(own)} @pointerup=${release} @pointercancel=${release}
    @input=${(/** @type {Event} */ e) => slide(e, set)} />`;
}

/** What was there before, and the way back to it. @param {Amount} amount */
function told({ label, old, note, undo }) {
  const taken = undo
    ? html`<button type="button" class="link" aria-label="Undo: ${label}" @click=${undo}>undo</button>`
    : nothing;
  const was = old === null ? nothing : html`<span title=${full(old)}>was ${short(old)}</span>`;
  return html`<span class="hint">${note ?? nothing} ${was} ${taken}</span>`;
}

/** @param {Event} event @param {Amount["set"]} set */
function slide(event, set) {
  const value = Number(/** @type {HTMLInputElement} */ (event.target).value);
  const gesture = current();
  want(() => set(value, { typed: false, gesture }));
}

/** A number as it stands in its field: as it is typed, else in at most four digits. @param {string} id @param {unknown} value */
function shownIn(id, value) {
  const box = /** @type {HTMLInputElement | null} */ (document.getElementById(id));
  if (box && box === document.activeElement && parsed(box.value) === value) return box.value;
  return typeof value === "number" ? String(Number(value.toPrecision(4))) : String(value ?? "");
}

/** @param {Event} event */
function numberIn(event) {
  return /** @type {number} */ (parsed(/** @type {HTMLInputElement} */ (event.target).value));
}

/** A number, or what was typed instead, which the server refuses by its field. @param {string} text */
function parsed(text) {
  const value = Number(text.replace(",", ".").replace("−", "-"));
  return text.trim() === "" || Number.isNaN(value) ? text : value;
}
