/** The triangle: which step's loss reaches the state of which earlier step, and how strongly. */

import { counted, downwards } from "../figure.js";
import { rowNamed } from "../names.js";
import { short } from "../number.js";
import { GRADIENT_SCALE, PLOT } from "../palette.js";
import { odd } from "./odd.js";
import { scale } from "./options.js";
import { rowOf, states, wordOf } from "./rows.js";

/** @import { MapMark, Mark } from "../figure.js" */
/** @import { Pass } from "../pass.js" */
/** @import { Hit, Made, Source } from "./catalogue.js" */

/** Over so many powers of ten a logarithmic map tells sizes apart. */
const DECADES = 6;
/** How wide the bars at the edges are, as a part of the triangle. */
const MARGIN = 0.16;

/** @type {Made} */
export const triangle = {
  moves: false,
  needs: () => ["flow"],
  tops: (source) => {
    const rows = matrixOf(source);
    return rows ? [largestOf(rows), longest(rows)] : [];
  },
  choices: (pass) => [
    { name: "of", word: "of", choices: states(pass) },
    scale("log"),
    {
      name: "measure",
      word: "as",
      choices: [
        ["absolute", "absolute"],
        ["relative", "of its own step"],
      ],
    },
  ],
  figure,
  reading,
  now: ({ pass, moment }) =>
    moment.t === null
      ? null
      : { x: [moment.t + 0.5, moment.t + 1.5], y: [moment.t + 0.5, pass.sizes.T + 0.5] },
  hit,
  mark: ({ pass, options }, { name, t }) =>
    rowNamed(name) === options.of && t !== null
      ? { x: [t + 0.5, t + 1.5], y: [t + 0.5, pass.sizes.T + 0.5] }
      : null,
  table,
};

/** @param {Source} source */
function figure(source) {
  const rows = matrixOf(source);
  if (!rows) return null;
  const { pass, theme, options, room } = source;
  const { T } = pass.sizes;
  const steps = Array.from({ length: T }, (_, t) => t + 1);
  const [top, end] = source.tops ?? [largestOf(rows), longest(rows)];
  const z = rows.map((row) => row.map((value) => toned(value, options.scale, top)));
  /** @type {MapMark} */
  const map = { kind: "map", x: steps, y: steps, z, scale: GRADIENT_SCALE[theme], range: [0, 1] };
  const isHere = (/** @type {number} */ t, /** @type {number} */ k) =>
    k <= t && !isOrdinary(rows[t][k]) && isArrived(source, k);
  const y = downwards(counted(T, room.high / 1.4, "loss of step"));
  const x = counted(T, Math.min(room.wide * 0.58, room.high) / 3, "state of step");
  const wide = Math.max(1, T * MARGIN);
  return {
    marks: [
      ...cut(source),
      map,
      ...odd(map, theme, isHere),
      ...edges(rows, end, wide, PLOT[theme].bar),
    ],
    x: { ...x, range: /** @type {[number, number]} */ ([0.5, T + 0.5 + wide]) },
    y: { ...y, range: /** @type {[number, number]} */ ([T + 0.5, 0.5 - wide]) },
    square: true,
  };
}

/** @param {number} value */
function isOrdinary(value) {
  return Number.isFinite(value);
}

/** Whether the column of a state has come: the last ones come first. @param {Source} source @param {number} k */
function isArrived({ since }, k) {
  return k >= since;
}

/** What was made of a matrix last, and of how much of it. @type {WeakMap<import("../types.js").Tensor, { key: string, rows: number[][] }>} */
const made = new WeakMap();

/** The norms, a row a loss; null where none are here. @param {Source} source @returns {number[][] | null} */
function matrixOf({ pass, found, since, options }) {
  const tensor = found(`flow.${options.of}`);
  if (!tensor) return null;
  const key = [since, options.measure].join();
  const known = made.get(tensor);
  if (known?.key === key) return known.rows;
  const rows = rowsOf(tensor.data, pass.sizes.T, options.measure === "relative");
  made.set(tensor, { key, rows });
  return rows;
}

