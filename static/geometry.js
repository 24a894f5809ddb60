/** Where everything on the stage lies, in pixels: strips, gaps, columns. Arithmetic only. */

import { windows } from "./truncation.js";

/** @import { Plan, Row } from "./types.js" */

/**
 * A strip of the stage: one row of the plan with its place. `arrows` tells that the gap below it
 * is wide enough for arrows.
 * @typedef {{ row: Row, top: number, height: number, arrows: boolean }} Strip
 * @typedef {{
 *   strips: Strip[], first: number, columns: number, pitch: number, left: number, strip: number,
 *   width: number, height: number, full: boolean, scale: number, head: number,
 * }} Geometry `first` is the timestep of the first column; `full` that there is room for numbers;
 *   `scale` is how large the type is against the ordinary; `head` the room over the columns
 */

/** How tall a row is against the others, by its kind. */
const WEIGHT = /** @type {Record<string, number>} */ ({
  prediction: 1,
  state: 1.25,
  value: 0.5,
  fed: 0.6,
  input: 0.8,
});
const LEAST = /** @type {Record<string, number>} */ ({
  prediction: 12,
  state: 16,
  value: 8,
  fed: 8,
  input: 10,
});
/** Room over those for what ends at a border of truncation. */
const BORDERS = 14;
/** How far down the symbols over the columns begin. */
export const SYMBOL_TOP = 12;
/** Room for the symbols over the columns, and for the guess under them where it is told. */
const SYMBOLS = 34;
const GUESS = 16;
const BELOW = 30;
const NARROW = 3;
/** More rows than this come closer together. */
const CALM = 9;
/** Room for the names of the rows, where they are but letters. */
const LETTERS = 72;
/** Room for the number beside the last column's arrow. */
const RIGHT = 36;
/** Up to this many columns every band and arrow has its place. */
export const FEW = 16;
/** Up to this many columns of so many units each a strip has; beyond that there is a window. */
const MANY = 50;
const UNITS = 32;
const LEAST_PITCH = 30;
const TOUCH_PITCH = 58;

/**
 * The layout for a pass in a box; the playhead's column is always in view.
 * @param {Plan} plan @param {number} width @param {number} height @param {number} current a timestep
 * @param {number} [scale] of the type @param {boolean} [small] one of several beside each other: letters for names, no numbers
 * @returns {Geometry}
 */
export function geometry(plan, width, height, current, scale = 1, small = false) {
  const { T } = plan.sizes;
  const left = small ? LETTERS : namesOf(plan, width) * Math.max(1, 0.85 * scale);
  const room = width - left - (T <= FEW ? RIGHT : 16);
  const columns = columnCount(plan, room);
  const pitch = Math.max(room / columns, width < 700 && !small ? TOUCH_PITCH : 0);
  const first = Math.min(Math.max(0, current - Math.floor(columns / 2)), T - columns);
  const full = columns <= FEW && !small;
  const strip = Math.round(Math.min(76, pitch * partOf(plan, full)));
  // Side by side all have the lane of the borders, so that their rows are level.
  const head = small || isCut(plan) ? BORDERS * scale : 0;
  const above = head + (full ? SYMBOLS + GUESS : SYMBOLS) * scale;
  const strips = stack(rowsOf(plan), height, above, BELOW * scale);
  const bottom = /** @type {Strip} */ (strips.at(-1));
  return {
    strips,
    first,
    columns,
    pitch,
    left,
    strip,
    full,
    scale,
    head,
    width: left + pitch * columns + (full ? RIGHT : 16),
    height: bottom.top + bottom.height + BELOW * scale,
  };
}

/** The room for the names of the rows: a gate's is a word with its parameters' letters beside it. @param {Plan} plan @param {number} width */
function namesOf({ rows }, width) {
  if (width < 700) return 92;
  const words = rows.some(({ kind }) => kind === "value") ? 36 : 0;
  return Math.min(150, Math.max(104, width * 0.075) + words);
}

/** The rows from the top; the output before, where it is fed back, over the input. @param {Plan} plan @returns {Row[]} */
function rowsOf({ rows, spec, sizes }) {
  if (spec.feedback.source !== "output") return rows;
  const bounds = rows[0].bounds;
  const [name, word] = ["y_prev", "output before"];
  const fed = { name, local: name, word, kind: "fed", layer: null, size: sizes.O, bounds };
  return [...rows.slice(0, -1), fed, ...rows.slice(-1)];
}

/** How much of its pitch a column takes: less where what is fed back passes between. @param {Plan} plan @param {boolean} full */
function partOf({ spec }, full) {
  if (!full) return 0.5;
  return spec.feedback.source === "output" ? 0.38 : 0.44;
}

/** Whether truncation cuts anything. @param {Plan} plan */
function isCut({ spec, sizes }) {
  return windows(spec.algorithm, sizes.T).some(({ begin }) => begin > 0);
}

/** How many timesteps show at once: all, or a window of them. @param {Plan} plan @param {number} room */
function columnCount({ sizes }, room) {
  const { T, H } = sizes;
  return T <= FEW || (T <= MANY && H <= UNITS && room / T >= LEAST_PITCH) ? T : FEW;
}

/** Whether only a window of the steps shows, so that all of them need a picture of their own. @param {Plan} plan @param {number} width */
export function isWindowed(plan, width) {
  return geometry(plan, width, 300, 0).columns < plan.sizes.T;
}

/** The middle of a column. @param {Geometry} g @param {number} t */
export function middle(g, t) {
  return g.left + (t - g.first + 0.5) * g.pitch;
}

/** How wide the frame round a column is. @param {Geometry} g */
export function frameWidth({ pitch, strip }) {
  return Math.min(pitch - 6, strip + Math.max(16, pitch * 0.46));
}

/** Whether a timestep is in view. @param {Geometry} g @param {number} t */
export function inView(g, t) {
  return t >= g.first && t < g.first + g.columns;
}

/** The timesteps in view. @param {Geometry} g */
export function timesteps(g) {
  return Array.from({ length: g.columns }, (_, i) => g.first + i);
}

/** @param {Row[]} rows @param {number} height @param {number} above @param {number} below @returns {Strip[]} */
function stack(rows, height, above, below) {
  const arrows = rows.map((row, i) => wide(row, rows[i + 1]));
  const wideGap = Math.min(40, Math.max(12, height * 0.072 * Math.min(1, CALM / rows.length)));
  const gaps = arrows.slice(0, -1).reduce((sum, isWide) => sum + (isWide ? wideGap : NARROW), 0);
  const weights = rows.reduce((sum, row) => sum + WEIGHT[row.kind], 0);
  const unit = (height - above - below - gaps) / weights;
  let top = above;
  return rows.map((row, i) => {
    const strip = {
      row,
      top,
      height: Math.max(LEAST[row.kind], Math.floor(unit * WEIGHT[row.kind])),
      arrows: arrows[i],
    };
    top += strip.height + Math.round(arrows[i] ? wideGap : NARROW);
    return strip;
  });
}

/** Between gates there is nothing to draw, nor between what is given; everywhere else arrows pass. @param {Row} row @param {Row | undefined} next */
function wide(row, next) {
  if (!next) return false;
  return row.kind !== "fed" && !(row.kind === "value" && next.kind === "value");
}
