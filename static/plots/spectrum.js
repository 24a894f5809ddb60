/** The spectrum: how much the matrices, and the steps that they are part of, can stretch a vector or shrink it. */

import { counted, decades, sizes } from "../figure.js";
import { short, shortFromLog } from "../number.js";
import { PLOT } from "../palette.js";
import { firstOdd } from "./odd.js";
import { rowOf, states, wordOf } from "./rows.js";

/** @import { Figure, Mark } from "../figure.js" */
/** @import { Pass } from "../pass.js" */
/** @import { Hit, Made, Source } from "./catalogue.js" */

const AROUND = 120;
const [EIGEN, SINGULAR] = ["eigenvalues", "singular_values"];

/** @type {Made} */
export const spectrum = {
  moves: true,
  needs: () => ["jacobians"],
  choices: (pass) => [
    {
      name: "of",
      word: "of",
      choices: [
        ...recurrent(pass).flatMap(
          (name) =>
            /** @type {[string, string][]} */ ([
              [`${EIGEN}.${name}`, `eigenvalues of ${local(pass, name)}`],
            ]),
        ),
        ...recurrent(pass).flatMap(
          (name) =>
            /** @type {[string, string][]} */ ([
              [`${SINGULAR}.${name}`, `singular values of ${local(pass, name)}`],
            ]),
        ),
        ...states(pass).map(
          ([name, word]) =>
            /** @type {[string, string]} */ ([
              `${SINGULAR}.${name}`,
              `each step’s Jacobian: ${word}`,
            ]),
        ),
      ],
    },
  ],
  figure: (source) =>
    isCircle(source) ? circle(source) : isMatrix(source) ? descending(source) : overSteps(source),
  reading,
  now: (source) =>
    isCircle(source) || isMatrix(source) || source.moment.t === null
      ? null
      : { x: [source.moment.t + 0.5, source.moment.t + 1.5], y: [-1e9, 1e9] },
  hit,
  mark: () => null,
  table,
};

/** The square matrices that multiply a state of the step before. @param {Pass} pass */
function recurrent(pass) {
  return pass.plan.parameters
    .filter(
      ({ name, role, input }) =>
        role === "matrix" &&
        input !== null &&
        isSquare(pass, name) &&
        input.includes("_prev") &&
        input !== "y_prev",
    )
    .map(({ name }) => name);
}

/** @param {Pass} pass @param {string} name */
function isSquare(pass, name) {
  const [rows, columns] = pass.shapeOf(name);
  return rows === columns;
}

/** @param {Pass} pass @param {string} name */
function local({ sizes: { L } }, name) {
  return L > 1
    ? name.replace(/^layer(\d+)\./, (_, layer) => `layer ${Number(layer) + 1}, `)
    : name.replace(/^layer0\./, "");
}

/** @param {Source} source */
function isCircle({ options }) {
  return options.of.startsWith(`${EIGEN}.`);
}

/** @param {Source} source */
function isMatrix({ pass, options }) {
  return pass.parameters.has(options.of.replace(`${SINGULAR}.`, ""));
}

/** The numbers of the choice: of a matrix that each step has for itself, those of the moment's step. @param {Source} source @returns {number[] | null} */
function numbers({ pass, found, moment, options }) {
  const tensor = found(options.of);
  if (!tensor) return null;
  const own = pass.shared ? 1 : pass.sizes.T;
  const size = tensor.data.length / own;
  const step = pass.shared ? 0 : (pass.ownStep(moment) ?? 0);
  return Array.from(tensor.data.subarray(step * size, (step + 1) * size), Number);
}

/** Eigenvalues, real and imaginary part. @param {Source} source @returns {[number, number][] | null} */
function pairs(source) {
  const all = numbers(source);
  return all && Array.from({ length: all.length / 2 }, (_, i) => [all[2 * i], all[2 * i + 1]]);
}

/** @param {Source} source @returns {Figure | null} */
function circle(source) {
  const all = pairs(source);
  if (!all) return null;
  const colors = PLOT[source.theme];
  const finite = all.filter((pair) => pair.every(Number.isFinite));
  const reach = 1.12 * Math.max(1, ...finite.map(([re, im]) => Math.hypot(re, im)));
  const turns = Array.from({ length: AROUND + 1 }, (_, i) => (2 * Math.PI * i) / AROUND);
  const few = source.room.high / 3;
  return {
    marks: [
      {
        kind: "line",
        x: turns.map(Math.cos),
        y: turns.map(Math.sin),
        color: colors.faint,
        width: 1.5,
      },
      {
        kind: "dots",
        x: finite.map(([re]) => re),
        y: finite.map(([, im]) => im),
        color: finite.map(([re, im]) => (Math.hypot(re, im) > 1 ? colors.bar : colors.value)),
        size: finite.length > 64 ? 5 : 8,
      },
    ],
    x: sizes(-reach, reach, "real part", few),
    y: sizes(-reach, reach, "imaginary part", few),
    square: true,
  };
}

/** @param {Source} source @returns {Figure | null} */
function descending(source) {
  const all = numbers(source);
  if (!all) return null;
  const colors = PLOT[source.theme];
  const x = all.map((_, i) => i + 1);
  const most = Math.max(1, ...all.filter(Number.isFinite));
  return {
    marks: [
      { kind: "bars", x, y: all, color: all.map((one) => (one > 1 ? colors.bar : colors.value)) },
      { kind: "line", x: [0.5, all.length + 0.5], y: [1, 1], color: colors.faint, dash: true },
    ],
    x: counted(all.length, source.room.wide / 3, "from the largest"),
    y: sizes(0, most * 1.06, "singular value", source.room.high / 2.4),
  };
}

