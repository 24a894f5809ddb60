/** What a step reads, to be changed: another symbol, none, or other numbers. */

import { overridesOf, undo } from "../overrides.js";
import { live } from "../vendor/lit-html/directives/live.js";
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { firstOf, quoted } from "../words.js";
import { around } from "./amount.js";
import { override } from "./draft.js";
import { entry, wrongWith } from "./question.js";

/** @import { Override } from "../types.js" */
/** @import { Question } from "./question.js" */
/** @import { Section } from "./sections.js" */

/** What is chosen where a step reads nothing. */
const NOTHING = -1;

/** @param {Question} question @returns {Section} */
export function reading(question) {
  const { now, at, draft } = question;
  const t = at.t ?? 0;
  const told = [`step ${t + 1}`, firstOf(now)].filter(Boolean).join(", ");
  const name = "An input";
  if (now.status(t) === "over")
    return {
      name,
      told,
      body: html`<p class="hint wide">This step is padding and stays zero.</p>`,
      wrong: false,
    };
  const made = overridesOf(draft).filter((one) => isOf(one, t));
  const { alphabet, input } = now.plan.columns;
  const body = alphabet && input ? symbols(question, t, alphabet, made) : numbers(question, t);
  const wrong = made.some((one) => wrongWith(question, one.name, one.index) !== null);
  return { name, told, body: [body, erasing(t, made)], wrong };
}

/** Whether an override is of what the first sequence reads at a step. @param {Override} one @param {number} t */
function isOf({ name, index = [] }, t) {
  return name === "x" && index[0] === t && (index[1] ?? 0) === 0;
}

/** @param {Question} question @param {number} t @param {string[]} alphabet @param {Override[]} made */
function symbols({ now, base }, t, alphabet, made) {
  const values = Array.from(now.value("x", t) ?? []);
  const ones = values.filter((value) => value !== 0);
  const current = ones.length === 1 && ones[0] === 1 ? values.indexOf(1) : NOTHING;
  const own = made.length === 0 ? now : base;
  const old = own?.plan.columns.input?.[t];
  const chose = (/** @type {Event} */ event) => {
    const place = /** @type {HTMLSelectElement} */ (event.target).selectedIndex;
    if (alphabet[place] === old) undo(made);
    else choose(t, place);
  };
  return html`<div class="field">
    <div class="amount-head"><label for="whatif-symbol">Reads</label>
      <span class="hint">${made.length && old ? `was ${quoted(old)}` : ""}</span></div>
    <select id="whatif-symbol" @change=${chose}>
      ${alphabet.map((symbol, i) => html`<option .selected=${live(i === current)}>${quoted(symbol)}</option>`)}
      <option ?hidden=${current !== NOTHING} .selected=${live(current === NOTHING)}>${ones.length ? "a mixture" : "nothing"}</option>
    </select></div>`;
}

/** Another symbol, as the unit vector that it is. @param {number} t @param {number} place */
function choose(t, place) {
  override(
    [
      { name: "x", index: [t, 0], value: 0 },
      { name: "x", index: [t, 0, place], value: 1 },
    ],
    { gone: (one) => isOf(one, t) },
  );
}

/** @param {Question} question @param {number} t */
function numbers(question, t) {
  const { now, base } = question;
  const range = around((base ?? now).largest.get("x") ?? 1);
  return Array.from({ length: now.sizes.I }, (_, i) =>
    entry(
      question,
      `whatif-input-${i}`,
      now.sizes.I > 1 ? `Input ${i + 1}` : "Its value",
      "x",
      [t, 0, i],
      range,
    ),
  );
}

/** @param {number} t @param {Override[]} made */
function erasing(t, made) {
  const erase = () =>
    override([{ name: "x", index: [t, 0], value: 0 }], { gone: (one) => isOf(one, t) });
  return html`<div class="field buttons">
    <button type="button" class="button" @click=${erase}>Erase it</button>
    ${made.length ? html`<button type="button" class="link" aria-label="Undo: the input of step ${t + 1}" @click=${() => undo(made)}>undo</button>` : nothing}
  </div>`;
}
