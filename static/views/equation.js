/** The equation of the moment, under it the numbers that went through it, unit by unit, and all lines of its direction. */

import { inFull, was } from "../changes.js";
import { drawn, laidOut, showCurrent, sized } from "../drawing.js";
import { BOOKS } from "../faces.js";
import { READING } from "../letters.js";
import { typesetAll, written } from "../notation.js";
import { count, full, short } from "../number.js";
import { moment } from "../playhead.js";
import {
  baseline,
  book,
  chosen,
  copies,
  faces,
  pass,
  selection,
  timeline,
  zoom,
} from "../store.js";
import { length } from "../vector.js";
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import { signal } from "../vendor/signals-core/signals-core.mjs";
import { firstOf, visible } from "../words.js";
import { current, isLong } from "./current.js";
import { entries, worstStep } from "./entries.js";
import { formula, outputPlace, spoken } from "./formula.js";
import { follow, light } from "./lighting.js";
import { lines } from "./lines.js";
import { toolsOf } from "./tabs.js";
import { totals } from "./totals.js";

/** @import { Pass } from "../pass.js" */
/** @import { Timeline } from "../timeline.js" */
/** @import { Book, Moment } from "../types.js" */
/** @import { Entry } from "./entries.js" */

/** How wide a number with its sign and three digits is, and the name of a row; in ems. */
const COLUMN = 4.6;
const NAMES = 8.5;
/** A table of fewer numbers does not stretch over the whole card. */
const FEW = 3;
/** From so many rows of text on there is room for the numbers and for all lines. */
const BOTH = 18;
const room = signal({ width: 600, height: 170 });
/** Whether all lines show in place of the numbers, in a card that has no room for both. */
const listed = signal(false);

/** @param {HTMLElement} element */
export function mount(element) {
  render(
    html`<div class="equation" role="group"></div>
      <div class="vectors"></div>
      <div class="all-lines"></div>`,
    element,
  );
  sized(element, (width, height) => (room.value = { width, height }));
  follow(element);
  drawn(
    () => state(element),
    (now) => now && draw(element, now),
  );
}

/** @param {HTMLElement} element */
function state(element) {
  if (faces.value.meaning !== "equation") return null;
  pass.value?.arrived.value;
  baseline.value?.arrived.value;
  return {
    now: pass.value,
    line: timeline.value,
    at: moment.value,
    selected: chosen.value,
    letters: book.value,
    shown: copies.value,
    isListed: listed.value,
    ...fit(element),
  };
}

/** How many units there is room for, and whether there is for all lines too. @param {HTMLElement} element */
function fit(element) {
  const em = Number.parseFloat(getComputedStyle(element).getPropertyValue("--digits")) * zoom.value;
  const { width, height } = room.value;
  return {
    most: Math.max(3, Math.floor((width / em - NAMES) / COLUMN) - 1),
    roomy: height / em >= BOTH,
  };
}

/** @param {HTMLElement} element @param {NonNullable<ReturnType<typeof state>>} state */
function draw(element, { now, line, at, selected, letters, isListed, most, roomy }) {
  if (!now || !line || !at) return;
  render(tools(ofWhat(now, at), letters, roomy ? null : isListed), toolsOf("equation"));
  element.classList.toggle("roomy", roomy);
  element.classList.toggle("listed", isListed && !roomy);
  const [equation, table, list] = /** @type {HTMLElement[]} */ ([...element.children]);
  drawEquation(equation, now, at, selected);
  drawTable(table, now, at, selected, most);
  if (roomy || isListed) drawLines(list, now, line, at, selected.parameter);
  for (const one of [equation, list]) light(one);
}

/** How many units each kind of line of a pass had room for. @type {WeakMap<Pass, Map<string, number>>} */
const fitting = new WeakMap();