/** @param {import("../types.js").Numbers} data @param {number} T @param {boolean} isRelative to what reaches the loss's own step */
function rowsOf(data, T, isRelative) {
  return Array.from({ length: T }, (_, t) => {
    const row = Array.from(data.subarray(t * T, (t + 1) * T), Number);
    const own = isRelative ? row[t] : 1;
    return row.map((value, k) => (k > t ? Number.NaN : own === 0 ? 0 : value / own));
  });
}

/** @param {number[][]} rows */
function largestOf(rows) {
  let most = 0;
  for (const row of rows)
    for (const value of row) if (value > most && value < Number.POSITIVE_INFINITY) most = value;
  return most;
}

/** How strong a norm shows, 0 to 1; exactly 0 stays clear. @param {number} value @param {string} by @param {number} most */
function toned(value, by, most) {
  if (!isOrdinary(value) || value === 0) return Number.NaN;
  if (by === "linear") return value / most;
  return Math.max(0.02, 1 + Math.log10(value / most) / DECADES);
}

/** What each state receives, over the triangle, and what each loss sends, beside it: norms, end to end. @param {number[][]} rows @param {number} most the longest bar @param {number} wide @param {string} color @returns {Mark[]} */
function edges(rows, most, wide, color) {
  const T = rows.length;
  const [received, sent] = [columnSums(rows), rows.map((row) => sum(row))];
  const steps = received.map((_, i) => i + 1);
  const long = (/** @type {number} */ value) =>
    Number.isFinite(value) ? (value / most) * wide * 0.9 : 0;
  return [
    {
      kind: "bars",
      x: steps,
      y: received.map((value) => -long(value)),
      base: 0.5 - wide * 0.04,
      color,
    },
    { kind: "bars", x: sent.map(long), y: steps, base: T + 0.5 + wide * 0.04, lying: true, color },
  ];
}

/** What the longest bar stands for. @param {number[][]} rows */
function longest(rows) {
  const ends = [...columnSums(rows), ...rows.map(sum)].filter(Number.isFinite);
  return Math.max(...ends, 1e-300);
}

/** @param {number[][]} rows */
function columnSums(rows) {
  return rows.map((_, k) => sum(rows.map((row) => row[k])));
}

/** Of those that are numbers and there. @param {number[]} values */
function sum(values) {
  return values.reduce((total, value) => total + (Number.isNaN(value) ? 0 : value), 0);
}

/** From which step (from 0) on the loss of step t goes back under truncation. @param {Pass} pass @param {number} t */
function begins({ windows }, t) {
  return windows.find(({ first, end }) => t >= first && t < end)?.begin ?? 0;
}

/** What truncation cuts off, hatched. @param {Source} source @returns {Mark[]} */
function cut({ pass, theme }) {
  const { T } = pass.sizes;
  if (pass.windows.length < 2) return [];
  const x = [0.5];
  const y = [0.5];
  for (let t = 0; t < T; t++) {
    const edge = begins(pass, t) + 0.5;
    x.push(edge, edge);
    y.push(t + 0.5, t + 1.5);
  }
  return [
    { kind: "area", x: [...x, 0.5], y: [...y, T + 0.5], color: PLOT[theme].faint },
    { kind: "line", x, y, color: PLOT[theme].accent, width: 1.5 },
  ];
}

/** Of all that the losses send to earlier steps, what truncation throws away. @param {Pass} pass @param {number[][]} rows */
function thrown(pass, rows) {
  let [away, all] = [0, 0];
  for (const [t, row] of rows.entries())
    for (let k = 0; k <= t; k++) {
      all += row[k];
      if (k < begins(pass, t)) away += row[k];
    }
  return { away, all };
}

