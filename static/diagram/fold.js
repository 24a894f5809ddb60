/** The network rolled up: where its rows, its loops and its parameters lie, in pixels. Arithmetic only. */

import { statesOf } from "./circuit.js";

/** @import { Parameter, Plan, Row } from "../types.js" */

/** A strip: its row of the plan with its place. @typedef {{ row: Row, left: number, top: number, width: number, height: number }} Band */
/** A state's way from a step to the next: out of its layer's box at `out`, back in at `into`. @typedef {{ row: Row, left: number, right: number, out: number, into: number, parameters: Parameter[] }} Loop */
/** What goes up from one row to the next. @typedef {{ x: number, from: number, to: number, parameters: Parameter[], into: Row }} Rise */
/**
 * @typedef {{
 *   bands: Band[], boxes: { layer: number, left: number, top: number, width: number, height: number }[],
 *   loops: Loop[], rises: Rise[], text: { left: number, top: number, width: number },
 *   labels: number, aside: number, width: number, height: number, scale: number,
 * }} Fold `labels` is where the names of the rows end, `aside` where what is told beside begins
 */

const STRIP = 50;
const PAD = 9;
const BESIDE = 12;
const LABELS = 84;
/** Over the topmost row and under the lowest, for the symbols. */
const SYMBOL = 24;
const GAP = 34;
const GAP_OF_SEVERAL = 27;
/** A loop is so high at the least. */
const LANE = 35;
const LOWEST = 30;
const HIGHEST = 96;
const LOOP = 330;
/** So wide is a loop at the least: with what stands in it for every parameter. */
const LOOP_EMPTY = 50;
const LOOP_EACH = 62;
/** Room for what is said beside a loop. */
const SAID = 96;
const NARROW_LABELS = 82;
const TEXT = 250;
const MOST = 470;

/** @param {Plan} plan @param {{ width: number, height: number, scale: number, left: number, top: number }} room `left` and `top` are kept free @returns {Fold} */
export function fold(plan, { width, height, scale, left, top }) {
  const s = scale;
  const states = statesOf(plan);
  const across = Math.max(1, states.length);
  const labels = left + (left > 0 ? LABELS : NARROW_LABELS) * s;
  const boxWide = (across * STRIP + (across - 1) * BESIDE + 2 * PAD) * s;
  const boxLeft = labels + 14 * s;
  const beside = width - boxLeft - boxWide - LOOP * s > TEXT * s;
  const least = (LOOP_EMPTY + LOOP_EACH * mostAround(plan)) * s;
  const loopWide = beside
    ? LOOP * s
    : Math.min(LOOP * s, Math.max(least, width - boxLeft - boxWide - SAID * s));
  const rows = heights(plan, height - top, s, states.length);
  /** @type {Fold} */
  const made = {
    bands: [],
    boxes: [],
    loops: [],
    rises: [],
    text: { left: 0, top: 0, width: 0 },
    labels,
    aside: 0,
    width,
    height,
    scale,
  };
  const middle = boxLeft + boxWide / 2;
  let y = top + SYMBOL * s;
  for (const { rows: own, layer, high } of rows) {
    const wide = layer === null ? STRIP * s : boxWide;
    if (layer !== null) {
      made.boxes.push({ layer, left: boxLeft, top: y, width: wide, height: high });
      addLoops(made, plan, own, { left: boxLeft + boxWide, wide: loopWide, top: y, high });
    }
    const pad = layer === null ? 0 : PAD * s;
    // Where several states share a box their symbols stand in it.
    const head = own.length > 1 ? SYMBOL * 0.75 * s : 0;
    const each = STRIP * s;
    own.forEach((row, i) => {
      const at = layer === null ? middle - each / 2 : boxLeft + pad + i * (each + BESIDE * s);
      made.bands.push({
        row,
        left: at,
        top: y + pad + head,
        width: each,
        height: high - 2 * pad - head,
      });
    });
    y += high + gapOf(plan) * s;
  }
  addRises(made, plan, middle);
  const end = y - gapOf(plan) * s + SYMBOL * s;
  made.height = Math.max(height, end);
  made.width = Math.max(width, boxLeft + boxWide + loopWide + SAID * s);
  const right = boxLeft + boxWide + loopWide + 110 * s;
  made.aside = beside ? right - 16 : made.width;
  made.text = beside
    ? { left: right, top: height / 2, width: Math.min(MOST * s, width - right - 8) }
    : { left: 12, top: end + 8, width: width - 24 };
  if (!beside) made.height = end + 140 * s;
  return made;
}

