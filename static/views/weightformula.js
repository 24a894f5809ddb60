/** The formulas of what becomes of the weights: the sum of the shares, clipping, the update. */

import { derivative, parameter } from "../notation.js";
import { full, short } from "../number.js";
import { BECOMES, EQUALS, gradientOf, MINUS, note, PLUS } from "../terms.js";

/** @import { Pass } from "../pass.js" */
/** @import { Term } from "../terms.js" */
/** @import { Moment, Optimizer, Selection, Tensor } from "../types.js" */
/** @import { Formula } from "./formula.js" */
/**
 * The chosen entry: the parameter's name, the step whose own it is, its gradient after clipping, what
 * it was and what it becomes.
 * @typedef {{ name: string, own: number | null, slope: number, before: number, after: number }} Entry
 */

/** @param {string} tex @param {number} value @param {Partial<Term>} [how] @returns {Term} */
const valued = (tex, value, how) => ({ parts: [{ tex }], value, ...how });

/** @param {number} constant @param {string} [after] @returns {Term} */
const constant = (constant, after = "\\,") => ({
  parts: [{ tex: `${constant}${after}` }],
  under: `${full(constant)} ×`,
});

/** The place of the chosen entry in its parameter. @param {Pass} now @param {Selection} selected */
function placeOf(now, { parameter: name, row, column }) {
  const [rows, columns = 1] = now.shapeOf(name);
  const matrix = columns > 1 || rows === 1;
  return { at: row * columns + column, said: `entry ${row + 1}${matrix ? `,${column + 1}` : ""}` };
}

/** @param {Tensor | null} tensor @param {number} at */
function read(tensor, at) {
  return Number(tensor?.data[at] ?? Number.NaN);
}

/** The gradient as the sum of its shares; where no step shares its own, that step's. @param {Pass} now @param {Moment} at @param {Selection} selected @returns {Formula} */
export function sum(now, at, selected) {
  const { parameter: name, row, column } = selected;
  const [own, { at: place, said }] = [now.ownStep(at), placeOf(now, selected)];
  const left = {
    parts: [gradientOf(name, own)],
    value: read(now.gradient(name, own), place),
    gradient: true,
  };
  const share = (/** @type {number} */ t) => now.share(name, t, row, column)?.share ?? Number.NaN;
  if (own !== null) {
    const right = {
      parts: [gradientOf(name, null, String(own + 1))],
      value: share(own),
      gradient: true,
    };
    return { rows: [[left, EQUALS, right]], of: said };
  }
  const { T } = now.sizes;
  const terms = Array.from({ length: T }, (_, t) => short(share(t)));
  const shown = T > 3 ? [terms[0], "…", terms[T - 1]] : terms;
  const sigma = {
    parts: [{ tex: `\\textstyle\\sum_{t=1}^{${T}}` }, gradientOf(name, null, "t")],
    under: shown.join(" + ").replaceAll("+ −", "− "),
    gradient: true,
  };
  return { rows: [[left, EQUALS, sigma]], of: said };
}

/** All gradients together, made no longer than the limit. @param {Pass} now @returns {Formula} */
export function clip(now) {
  const g = "\\mathbf{g}";
  const limit = now.plan.spec.clip_norm ?? 1;
  const before = valued(`\\lVert ${g} \\rVert`, now.gradNorm, { gradient: true });
  const after = valued(`\\lVert ${g} \\rVert`, now.gradNorm * now.clipScale, { gradient: true });
  if (now.clipScale === 1)
    return {
      rows: [[after, BECOMES, before, note(`within ${short(limit)}: nothing is clipped`)]],
      of: "norm",
    };
  const factor = valued(`\\frac{${limit}}{\\lVert ${g} \\rVert}`, now.clipScale);
  return { rows: [[after, BECOMES, factor, { parts: [], under: "×" }, before]], of: "norm" };
}

/** @param {Pass} now @param {Moment} at @param {Selection} selected @returns {Formula} */
export function update(now, at, selected) {
  const [own, { at: place, said }] = [now.ownStep(at), placeOf(now, selected)];
  const name = selected.parameter;
  const entry = {
    name,
    own,
    slope: read(now.gradient(name, own), place) * now.clipScale,
    before: read(now.parameter(name, own), place),
    after: read(now.updated(name, own), place),
  };
  const how = now.plan.spec.optimizer;
  return { rows: [...MEMORIES[how.kind](entry, how), moved(entry, how)], of: said };
}

/** The weight and what is taken from it. @param {Entry} entry @param {Optimizer} how @returns {Term[]} */
function moved({ name, own, slope, before, after }, how) {
  const rate = how.learning_rate;
  const symbol = { tex: parameter(name, own), name };
  const step = STEPS[/** @type {keyof typeof STEPS} */ (how.kind)];
  const taken = step
    ? valued(step, (before - after) / rate, { gradient: true })
    : { parts: [gradientOf(name, own)], value: slope, gradient: true };
  const wide = { digits: WEIGHT_DIGITS };
  return [
    { parts: [symbol], value: after, ...wide },
    BECOMES,
    { parts: [symbol], value: before, ...wide },
    MINUS,
    constant(rate),
    taken,
  ];
}

/** A weight has digits enough to be seen to move. */
const WEIGHT_DIGITS = 5;

/** What is multiplied by the rate, where that is not the gradient. */
const STEPS = {
  momentum: "v",
  rmsprop: "g / (\\sqrt{s} + \\epsilon)",
  adam: "\\hat{m} / (\\sqrt{\\hat{s}} + \\epsilon)",
};

/** What a rule remembers, which before its first update is 0. @type {Record<string, (entry: Entry, how: Optimizer) => Term[][]>} */
const MEMORIES = {
  sgd: () => [],
  momentum: (entry, { momentum = 0 }) => [memory("v", momentum, 1, entry, 1)],
  rmsprop: (entry, { decay = 0 }) => [memory("s", decay, rest(decay), entry, 2)],
  adam: (entry, { beta1 = 0, beta2 = 0 }) => [
    memory("m", beta1, rest(beta1), entry, 1),
    memory("s", beta2, rest(beta2), entry, 2),
  ],
};

/** @param {number} kept */
const rest = (kept) => Number((1 - kept).toPrecision(6));

/** @param {string} letter @param {number} kept @param {number} fresh what of the new is taken in @param {Entry} entry @param {1 | 2} power @returns {Term[]} */
function memory(letter, kept, fresh, { name, own, slope }, power) {
  const tex = derivative(parameter(name, own), true);
  const value = slope ** power;
  const raised = power === 2 ? `(${tex})^2` : tex;
  return [
    valued(letter, fresh * value, { gradient: true }),
    BECOMES,
    constant(kept),
    valued(letter, 0),
    PLUS,
    ...(fresh === 1 ? [] : [constant(fresh)]),
    { parts: [{ tex: raised, name }], value, gradient: true },
  ];
}
