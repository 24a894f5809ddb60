/** Sentences of what becomes of the weights: the sum, clipping, the update. */

import { count, full, short } from "../number.js";
import { gradient, number, parameter as parameterPiece, text } from "../piece.js";
import { length } from "../vector.js";
import { shortName } from "../words.js";

/** @import { Pass } from "../pass.js" */
/** @import { Piece } from "../piece.js" */
/** @import { Chosen, Moment } from "../types.js" */

/** @param {Pass} pass @param {Moment} _ @param {Chosen} chosen @returns {Piece[]} */
export function sum(pass, _, { parameter }) {
  const total = length(/** @type {Float64Array} */ (pass.gradient(parameter)?.data ?? null));
  const { T } = pass.sizes;
  const norms = Array.from(
    { length: T },
    (_value, t) => pass.norm(`contribution.${parameter}`, t) ?? 0,
  );
  const apart = norms.reduce((all, one) => all + one, 0);
  return [
    text(`The ${count(T)} shares of `),
    parameterPiece(shortName(parameter)),
    text(" add up to its gradient, norm "),
    gradient(total),
    text(". Laid end to end they would measure "),
    gradient(apart),
    text(total < apart * 0.999 ? ": where they pull apart they cancel." : "."),
  ];
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

/** @param {Pass} pass @param {Moment} _ @param {Chosen} chosen @returns {Piece[]} */
export function update(pass, _, { parameter, row, column }) {
  const [rows, columns = 1] = pass.parameters.get(parameter)?.shape ?? [1];
  const entry = row * columns + column;
  const read = (/** @type {import("../types.js").Tensor | null} */ tensor) =>
    Number(tensor?.data[entry] ?? Number.NaN);
  const rate = pass.plan.spec.optimizer.learning_rate;
  const where = columns > 1 || rows === 1 ? `${row + 1},${column + 1}` : `${row + 1}`;
  return [
    parameterPiece(shortName(parameter), where),
    text(": "),
    {
      ...number(read(pass.parameter(parameter))),
      text: short(read(pass.parameter(parameter)), { digits: 5 }),
    },
    text(` − ${full(rate)}${pass.clipScale === 1 ? "" : ` × ${short(pass.clipScale)}`} × `),
    gradient(read(pass.gradient(parameter))),
    text(" = "),
    {
      ...number(read(pass.updated(parameter))),
      text: short(read(pass.updated(parameter)), { digits: 5 }),
    },
    text(". So with every weight, once, after the whole sequence."),
  ].map((piece) => /** @type {Piece} */ (piece));
}
