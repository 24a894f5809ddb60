/** One weight: its share at every step, multiplied out, and the sum that is its gradient. */

import { before, inFull } from "../changes.js";
import { drawn, showCurrent } from "../drawing.js";
import { plainName } from "../letters.js";
import { typesetAll, written } from "../notation.js";
import { full, short } from "../number.js";
import { VALUE_SCALE } from "../palette.js";
import { moment, moveToTimestep } from "../playhead.js";
import { baseline, book, chosen, faces, pass, selection, theme, timeline } from "../store.js";
import { html, nothing, render, svg } from "../vendor/lit-html/lit-html.js";
import { parameterTitle } from "../words.js";
import { toolsOf } from "./tabs.js";

/** @import { Pass } from "../pass.js" */
/** @import { Timeline } from "../timeline.js" */
/** @import { Moment, Selection, Tensor } from "../types.js" */
/** `step` is the one whose own parameters show, null where all share them. @typedef {{ now: Pass, line: Timeline, at: Moment, selected: Selection, look: "light" | "dark", step: number | null }} State */

/** A map of more entries than this would be dust. */
const MOST = 4096;
const SIDE = { small: 72, large: 120 };

/** @param {HTMLElement} element */
export function mount(element) {
  drawn(
    () => {
      if (faces.value.plots !== "weight") return null;
      const [now, line, at] = [pass.value, timeline.value, moment.value];
      now?.arrived.value;
      baseline.value;
      book.value;
      const [selected, look] = [chosen.value, theme.value];
      if (!now || !line || !at) return null;
      return { now, line, at, selected, look, step: now.ownStep(at) };
    },
    (state) => state && draw(element, state),
  );
}

/** @param {HTMLElement} element @param {State} state */
function draw(element, state) {
  render(tools(state), toolsOf("weight"));
  render(face(state), element);
  typesetAll(element);
  showCurrent(/** @type {HTMLElement} */ (element.querySelector(".shares")));
}

/** Which weight it is. @param {State} state */
function tools(state) {
  const { now, selected, step } = state;
  const [rows, columns = 1] = now.shapeOf(selected.parameter);
  const matrix = now.parameters.get(selected.parameter)?.role === "matrix";
  return html`${step === null ? nothing : html`<span>step ${step + 1}</span>`}
    <label class="pick"><span class="hidden-text">Parameter</span>${parameters(state)}</label>
    ${index("row", selected.row, rows, "row")} ${matrix ? index("column", selected.column, columns, "col") : nothing}`;
}

/** @param {State} state */
function face(state) {
  const { now, selected } = state;
  const [rows, columns = 1] = now.shapeOf(selected.parameter);
  const matrix = now.parameters.get(selected.parameter)?.role === "matrix";
  return html`<div class="weight-body">
      ${rows * columns <= MOST && matrix ? map(state, rows, columns) : nothing}
      ${shares(state)}
    </div>
    ${outcome(state)}`;
}

/** @param {State} state */
function parameters({ now, selected }) {
  return html`<select @change=${(/** @type {Event} */ e) => choose({ parameter: /** @type {HTMLSelectElement} */ (e.target).value })}>
    ${now.plan.parameters.map(
      ({ name }) =>
        html`<option value=${name} .selected=${name === selected.parameter}>${parameterTitle(now, name)}</option>`,
    )}
  </select>`;
}

/** @param {Partial<Selection>} part */
function choose(part) {
  selection.value = { ...selection.peek(), ...chosen.peek(), ...part };
}

/** @param {"row" | "column"} part @param {number} value @param {number} most @param {string} label */
function index(part, value, most, label) {
  return html`<label class="pick">${label}
    <input type="number" min="1" max=${most} .value=${String(value + 1)}
      @change=${(/** @type {Event} */ e) => chooseIndex(part, most, /** @type {HTMLInputElement} */ (e.target))} /></label>`;
}

/** @param {"row" | "column"} part @param {number} most @param {HTMLInputElement} input */
function chooseIndex(part, most, input) {
  const value = Math.min(most, Math.max(1, Math.round(Number(input.value) || 1)));
  input.value = String(value);
  choose({ [part]: value - 1 });
}

