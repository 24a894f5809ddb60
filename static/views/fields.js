/** The fields of the experiment: texts, numbers, choices, each with its label and what is wrong with it. */

import { live } from "../vendor/lit-html/directives/live.js";
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { change, given } from "./draft.js";

/** @import { Change, Problem } from "../types.js" */

/**
 * A field: its name in a spec, its label, its control. A `wide` one has a row to itself.
 * @typedef {{ name: string, label: string, control: Control, wide?: boolean }} Field
 * @typedef {(draft: Change, name: string, wrong: boolean) => unknown} Control
 */

/** @param {string} name @param {string} label @param {Control} control @param {boolean} [wide] @returns {Field} */
export function field(name, label, control, wide = false) {
  return { name, label, control, wide };
}

/** Whether a problem is this field's: its own, one value's of a series, or the name's of a cell. @param {Field} one @param {Problem | null} problem */
export function isWrong({ name }, problem) {
  const place = problem?.field ?? "";
  if (name === "task.values") return place.startsWith(name);
  return place === name || (name === "cell" && place === "cell.name");
}

/** @param {Field} field @param {Change} draft @param {Problem | null} problem */
export function drawField(field, draft, problem) {
  const { name, label, control, wide } = field;
  const wrong = isWrong(field, problem);
  return html`<div class="field ${wide ? "wide" : ""}">
    <label for="spec.${name}">${label}</label>
    ${control(draft, name, wrong)}
    ${wrong ? html`<p class="wrong" id=${`${name}-wrong`} role="alert">${problem?.message}</p>` : nothing}
  </div>`;
}

/** @param {Event} event */
function typedIn(event) {
  return /** @type {HTMLInputElement} */ (event.target).value;
}

/** @type {Control} */
export function textArea(draft, name, wrong) {
  return html`<textarea id="spec.${name}" rows="2" spellcheck="false" aria-invalid=${wrong} .value=${live(String(given(draft, name)))}
    @input=${(/** @type {Event} */ e) => change(name, typedIn(e), true)}></textarea>`;
}

/** Numbers with commas or spaces between them. @type {Control} */
export function series(draft, name, wrong) {
  const values = given(draft, name);
  // What is typed stays as it is typed: only what comes from elsewhere is set out anew.
  const same = (/** @type {string} */ text) => String(numbersIn(text)) === String(values);
  const shown = (/** @type {HTMLTextAreaElement | null} */ box) =>
    box && same(box.value) ? box.value : Array.from(/** @type {number[]} */ (values)).join(", ");
  const box = /** @type {HTMLTextAreaElement | null} */ (document.getElementById(`spec.${name}`));
  return html`<textarea id="spec.${name}" rows="2" spellcheck="false" aria-invalid=${wrong} .value=${live(shown(box))}
    @input=${(/** @type {Event} */ e) => change(name, numbersIn(typedIn(e)), true)}></textarea>`;
}

/** @param {string} text */
function numbersIn(text) {
  return text
    .split(/[\s,;]+/)
    .filter(Boolean)
    .map(numberIn);
}

/** A whole number within a range. @param {[number, number]} range @returns {Control} */
export function whole([low, high]) {
  return (draft, name, wrong) =>
    html`<input id="spec.${name}" type="number" inputmode="numeric" step="1" min=${low} max=${high} aria-invalid=${wrong}
    .value=${live(String(given(draft, name)))} @input=${(/** @type {Event} */ e) => change(name, numberIn(typedIn(e)), true)} />`;
}

/** A number as it is being typed, "0." on the way to 0.05 too; else as it is. @param {string} name @param {unknown} value */
function asTyped(name, value) {
  const box = /** @type {HTMLInputElement | null} */ (document.getElementById(`spec.${name}`));
  return box && box === document.activeElement && numberIn(box.value) === value
    ? box.value
    : String(value);
}

/** @type {Control} */
export function decimal(draft, name, wrong) {
  return html`<input id="spec.${name}" inputmode="decimal" aria-invalid=${wrong} .value=${live(asTyped(name, given(draft, name)))}
    @input=${(/** @type {Event} */ e) => change(name, numberIn(typedIn(e)), true)} />`;
}

/** A number, or none. @type {Control} */
export function optional(draft, name, wrong) {
  const value = given(draft, name);
  const read = (/** @type {string} */ text) => (text.trim() === "" ? null : numberIn(text));
  return html`<input id="spec.${name}" inputmode="decimal" aria-invalid=${wrong} placeholder="not at all" .value=${live(value === null ? "" : asTyped(name, value))}
    @input=${(/** @type {Event} */ e) => change(name, read(typedIn(e)), true)} />`;
}

/** One of several values, each with its words. @param {[unknown, string][]} options @param {(value: any, name: string) => void} [choose] @returns {Control} */
export function choice(options, choose = (value, name) => change(name, value)) {
  return (draft, name, wrong) => {
    const value = given(draft, name);
    // The value is set once the options are there to be it.
    return html`<select id="spec.${name}" aria-invalid=${wrong} @change=${(/** @type {Event} */ e) => choose(options[/** @type {HTMLSelectElement} */ (e.target).selectedIndex][0], name)}>
      ${options.map(([one, words]) => html`<option value=${String(one)} .selected=${live(one === value)}>${words}</option>`)}
    </select>`;
  };
}

/** A number, or what was typed instead, which the server refuses by its field. @param {string} text */
function numberIn(text) {
  const value = Number(text.replace(",", "."));
  return text.trim() === "" || Number.isNaN(value) ? text : value;
}
