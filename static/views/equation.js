/** The equation of the moment, typeset, and under it the numbers that went through it, unit by unit. */

import { drawn, showCurrent, sized } from "../drawing.js";
import { typeset, typesetAll, written } from "../notation.js";
import { count, full, short } from "../number.js";
import { moment } from "../playhead.js";
import { chosen, pass, selection, zoom } from "../store.js";
import { length } from "../vector.js";
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import { signal } from "../vendor/signals-core/signals-core.mjs";
import { firstOf, visible } from "../words.js";
import { entries, worstStep } from "./entries.js";
import { formula, spoken } from "./formula.js";
import { totals } from "./totals.js";

/** @import { Pass } from "../pass.js" */
/** @import { Moment } from "../types.js" */
/** @import { Entry } from "./entries.js" */

/** How wide a number with its sign and three digits is, and the name of a row; in ems. */
const COLUMN = 4.6;
const NAMES = 8.5;
/** A table of fewer numbers does not stretch over the whole card. */
const FEW = 3;
const room = signal(600);

/** @param {HTMLElement} element */
export function mount(element) {
  render(
    html`<header class="card-head"><h2>Equation</h2><span class="of-what"></span></header>
      <div class="equation" role="img"></div>
      <div class="vectors"></div>`,
    element,
  );
  sized(
    /** @type {Element} */ (element.querySelector(".vectors")),
    (width) => (room.value = width),
  );
  drawn(
    () => {
      pass.value?.arrived.value;
      return { now: pass.value, at: moment.value, selected: chosen.value, most: columns(element) };
    },
    (state) => draw(element, state),
  );
}

/** How many units there is room for. @param {HTMLElement} element */
function columns(element) {
  const em = Number.parseFloat(getComputedStyle(element).getPropertyValue("--digits")) * zoom.value;
  return Math.max(3, Math.floor((room.value / em - NAMES) / COLUMN) - 1);
}

/** @typedef {{ now: Pass | null, at: Moment | null, selected: typeof chosen.value, most: number }} State */

/** @param {HTMLElement} element @param {State} state */
function draw(element, { now, at, selected, most }) {
  if (!now || !at) return;
  const equation = /** @type {HTMLElement} */ (element.querySelector(".equation"));
  const tex = formula(now, at, selected.parameter);
  typeset(equation, tex, true);
  equation.classList.toggle("long", tex.includes("{aligned}"));
  equation.setAttribute("aria-label", spoken(now, at));
  const of = /** @type {HTMLElement} */ (element.querySelector(".of-what"));
  of.textContent = ofWhat(now, at);
  const table = /** @type {HTMLElement} */ (element.querySelector(".vectors"));
  for (let fit = most; ; fit--) {
    render(
      at.phase === "sum" || at.phase === "update"
        ? totals(now, at, selected.parameter)
        : vectors(now, at, selected.unit, fit),
      table,
    );
    typesetAll(table);
    if (fit <= 2 || table.scrollWidth <= table.clientWidth) break;
  }
  showCurrent(table);
}

/** Of which layer and which sequence the numbers are, where there are several. @param {Pass} now @param {Moment} at */
function ofWhat(now, at) {
  const layer = at.layer !== null && now.sizes.L > 1 ? `layer ${at.layer + 1}` : "";
  const weights = at.phase === "sum" || at.phase === "update";
  return [layer, weights ? "" : firstOf(now)].filter(Boolean).join(", ");
}

/** @param {Pass} now @param {Moment} at @param {number} unit @param {number} most */
function vectors(now, at, unit, most) {
  const rows = entries(now, at).filter((row) => row.values?.length > 0);
  if (rows.length === 0) return nothing;
  const longest = Math.max(...rows.map((row) => row.values.length));
  const symbols = overSymbols(now, at);
  const marked = symbols ? (now.target(symbols.t) ?? 0) : unit;
  const first = Math.max(0, Math.min(marked - Math.floor(most / 2), longest - most));
  const units = Array.from({ length: Math.min(most, longest) }, (_, i) => first + i);
  const last = units.at(-1) ?? 0;
  return html`<table class="numbers ${units.length < FEW ? "narrow" : ""}">
    <thead>
      <tr>
        <td class="folded">${longest > most ? `${first + 1} to ${last + 1} of ${count(longest)}` : nothing}</td>
        ${units.map((i) => html`<th scope="col" class=${i === marked ? "pinned" : ""}>${symbols ? visible(symbols.alphabet[i]) : unitButton(i)}</th>`)}
        <th scope="col" class="norm-column">norm</th>
      </tr>
    </thead>
    <tbody>
      ${rows.map((row) => line(row, units, marked))}
    </tbody>
  </table>
`;
}

/** @param {number} unit */
function unitButton(unit) {
  const pin = () => (selection.value = { ...selection.peek(), unit });
  return html`<button class="unit" title="pin unit ${unit + 1}" @click=${pin}>${unit + 1}</button>`;
}

/** The alphabet and the timestep, where the vectors have a number for every symbol of it. @param {Pass} now @param {Moment} at */
function overSymbols(now, at) {
  const { alphabet } = now.plan.columns;
  if (!alphabet || !["y_hat", "loss", "grad.o"].includes(at.line?.target ?? "")) return null;
  return { alphabet, t: at.t ?? worstStep(now) };
}

/** @param {Entry} row @param {number[]} units @param {number} unit */
function line({ tex, label, values, strong, share }, units, unit) {
  const cell = (/** @type {number} */ i) =>
    i < values.length
      ? html`<td class=${i === unit ? "pinned" : ""} title=${full(values[i])}>${short(values[i], { signed: !share })}</td>`
      : html`<td></td>`;
  return html`<tr class=${strong ? "strong" : ""}>
    <th scope="row">${tex ? written(tex, label) : label}</th>
    ${units.map(cell)}
    <td class="norm-column" title=${full(length(values))}>${short(length(values))}</td>
  </tr>`;
}