/** The values of the matrix, the chosen entry framed. @param {State} state @param {number} rows @param {number} columns */
function map({ now, selected, look, step }, rows, columns) {
  const tensor = now.parameter(selected.parameter, step);
  if (!tensor) return nothing;
  const room = innerHeight < 900 ? SIDE.small : SIDE.large;
  const side = Math.min(room / rows, room / columns, 16);
  const largest = Array.from(tensor.data, Number).reduce(
    (most, value) => Math.max(most, Math.abs(value)),
    1e-12,
  );
  const cells = Array.from(tensor.data, Number).map((value, i) => {
    const [x, y] = [(i % columns) * side, Math.floor(i / columns) * side];
    return svg`<rect x=${x} y=${y} width=${side} height=${side} fill=${colorOf(value / largest, look)}></rect>`;
  });
  return html`<svg class="matrix" width=${columns * side + 2} height=${rows * side + 2} viewBox="-1 -1 ${columns * side + 2} ${rows * side + 2}"
    role="img" aria-label="the values of ${plainName(selected.parameter)}" @click=${(/** @type {MouseEvent} */ e) => chooseAt(e, side, rows, columns)}>
    ${cells}
    ${svg`<rect class="entry" x=${selected.column * side} y=${selected.row * side} width=${side} height=${side}></rect>`}
  </svg>`;
}

/** @param {MouseEvent} event @param {number} side @param {number} rows @param {number} columns */
function chooseAt(event, side, rows, columns) {
  const box = /** @type {Element} */ (event.currentTarget).getBoundingClientRect();
  const column = Math.min(
    columns - 1,
    Math.max(0, Math.floor((event.clientX - box.left - 1) / side)),
  );
  const row = Math.min(rows - 1, Math.max(0, Math.floor((event.clientY - box.top - 1) / side)));
  choose({ row, column });
}

/** A value from −1 to 1 on the scale of values. @param {number} value @param {"light" | "dark"} look */
function colorOf(value, look) {
  const scale = VALUE_SCALE[look];
  const place = ((value + 1) / 2) * (scale.length - 1);
  const low = Math.min(scale.length - 2, Math.floor(place));
  return `color-mix(in srgb, ${scale[low + 1][1]} ${((place - low) * 100).toFixed(1)}%, ${scale[low][1]})`;
}

/** @param {State} state */
function shares(state) {
  const { now, selected } = state;
  const multiplied = now.parameters.get(selected.parameter)?.role !== "bias";
  const steps = Array.from({ length: now.sizes.T }, (_, i) => now.sizes.T - 1 - i);
  return html`<div class="shares" tabindex="0" aria-label="Shares by step">
    <table class="numbers">
      <thead><tr>
        <th scope="col">step</th>
        <th scope="col" title=${first(now)}>${written("\\delta_t", "delta")}</th>
        ${multiplied ? html`<th scope="col" title=${first(now)}>${written("z_t", "input")}</th>` : nothing}
        <th scope="col">${now.shared ? "share" : "gradient"}${now.sizes.B > 1 ? `, all ${now.sizes.B}` : ""}</th>
      </tr></thead>
      <tbody>${steps.map((t) => shareRow(state, t, multiplied))}</tbody>
    </table>
  </div>`;
}

/** Whose factors are set out where a share is a sum of several products. @param {Pass} now */
function first({ sizes }) {
  return sizes.B > 1 ? `of sequence 1 of ${sizes.B}` : nothing;
}

/** @param {State} state @param {number} t @param {boolean} multiplied */
function shareRow({ now, line, at, selected }, t, multiplied) {
  const { parameter, row, column } = selected;
  const earned = at.index >= line.earned(`share.${parameter}`, t);
  const known = earned ? now.share(parameter, t, row, column) : null;
  const ahead = html`<td class="ahead">·</td>`;
  return html`<tr class=${t === at.t ? "current" : ""} @click=${() => moveToTimestep(t)}>
    <th scope="row">${t + 1}</th>
    ${known ? values(known, multiplied, wasShare(selected, t)) : [ahead, multiplied ? ahead : nothing, ahead]}
  </tr>`;
}

/** What was there without the overrides, null for what is the same. @param {Selection} selected @param {number} t */
function wasShare({ parameter, row, column }, t) {
  const read = (/** @type {"share" | "delta" | "z"} */ part) =>
    before((one) => one.share(parameter, t, row, column)?.[part]);
  return { share: read("share"), delta: read("delta"), z: read("z") };
}