/** Between rows; the more layers, the closer. @param {Plan} plan */
function gapOf({ sizes }) {
  return sizes.L > 1 ? GAP_OF_SEVERAL : GAP;
}

/** How many parameters stand in one loop at the most. @param {Plan} plan */
function mostAround(plan) {
  const own = parametersOf(plan, 0);
  return Math.max(
    0,
    ...statesOf(plan).map(
      (state) => own.filter(({ input }) => reads(input, `${state}_prev`)).length,
    ),
  );
}

/** The prediction, the layers from the top, the input; each with its height. @param {Plan} plan @param {number} room @param {number} s @param {number} states */
function heights(plan, room, s, states) {
  const { rows, sizes } = plan;
  const kinds = statesOf(plan);
  const layers = Array.from({ length: sizes.L }, (_, i) => sizes.L - 1 - i).map((layer) => ({
    layer: /** @type {number | null} */ (layer),
    rows: rows
      .filter(
        (row) =>
          row.layer === layer &&
          (kinds.includes(row.local) || (kinds.length === 0 && row.local === "h")),
      )
      .reverse(),
    weight: 1.5 + 0.35 * Math.max(0, states - 1),
  }));
  const ends = [rows[0], rows[rows.length - 1]].map((row) => ({
    layer: null,
    rows: [row],
    weight: 1,
  }));
  const all = [ends[0], ...layers, ends[1]];
  const free = room - 2 * SYMBOL * s - (all.length - 1) * gapOf(plan) * s;
  const weights = all.reduce((sum, { weight }) => sum + weight, 0);
  const unit = Math.max(LOWEST * s, Math.min(HIGHEST * s, free / weights));
  return all.map((one) => ({
    ...one,
    high: Math.max(unit * one.weight, one.layer === null ? 0 : states * LANE * s),
  }));
}

/** A loop for every state that goes on, one under the other. @param {Fold} made @param {Plan} plan @param {Row[]} own @param {{ left: number, wide: number, top: number, high: number }} box */
function addLoops(made, plan, own, { left, wide, top, high }) {
  const states = own.filter((row) => statesOf(plan).includes(row.local));
  if (plan.spec.recurrence === "none") return;
  const lane = high / states.length;
  const sorted = [...states].reverse();
  sorted.forEach((row, i) => {
    const at = top + i * lane;
    const inset = states.length > 1 ? 0.16 : 0.2;
    const parameters = parametersOf(plan, row.layer).filter(({ input }) =>
      reads(input, `${row.local}_prev`),
    );
    made.loops.push({
      row,
      left,
      right: left + wide,
      out: at + lane * inset,
      into: at + lane * (1 - inset),
      parameters,
    });
  });
}

/** @param {Plan} plan @param {number | null} layer */
function parametersOf(plan, layer) {
  return plan.parameters.filter((one) => one.layer === layer);
}

/** @param {string | null} input @param {string} name */
function reads(input, name) {
  return new RegExp(`\\b${name}\\b`).test(input ?? "");
}

/** From each row up to the next: the parameters that read it, with the last those of the readout. @param {Fold} made @param {Plan} plan @param {number} x */
function addRises(made, plan, x) {
  const tops = [made.bands[0], ...made.boxes, made.bands[made.bands.length - 1]];
  const states = statesOf(plan).map((state) => `${state}_prev`);
  for (let i = 0; i + 1 < tops.length; i++) {
    const [upper, lower] = [tops[i], tops[i + 1]];
    const layer = i === 0 ? null : made.boxes[i - 1].layer;
    const own = parametersOf(plan, layer);
    const parameters = own.filter(
      ({ input }) => layer === null || !states.some((state) => reads(input, state)),
    );
    const into =
      i === 0
        ? made.bands[0].row
        : /** @type {Row} */ (plan.rows.find((row) => row.layer === layer && row.local === "h"));
    made.rises.push({ x, from: lower.top, to: upper.top + upper.height, parameters, into });
  }
}
