/** The trajectory: the states as a way through a plane, of two units or of the two directions they spread most in. */

import { FARTHEST, sizes } from "../figure.js";
import { short } from "../number.js";
import { PLOT, VALUE_SCALE } from "../palette.js";
import { firstOdd } from "./odd.js";
import { rowOf, states, wordOf } from "./rows.js";

/** @import { Hit, Made, Source } from "./catalogue.js" */

/** @type {Made} */
export const trajectory = {
  moves: false,
  needs: ({ plane }) => (plane === "units" ? [] : ["axes"]),
  choices: (pass) => {
    const units = Array.from(
      { length: pass.sizes.H },
      (_, unit) => /** @type {[string, string]} */ ([String(unit), `unit ${unit + 1}`]),
    );
    return [
      { name: "of", word: "of", choices: states(pass) },
      {
        name: "plane",
        word: "in the plane of",
        choices: [
          ["axes", "most spread"],
          ["units", "two units"],
        ],
      },
      { name: "across", word: "across", choices: units },
      {
        name: "up",
        word: "up",
        choices: units.length > 1 ? [units[1], units[0], ...units.slice(2)] : units,
      },
    ];
  },
  figure,
  reading,
  now: (source) => {
    const point = source.moment.t === null ? null : pointsOf(source)?.[source.moment.t];
    return point ? around(source, point) : null;
  },
  hit,
  mark: (source, { name, t }) => {
    const point = name === source.options.of && t !== null ? pointsOf(source)?.[t] : null;
    return point ? around(source, point) : null;
  },
  table,
};

/** The place of every step. @param {Source} source @returns {[number, number][] | null} */
function pointsOf({ pass, found, options }) {
  const { T, B } = pass.sizes;
  const steps = Array.from({ length: T }, (_, t) => t);
  if (options.plane === "units") {
    const [across, up] = [Number(options.across), Number(options.up)];
    return steps.map((t) => {
      const values = pass.value(options.of, t);
      return [Number(values?.[across] ?? Number.NaN), Number(values?.[up] ?? Number.NaN)];
    });
  }
  const data = found(`coordinates.${options.of}`)?.data;
  return data ? steps.map((t) => [Number(data[2 * t * B]), Number(data[2 * t * B + 1])]) : null;
}

/** How far the way goes: from the least to the most, with room around. @param {[number, number][]} points */
function extentOf(points) {
  const drawn = points.filter((point) => point.every((at) => Math.abs(at) <= FARTHEST));
  const spread = (/** @type {number[]} */ values) => {
    const [least, most] = [Math.min(...values), Math.max(...values)];
    const room = 0.08 * (most - least) || 1;
    return drawn.length ? [least - room, most + room] : [-1, 1];
  };
  return { x: spread(drawn.map(([x]) => x)), y: spread(drawn.map(([, y]) => y)) };
}

/** @param {Source} source @param {[number, number]} point @returns {Hit["region"]} */
function around(source, [x, y]) {
  const extent = extentOf(pointsOf(source) ?? []);
  const [wide, high] = [0.02 * (extent.x[1] - extent.x[0]), 0.05 * (extent.y[1] - extent.y[0])];
  return { x: [x - wide, x + wide], y: [y - high, y + high] };
}

/** @param {Source} source */
function figure(source) {
  const points = pointsOf(source);
  if (!points) return null;
  const { theme, options, room, pass } = source;
  const [x, y] = [points.map(([one]) => one), points.map(([, one]) => one)];
  const extent = extentOf(points);
  const few = room.high / 2.6;
  const [across, up] =
    options.plane === "units"
      ? [`unit ${Number(options.across) + 1}`, `unit ${Number(options.up) + 1}`]
      : ["first direction", "second direction"];
  const T = pass.sizes.T;
  const scale = VALUE_SCALE[theme];
  const color = points.map((_, t) => (t < T / 2 ? scale[1][1] : scale[3][1]));
  color[0] = scale[0][1];
  color[T - 1] = scale[4][1];
  return {
    marks: /** @type {import("../figure.js").Mark[]} */ ([
      { kind: "line", x, y, color: PLOT[theme].faint, width: 1.5 },
      { kind: "dots", x, y, color, size: T > 60 ? 5 : 8 },
      { kind: "words", ...named(points, T), color: PLOT[theme].muted },
    ]),
    x: sizes(extent.x[0], extent.x[1], across, room.wide / 9),
    y: sizes(extent.y[0], extent.y[1], up, few),
  };
}

/** The numbers of the first and the last step, and between them where there is room. @param {[number, number][]} points @param {number} T */
function named(points, T) {
  const every = Math.ceil(T / 10);
  const steps = points
    .map((_, t) => t)
    .filter((t) => t === 0 || t === T - 1 || (t + 1) % every === 0);
  return {
    x: steps.map((t) => points[t][0]),
    y: steps.map((t) => points[t][1]),
    text: steps.map((t) => String(t + 1)),
  };
}

/** @param {Source} source */
function reading({ pass, found, options }) {
  const what = wordOf(pass, rowOf(pass, options.of));
  const isOdd = (/** @type {number} */ t) =>
    (pass.value(options.of, t) ?? []).some((/** @type {number} */ one) => !Number.isFinite(one));
  const odd = firstOdd(pass.sizes.T, isOdd, what);
  if (options.plane === "units")
    return `The ${what} of two units, from step 1 (orange) to step ${pass.sizes.T} (blue).${odd}`;
  const explained = found(`explained.${options.of}`)?.data;
  const share = explained ? spread(Number(explained[0]) + Number(explained[1])) : "";
  return `The ${what} in the two directions in which it spreads most, from step 1 (orange) to step ${pass.sizes.T} (blue).${share}${odd}`;
}

/** @param {number} share of the variance */
function spread(share) {
  if (Number.isNaN(share)) return " There are none of what is not finite.";
  return share > 0 ? ` They hold ${short(100 * share)}% of its variance.` : " It stays what it is.";
}

/** @param {Source} source @param {number} x @param {number} y @returns {Hit | null} */
function hit(source, x, y) {
  const points = pointsOf(source);
  if (!points) return null;
  const extent = extentOf(points);
  const far = (/** @type {[number, number]} */ point) =>
    Math.hypot(
      (point[0] - x) / (extent.x[1] - extent.x[0]),
      (point[1] - y) / (extent.y[1] - extent.y[0]),
    );
  const t = points.reduce((best, point, i) => (far(point) < far(points[best]) ? i : best), 0);
  if (!(far(points[t]) < 0.06)) return null;
  const told = `step ${t + 1}: ${short(points[t][0], { signed: true })}, ${short(points[t][1], { signed: true })}`;
  return {
    told,
    value: null,
    region: around(source, points[t]),
    t,
    lit: { name: source.options.of, t, unit: null },
  };
}

/** @param {Source} source */
function table(source) {
  return {
    head: ["step", "across", "up"],
    rows: (pointsOf(source) ?? []).map((point, t) => [t + 1, ...point]),
  };
}