/** @param {NonNullable<ReturnType<Pass["share"]>>} known @param {boolean} multiplied @param {ReturnType<typeof wasShare>} was */
function values({ share, delta, z, products }, multiplied, was) {
  const more = products > 1 ? " + …" : "";
  const times =
    z === null
      ? html`<td></td>`
      : html`<td class=${mark(was.z)} title=${inFull(z, was.z)}>× ${short(z)}${more}</td>`;
  return html`<td class=${mark(was.delta)} title=${inFull(delta, was.delta)}>${short(delta, { signed: true })}${multiplied ? "" : more}</td>
    ${multiplied ? times : nothing}
    <td class="share ${mark(was.share)}" title=${inFull(share, was.share)}>${short(share, { signed: true })}</td>`;
}

/** @param {number | null} old */
function mark(old) {
  return old === null ? "" : "changed";
}

/** The sum of what is there so far; then the gradient, then the update. @param {State} state */
function outcome(state) {
  const { now, line, at, selected, step } = state;
  const { parameter, row, column } = selected;
  if (at.phase === "update") return updated(state);
  const steps = Array.from({ length: now.sizes.T }, (_, t) => t);
  const known = steps.filter((t) => at.index >= line.earned(`share.${parameter}`, t));
  if (step !== null) return own(state, step, known.includes(step));
  const sumOf = (/** @type {Pass} */ one) =>
    known.reduce((all, t) => all + (one.share(parameter, t, row, column)?.share ?? 0), 0);
  const gradient = entryOf(now, now.gradient(parameter), selected);
  if (known.length === now.sizes.T && gradient !== null)
    return html`<p class="outcome">These ${known.length} add up to its gradient: ${strong(gradient, wasGradient(selected))}</p>`;
  if (known.length === 0) return html`<p class="outcome quiet">Shares come with the way back.</p>`;
  return html`<p class="outcome">So far, ${known.length} of ${now.sizes.T}: ${strong(sumOf(now), before(sumOf))}</p>`;
}

/** @param {Selection} selected */
function wasGradient(selected) {
  return before((one) => entryOf(one, one.gradient(selected.parameter), selected));
}

/** @param {number} gradient @param {number | null} [old] */
function strong(gradient, old = null) {
  return html`<b class="gradient ${mark(old)}" title=${inFull(gradient, old)}>${short(gradient, { signed: true })}</b>`;
}

/** A step's own weight has the gradient of that step alone. @param {State} state @param {number} step @param {boolean} known */
function own({ now, selected }, step, known) {
  const { parameter, row, column } = selected;
  const share = known ? now.share(parameter, step, row, column)?.share : undefined;
  if (share === undefined)
    return html`<p class="outcome quiet">Its gradient comes with the way back.</p>`;
  return html`<p class="outcome">No other step adds to its gradient: ${strong(share)}</p>`;
}

/** @param {State} state */
function updated({ now, selected, step }) {
  const { parameter } = selected;
  const [before, after, gradient] = [
    now.parameter(parameter, step),
    now.updated(parameter, step),
    now.gradient(parameter, step),
  ].map((tensor) => entryOf(now, tensor, selected));
  if (before === null || after === null || gradient === null) return nothing;
  return html`<p class="outcome"><span title=${full(before)}>${short(before, { digits: 5 })}</span>
    ${change(now, before - after, gradient)} = <b title=${full(after)}>${short(after, { digits: 5 })}</b></p>`;
}

/** What is taken from a weight: of gradient descent as a product; else the change, by its rule's name. @param {Pass} now @param {number} taken @param {number} gradient */
function change(now, taken, gradient) {
  const { kind, learning_rate: rate } = now.plan.spec.optimizer;
  const clipped = now.clipScale === 1 ? "" : ` × ${short(now.clipScale)}`;
  if (kind === "sgd")
    return html`− ${full(rate)}${clipped} × <b class="gradient" title=${full(gradient)}>${short(gradient)}</b>`;
  const size = Math.abs(taken);
  return html`${taken < 0 ? "+" : "−"} <span title=${full(size)}>${short(size)}</span> (${kind})`;
}

/** @param {Pass} now @param {Tensor | null} tensor @param {Selection} selected */
function entryOf(now, tensor, { parameter, row, column }) {
  const [, columns = 1] = now.shapeOf(parameter);
  return tensor ? Number(tensor.data[row * columns + column]) : null;
}