/** The numbers, of as many units as there is room for. @param {HTMLElement} table @param {Pass} now @param {Moment} at @param {typeof chosen.value} selected @param {number} most */
function drawTable(table, now, at, selected, most) {
  const known = fitting.get(now) ?? new Map();
  fitting.set(now, known);
  const key = [at.phase, at.kind, at.line?.target, book.peek(), most].join();
  const fit = known.get(key) ?? most;
  const weights = at.phase === "sum" || at.phase === "update";
  const shown = weights
    ? totals(now, at, selected.parameter)
    : vectors(now, at, selected.unit, fit);
  render(shown, table);
  typesetAll(table);
  light(table);
  showCurrent(table);
  laidOut(() => {
    if (weights || fit <= 1 || table.scrollWidth <= table.clientWidth) return null;
    known.set(key, fit - 1);
    return () => drawTable(table, now, at, selected, most);
  });
}

/** @param {HTMLElement} equation @param {Pass} now @param {Moment} at @param {typeof chosen.value} selected */
function drawEquation(equation, now, at, selected) {
  const made = formula(now, at, selected);
  render(current(made), equation);
  typesetAll(equation);
  equation.classList.toggle("long", isLong(made));
  equation.classList.toggle("back", at.phase !== "forward");
  equation.setAttribute("aria-label", spoken(now, at));
}

/** @param {HTMLElement} list @param {Pass} now @param {Timeline} line @param {Moment} at @param {string} parameter */
function drawLines(list, now, line, at, parameter) {
  render(lines(now, line, at, parameter), list);
  typesetAll(list);
  laidOut(() => {
    const marked = /** @type {HTMLElement | null} */ (list.querySelector(".current"));
    if (!marked) return null;
    const top = marked.offsetTop - (list.clientHeight - marked.offsetHeight) / 2;
    return () => {
      list.scrollTop = top;
    };
  });
}

/** The letters, and the switch to all lines where `isListed` is not null. @param {string} what @param {Book} letters @param {boolean | null} isListed */
function tools(what, letters, isListed) {
  const choose = (/** @type {Event} */ { target }) =>
    (book.value = /** @type {Book} */ (/** @type {HTMLSelectElement} */ (target).value));
  const all = html`<button class="all" aria-pressed=${Boolean(isListed)} @click=${() => (listed.value = !isListed)}>all lines</button>`;
  return html`<span class="of-what">${what}</span>
    ${isListed === null ? nothing : all}
    <label class="book" title="${READING[letters]} (S)"><span class=${what ? "hidden-text" : ""}>symbols:</span>
      <select @change=${choose}>
        ${BOOKS.map(([name, word]) => html`<option value=${name} .selected=${name === letters}>${word}</option>`)}
      </select></label>`;
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
  const marked = symbols ? outputPlace(now, symbols.t, unit) : unit;
  const first = Math.max(0, Math.min(marked - Math.floor(most / 2), longest - most));
  const units = Array.from({ length: Math.min(most, longest) }, (_, i) => first + i);
  const last = units.at(-1) ?? 0;
  return html`<table class="numbers ${units.length < FEW ? "narrow" : ""}">
    <thead>
      <tr>
        <td class="folded">${longest > most ? `${span(first, last)} of ${count(longest)}` : nothing}</td>
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

/** @param {number} first @param {number} last */
function span(first, last) {
  return first === last ? `${first + 1}` : `${first + 1} to ${last + 1}`;
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
function line({ tex, label, values, strong, share, name, t }, units, unit) {
  const cell = (/** @type {number} */ i) => {
    if (i >= values.length) return html`<td></td>`;
    const old = was(name, t ?? 0, i);
    const kinds = `${i === unit ? "pinned" : ""} ${old === null ? "" : "changed"}`;
    return html`<td class=${kinds} title=${inFull(values[i], old)} data-name=${name} data-t=${t ?? nothing} data-unit=${i}>${short(values[i], { signed: !share })}</td>`;
  };
  return html`<tr class=${strong ? "strong" : ""}>
    <th scope="row" data-name=${name} data-t=${t ?? nothing}>${tex ? written(tex, label) : label}</th>
    ${units.map(cell)}
    <td class="norm-column" title=${full(length(values))}>${short(length(values))}</td>
  </tr>`;
}
