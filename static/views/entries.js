/** The vectors of a moment: what goes into its line, and what comes of it. */

import { joinedVector, vectorOf } from "../evaluation.js";
import { traceName } from "../names.js";
import { joinedInput, symbol } from "../notation.js";
import { largest, length } from "../vector.js";
import { sourceOf, word } from "../words.js";

/** @import { Pass, Vector } from "../pass.js" */
/** @import { Moment, Tree } from "../types.js" */
/**
 * A vector of the table: `label` says what it is, `tex` writes it, `name` is the trace's for it at
 * step `t`. `share`: between 0 and 1, which needs no sign.
 * @typedef {{
 *   tex?: string, label: string, values: Vector, strong?: boolean, share?: boolean, name: string,
 *   t: number,
 * }} Entry
 */

/** What goes into the moment's line, and what comes of it. @param {Pass} now @param {Moment} at @returns {Entry[]} */
export function entries(now, at) {
  if (at.kind === "output") return worst(now);
  if (!at.line || at.t === null) return [];
  if (at.kind === "merge") return merged(now, at);
  const target = at.line.target;
  const locals = [...namesIn(at.line.tree), ...inside(now, at)].filter((one) => isVector(now, one));
  const read = [...new Set(locals)].map((local) => entry(now, at, local));
  const made = at.kind !== "share" && isVector(now, target);
  return made ? [...read, { ...entry(now, at, target), strong: true }] : read;
}

/** Whether a name stands for numbers to be set out: a symbol does not, nor does how many there are. @param {Pass} now @param {string} local */
function isVector(now, local) {
  const symbols = now.plan.columns.alphabet !== null;
  return local !== "N" && !(symbols && (local === "y" || local === "loss"));
}

/** What a step's own loss gives to the output: all of its gradient, unless a prediction is fed back. @param {Pass} now */
function outputName(now) {
  return now.freeRunning ? "grad.o.from_loss" : "grad.o";
}

/** The step where the gradient at the output is largest. @param {Pass} now */
export function worstStep(now) {
  return largest(
    Array.from({ length: now.sizes.T }, (_, t) => length(now.all(outputName(now), t))),
  );
}

/** Prediction, truth and gradient there. @param {Pass} now @returns {Entry[]} */
function worst(now) {
  const t = worstStep(now);
  const [predicted, truth] = [now.value("y_hat", t), now.truth(t)];
  if (!predicted || !truth || now.status(t) !== "target") return [];
  const share = now.plan.spec.readout === "softmax";
  return [
    { tex: symbol("y_hat", t), label: "prediction", values: predicted, share, name: "y_hat", t },
    { tex: symbol("y", t), label: "truth", values: truth, share, name: "y", t },
    {
      tex: `\\partial L / \\partial ${symbol("o", t)}`,
      label: "gradient of the output",
      values: /** @type {Vector} */ (now.value(outputName(now), t)),
      strong: true,
      name: outputName(now),
      t,
    },
  ];
}

/** @param {Pass} now @param {Moment} at @returns {Entry[]} */
function merged(now, at) {
  const local = at.line?.target ?? "";
  const t = at.t ?? 0;
  const future = t + 1 < now.sizes.T ? `from step ${t + 2}` : "from beyond the end";
  const whole = now.cut(t) ? `${future}, ${now.cut(t)?.rest ? "less what is" : ""} cut` : future;
  return [
    {
      ...entry(now, at, `${local}.from_above`),
      tex: undefined,
      label: `from ${sourceOf(now, at, local.slice(5))}`,
    },
    { ...entry(now, at, `${local}.from_future`), tex: undefined, label: whole },
    { ...entry(now, at, local), tex: undefined, label: "sum", strong: true },
  ];
}

/** @param {Pass} now @param {Moment} at @param {string} local @returns {Entry} */
function entry(now, at, local) {
  const t = at.t ?? 0;
  const where = { now, layer: at.layer, t, own: null };
  const place = meaning(now, at, local);
  if (local === "[x; y_prev]")
    return {
      tex: joinedInput(t),
      label: "input and output before",
      values: joinedVector(where),
      ...place,
    };
  const values = /** @type {Vector} */ (vectorOf(where, local));
  if (local === "loss")
    return { tex: symbol("L", t), label: "loss", values, share: true, ...place };
  const grad = local.startsWith("grad.");
  const tex = grad ? `\\partial L / \\partial ${symbol(local.slice(5), t)}` : symbol(local, t);
  const label = grad ? `gradient of the ${word(local.slice(5))}` : word(local);
  const share = local === "y_hat" && now.plan.spec.readout === "softmax";
  return { tex, label, values, share, ...place };
}

/** Its name in the trace, and its step: what was before is the step before's. @param {Pass} now @param {Moment} at @param {string} local */
function meaning(now, at, local) {
  const before = local !== "y_prev" && local.endsWith("_prev");
  const own = local === "[x; y_prev]" ? "x" : before ? local.slice(0, -"_prev".length) : local;
  return { name: traceName(own, at.layer, now.sizes.L), t: (at.t ?? 0) - Number(before) };
}

/** The names of vectors in a tree; matrices are not among them. @param {Tree} tree @returns {string[]} */
function namesIn(tree) {
  if (typeof tree === "string") return [tree];
  if (typeof tree === "number") return [];
  const [operator, ...parts] = tree;
  if (operator === "join") return ["[x; y_prev]"];
  const vectorsOnly =
    operator === "@" || operator === "@T" || operator === "call" || operator === "slope"
      ? parts.slice(1)
      : parts;
  return vectorsOnly.flatMap(namesIn);
}

/** The pre-activation of a forward line, which has a name of its own. @param {Pass} now @param {Moment} at */
function inside(now, at) {
  if (at.phase !== "forward" || !at.line) return [];
  const local = `${at.line.target}.a`;
  const known = now.steps.has(traceName(local, at.layer, now.sizes.L));
  const argument = Array.isArray(at.line.tree) ? at.line.tree[2] : null;
  return known && Array.isArray(argument) ? [local] : [];
}
