/** Sentences of what becomes of the weights: the sum, clipping, the update. */

import { count, full, short } from "../number.js";
import { gradient, number, parameter as parameterPiece, text } from "../piece.js";
import { length } from "../vector.js";

/** @import { Pass } from "../pass.js" */
/** @import { Piece } from "../piece.js" */
/** @import { Chosen, Moment, Tensor } from "../types.js" */

/** @param {Pass} pass @param {Moment} moment @param {Chosen} chosen @returns {Piece[]} */
export function sum(pass, moment, { parameter }) {
  if (!pass.shared) return alone(pass, moment, parameter);
  const total = lengthOf(pass.gradient(parameter));
  const { T, B } = pass.sizes;
  const norms = Array.from(
    { length: T },
    (_value, t) => pass.norm(`contribution.${parameter}`, t) ?? 0,
  );
  const apart = norms.reduce((all, one) => all + one, 0);
  return [
    text(`The ${count(T)} shares of `),
    parameterPiece(parameter),
    text(`${B > 1 ? `, each summed over ${B} sequences,` : ""} add up to its gradient, norm `),
    gradient(total),
    text(". Laid end to end they would measure "),
    gradient(apart),
    text(total < apart * 0.999 ? ": where they pull apart they cancel." : "."),
  ];
}

/** Without sharing there is nothing to add up. @param {Pass} pass @param {Moment} moment @param {string} parameter @returns {Piece[]} */
function alone(pass, moment, parameter) {
  const step = pass.ownStep(moment) ?? 0;
  return [
    text("Every step has its own "),
    parameterPiece(parameter),
    text(", so no shares are added up: each gradient is its step’s alone. At step "),
    text(`${step + 1} its norm is `),
    gradient(lengthOf(pass.gradient(parameter, step))),
    text("."),
  ];
}

/** @param {Tensor | null} tensor */
function lengthOf(tensor) {
  return length(/** @type {Float64Array} */ (tensor?.data ?? null));
}

/** @param {Pass} pass @returns {Piece[]} */
export function clip(pass) {
  const limit = pass.plan.spec.clip_norm ?? Number.NaN;
  const start = [text("All gradients together have norm "), gradient(pass.gradNorm)];
  if (pass.clipScale === 1)
    return [...start, text(", within the limit of "), number(limit), text(": nothing is clipped.")];
  return [
    ...start,
    text(", more than the limit of "),
    number(limit),
    text(": all are multiplied by "),
    number(pass.clipScale),
    text("."),
  ];
}

/** @param {Pass} pass @param {Moment} moment @param {Chosen} chosen @returns {Piece[]} */
export function update(pass, moment, { parameter, row, column }) {
  const step = pass.ownStep(moment);
  const [rows, columns = 1] = pass.shapeOf(parameter);
  const entry = row * columns + column;
  const read = (/** @type {Tensor | null} */ tensor) => Number(tensor?.data[entry] ?? Number.NaN);
  const before = read(pass.parameter(parameter, step));
  const after = read(pass.updated(parameter, step));
  const where = columns > 1 || rows === 1 ? `${row + 1},${column + 1}` : `${row + 1}`;
  return [
    parameterPiece(parameter, where),
    text(`${step === null ? "" : ` of step ${step + 1}`}: `),
    weight(before),
    ...moved(pass, before - after, read(pass.gradient(parameter, step))),
    text(" = "),
    weight(after),
    text(
      `. ${RULES[pass.plan.spec.optimizer.kind](pass)}So with every weight, once, after the whole sequence.`,
    ),
  ];
}

/** A weight with digits enough to see it move. @param {number} value @returns {Piece} */
function weight(value) {
  return {
    kind: "number",
    text: short(value, { digits: 5 }),
    exact: String(value),
    gradient: false,
  };
}

/** What is taken from the weight: of gradient descent the product, of the others the change itself. @param {Pass} pass @param {number} change @param {number} slope @returns {Piece[]} */
function moved(pass, change, slope) {
  const { kind, learning_rate: rate } = pass.plan.spec.optimizer;
  const clipped = pass.clipScale === 1 ? "" : ` × ${short(pass.clipScale)}`;
  if (kind === "sgd") return [text(` − ${full(rate)}${clipped} × `), gradient(slope)];
  return [
    text(change < 0 ? " + " : " − "),
    number(Math.abs(change)),
    text(" (gradient "),
    gradient(slope),
    text(`${clipped})`),
  ];
}

/** What each rule does at its first update, where nothing is remembered yet. @type {Record<string, (pass: Pass) => string>} */
const RULES = {
  sgd: () => "",
  momentum: ({ plan }) =>
    `Momentum: ${full(plan.spec.optimizer.learning_rate)} times the velocity, which begins as the gradient. `,
  rmsprop: ({ plan }) =>
    `RMSprop: ${full(plan.spec.optimizer.learning_rate)} times the gradient over the root of its running square. `,
  adam: ({ plan }) =>
    `Adam: ${full(plan.spec.optimizer.learning_rate)} times the running gradient over the root of its running square. `,
};