/** @param {Source} source */
function reading(source) {
  const { pass, options } = source;
  const rows = matrixOf(source);
  const what = wordOf(pass, rowOf(pass, options.of));
  const unit =
    options.measure === "relative" ? "its norm as a part of what reaches its own step" : "its norm";
  const read = `Row: whose loss. Column: the ${what} it reaches, ${unit}. Bars: all that a step receives (top) and sends (right), end to end.`;
  if (!rows) return read;
  return read + apart(source, rows) + cutTold(pass, rows) + oddTold(source, rows);
}

/** Whether the losses reach no step but their own. @param {Source} source @param {number[][]} rows */
function apart({ since, pass }, rows) {
  const alone =
    since === 0 && rows.every((row, t) => row.every((value, k) => k >= t || value === 0));
  return alone && pass.sizes.T > 1
    ? " Every loss reaches its own step alone: the steps have come apart."
    : "";
}

/** @param {Pass} pass @param {number[][]} rows */
function cutTold(pass, rows) {
  if (pass.windows.length < 2) return "";
  const { away, all } = thrown(pass, rows);
  if (!(all > 0) || !Number.isFinite(all)) return "";
  return ` Hatched: cut by truncation, ${short(away)} of ${short(all)} (${short((100 * away) / all)}%).`;
}

/** The first loss that sends what is not finite, and how far back it is not yet. @param {Source} source @param {number[][]} rows */
function oddTold({ since }, rows) {
  for (const [t, row] of rows.entries()) {
    const k = row.findLastIndex((value, at) => at <= t && at >= since && !isOrdinary(value));
    if (k >= 0) return ` Red: not finite, first from the loss of step ${t + 1} to step ${k + 1}.`;
  }
  return "";
}

/** @param {Source} source @param {number} x @param {number} y @returns {Hit | null} */
function hit(source, x, y) {
  const [k, t] = [Math.round(x) - 1, Math.round(y) - 1];
  const rows = matrixOf(source);
  const { T } = source.pass.sizes;
  if (!rows || k > T - 1 || t < 0) return edgeHit(rows, k, t);
  const value = rows[t]?.[k];
  if (value === undefined || k > t) return null;
  const { pass, options } = source;
  const kept = k >= begins(pass, t) ? "" : ", cut by truncation";
  return {
    told: `loss of step ${t + 1} to the ${wordOf(pass, rowOf(pass, options.of))} of step ${k + 1}${kept}`,
    value,
    region: { x: [k + 0.5, k + 1.5], y: [t + 0.5, t + 1.5] },
    t: k,
    lit: { name: options.of, t: k, unit: null },
    reach: { from: t, to: k, name: options.of },
  };
}

/** @param {number[][] | null} rows @param {number} k @param {number} t @returns {Hit | null} */
function edgeHit(rows, k, t) {
  const T = rows?.length ?? 0;
  if (rows && t < 0 && k >= 0 && k < T) {
    const value = columnSums(rows)[k];
    const region = /** @type {Hit["region"]} */ ({ x: [k + 0.5, k + 1.5], y: [0.5, -T * MARGIN] });
    return { told: `all that step ${k + 1} receives, end to end`, value, region, t: k, lit: null };
  }
  if (!rows || t < 0 || t >= T || k < T) return null;
  const region = /** @type {Hit["region"]} */ ({
    x: [T + 0.5, T * (1 + MARGIN) + 0.5],
    y: [t + 0.5, t + 1.5],
  });
  return {
    told: `all that the loss of step ${t + 1} sends, end to end`,
    value: sum(rows[t]),
    region,
    t,
    lit: null,
  };
}

/** @param {Source} source */
function table(source) {
  const rows = matrixOf(source) ?? [];
  const head = ["loss of step", ...rows.map((_, k) => `${source.options.of} of step ${k + 1}`)];
  return {
    head,
    rows: rows.map((row, t) => [t + 1, ...row.map((value, k) => (k > t ? "" : value))]),
  };
}