/** The largest, middle and smallest singular value of each step's Jacobian, as log10. @param {Source} source */
function spans({ pass, found, options }) {
  const tensor = found(options.of);
  if (!tensor) return null;
  const { T, B, H } = pass.sizes;
  return Array.from({ length: T }, (_, t) => {
    const own = Array.from(tensor.data.subarray(t * B * H, t * B * H + H), Number);
    return [own[0], own[(H - 1) >> 1], own[H - 1]].map(Math.log10);
  });
}

/** @param {Source} source @returns {Figure | null} */
function overSteps(source) {
  const all = spans(source);
  if (!all) return null;
  const { theme, pass, room } = source;
  const colors = PLOT[theme];
  const x = all.map((_, t) => t + 1);
  const shown = (/** @type {number} */ log) => (Number.isFinite(log) ? log : null);
  const known = all.flat().filter(Number.isFinite);
  const lines = /** @type {Mark[]} */ (
    [colors.bar, colors.muted, colors.value].map((color, i) => ({
      kind: "line",
      x,
      y: all.map((span) => shown(span[i])),
      color,
      dots: x.length <= 60,
    }))
  );
  return {
    marks: [
      { kind: "line", x: [0.5, pass.sizes.T + 0.5], y: [0, 0], color: colors.faint, dash: true },
      ...lines,
    ],
    x: counted(pass.sizes.T, room.wide / 3, "step"),
    y: decades(
      Math.min(-0.5, ...known) * 1.05,
      Math.max(0.2, ...known) + 0.1,
      "singular value",
      room.high / 2.4,
    ),
  };
}

/** @param {Source} source */
function reading(source) {
  if (isCircle(source)) {
    const all = pairs(source) ?? [];
    const radius = Math.max(...all.map(([re, im]) => Math.hypot(re, im)));
    const told = all.length
      ? ` The largest has modulus ${short(radius)}, the spectral radius.`
      : "";
    return `Dots: eigenvalues. Inside the circle of radius 1 a direction shrinks at every step, outside it grows.${told}`;
  }
  if (isMatrix(source)) {
    const [first] = numbers(source) ?? [];
    const told = first === undefined ? "" : ` At most ${short(first)} times as long.`;
    return `How many times as long the matrix makes a vector, in its directions from the most stretched to the least.${told}`;
  }
  const [, , name] = source.options.of.split(/^(singular_values)\./);
  return `How many times as long a step back can make a gradient of the ${wordOf(source.pass, rowOf(source.pass, name))}: at most (magenta), in the middle, at least (blue). Dashed: as long as it was.${oddTold(source)}`;
}

/** @param {Source} source */
function oddTold(source) {
  const all = spans(source) ?? [];
  const isOdd = (/** @type {number} */ t) => t >= source.since && all[t].some(Number.isNaN);
  return firstOdd(all.length, isOdd, "Jacobian");
}

/** @param {Source} source @param {number} x @param {number} y @returns {Hit | null} */
function hit(source, x, y) {
  if (isCircle(source)) return nearest(pairs(source) ?? [], x, y);
  const place = Math.round(x) - 1;
  const region = /** @type {Hit["region"]} */ ({ x: [place + 0.5, place + 1.5], y: [-1e9, 1e9] });
  if (isMatrix(source)) {
    const value = numbers(source)?.[place];
    return value === undefined
      ? null
      : { told: `singular value ${place + 1}`, value, region, t: null, lit: null };
  }
  const span = spans(source)?.[place];
  if (!span) return null;
  const told = `step ${place + 1}: from ${shortFromLog(span[2])} to ${shortFromLog(span[0])}, in the middle ${shortFromLog(span[1])}`;
  return { told, value: null, region, t: place, lit: null };
}

/** @param {[number, number][]} all @param {number} x @param {number} y @returns {Hit | null} */
function nearest(all, x, y) {
  const near = all.toSorted((one, other) => far(one, x, y) - far(other, x, y))[0];
  if (!near || far(near, x, y) > 0.15) return null;
  const [re, im] = near;
  const told = `eigenvalue ${short(re)} ${im < 0 ? "−" : "+"} ${short(Math.abs(im))}i, its modulus`;
  return {
    told,
    value: Math.hypot(re, im),
    region: { x: [re - 0.05, re + 0.05], y: [im - 0.05, im + 0.05] },
    t: null,
    lit: null,
  };
}

/** @param {[number, number]} pair @param {number} x @param {number} y */
function far([re, im], x, y) {
  return Math.hypot(re - x, im - y);
}

/** @param {Source} source */
function table(source) {
  if (isCircle(source))
    return {
      head: ["number", "real", "imaginary"],
      rows: (pairs(source) ?? []).map((pair, i) => [i + 1, ...pair]),
    };
  if (isMatrix(source))
    return {
      head: ["number", "singular_value"],
      rows: (numbers(source) ?? []).map((one, i) => [i + 1, one]),
    };
  return {
    head: ["step", "log10_largest", "log10_middle", "log10_smallest"],
    rows: (spans(source) ?? []).map((span, t) => [t + 1, ...span]),
  };
}
