/** What if: the panel that changes one number of a pass, or holds a line of its cell, and shows at once what becomes of it. */

import { pair } from "../changes.js";
import { drawn } from "../drawing.js";
import { overridesOf, undoAll } from "../overrides.js";
import { moment } from "../playhead.js";
import { baseline, chosen, offers, panel, pass, problem, selection } from "../store.js";
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import { signal } from "../vendor/signals-core/signals-core.mjs";
import { firstOf, parameterTitle } from "../words.js";
import { around } from "./amount.js";
import { asked } from "./draft.js";
import { holding, line } from "./holding.js";
import { count, entry, wrongWith } from "./question.js";
import { reading } from "./reading.js";
import { fold, form } from "./sections.js";

/** @import { Pass } from "../pass.js" */
/** @import { Row, Selection } from "../types.js" */
/** @import { Question } from "./question.js" */
/** @import { Section } from "./sections.js" */

/** The sections that are open: what most come to change. */
const open = signal(new Set(["A weight or a bias", "An input", "Hold a line at a value"]));
/** The state whose beginning is set, by the trace's name. */
const begun = signal("");

/** @param {HTMLElement} element */
export function mount(element) {
  drawn(
    () => {
      if (panel.value !== "whatif") return null;
      const [now, at] = [pass.value, moment.value];
      now?.arrived.value;
      baseline.value;
      offers.value;
      if (!now || !at) return null;
      const [selected, state, wrong] = [chosen.value, begun.value, problem.value];
      open.value;
      const base = pair()?.base ?? null;
      const draft = asked();
      return { now, base, at, draft, wrong, selected, state, line: line.value };
    },
    (question) => render(question ? asks(question) : nothing, element),
  );
}

/** Focus the first thing that can be changed, or what is wrong. @param {HTMLElement} element */
export function focus(element) {
  const first =
    element.querySelector('[aria-invalid="true"]') ??
    element.querySelector("[open] select") ??
    element.querySelector("summary");
  /** @type {HTMLElement | null} */ (first)?.focus();
}

/** @param {Question} question */
function asks(question) {
  const { draft, wrong } = question;
  const sections = [weight(question), reading(question), beginning(question), holding(question)];
  const unplaced = wrong?.field?.startsWith("overrides") && !sections.some((one) => one.wrong);
  return form(
    "What if",
    unplaced ? (wrong?.message ?? null) : null,
    sections.map(({ body, ...one }) =>
      fold({ ...one, body: html`<div class="fields">${body}</div>` }, open),
    ),
    html`<button type="button" class="button" ?disabled=${overridesOf(draft).length === 0} @click=${undoAll}>Undo all</button>`,
  );
}

/** @param {Question} question @returns {Section} */
function weight(question) {
  const { now, base, at, selected } = question;
  const { parameter, row, column } = selected;
  const [rows, columns = 1] = now.shapeOf(parameter);
  const matrix = now.parameters.get(parameter)?.role === "matrix";
  const step = now.ownStep(at);
  const index = [...(step === null ? [] : [step]), row, ...(matrix ? [column] : [])];
  const largest = (base ?? now).largestOf(parameter);
  const body = [
    html`<div class="field"><label for="whatif-parameter">Which</label>
      <select id="whatif-parameter" @change=${(/** @type {Event} */ e) => choose({ parameter: /** @type {HTMLSelectElement} */ (e.target).value })}>
        ${now.plan.parameters.map(({ name }) => html`<option value=${name} .selected=${name === parameter}>${parameterTitle(now, name)}</option>`)}
      </select></div>`,
    html`<div class="field pair">
      ${count("whatif-row", matrix ? "Row" : "Entry", row, rows, (next) => choose({ row: next }))}
      ${matrix ? count("whatif-column", "Column", column, columns, (next) => choose({ column: next })) : nothing}
    </div>`,
    entry(question, "whatif-weight", "Its value", parameter, index, around(largest)),
  ];
  const told = step === null ? "" : `of step ${step + 1}`;
  const wrong = wrongWith(question, parameter, index) !== null;
  return { name: "A weight or a bias", told, body, wrong };
}

/** @param {Partial<Selection>} part */
function choose(part) {
  selection.value = { ...selection.peek(), ...chosen.peek(), ...part };
}

/** The state that step 1 is given: zero unless it is set. @param {Question} question @returns {Section} */
function beginning(question) {
  const { now, base, selected, state } = question;
  const name = "The state before step 1";
  if (!now.carries)
    return {
      name,
      told: "",
      body: html`<p class="hint wide">No state goes from step to step here.</p>`,
      wrong: false,
    };
  const states = (base ?? now).plan.rows.filter(({ kind }) => kind === "state");
  const row = states.find((one) => one.name === state) ?? states[0];
  const { unit } = selected;
  const [array, index] = [`${row.name}.initial`, [0, unit]];
  const body = [
    html`<div class="field"><label for="whatif-state">Which</label>
      <select id="whatif-state" @change=${(/** @type {Event} */ e) => (begun.value = /** @type {HTMLSelectElement} */ (e.target).value)}>
        ${states.map((one) => html`<option value=${one.name} .selected=${one === row}>${titled(now, one)}</option>`)}
      </select></div>`,
    html`<div class="field pair">${count("whatif-unit", "Unit", unit, row.size, (next) => choose({ unit: next }))}</div>`,
    entry(question, "whatif-begun", "Its value", array, index, row.bounds ?? [-2, 2]),
  ];
  const set = overridesOf(question.draft).filter((one) => one.name?.endsWith(".initial")).length;
  const told = [set ? `${set} set` : "zero", firstOf(now)].filter(Boolean).join(", ");
  return { name, told, body, wrong: wrongWith(question, array, index) !== null };
}

/** @param {Pass} now @param {Row} row */
function titled(now, { word, layer }) {
  return now.sizes.L > 1 ? `${word}, layer ${(layer ?? 0) + 1}` : word;
}
