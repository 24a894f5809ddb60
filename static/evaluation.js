/** What the two sides of a line come to for one unit: read from the pass, multiplied out where a matrix is. */

import { ACTIVATIONS } from "./activations.js";
import { traceName } from "./names.js";

/** @import { Pass, Vector } from "./pass.js" */
/** @import { Tree } from "./types.js" */
/** Where a line stands in a pass: `own` is the step whose own parameters it has, null where all share them. @typedef {{ now: Pass, layer: number | null, t: number, own: number | null }} Where */

/** The vector of the first sequence that a line calls `local`; null where it is not here. @param {Where} where @param {string} local @returns {Vector | null} */
export function vectorOf({ now, layer, t }, local) {
  if (local === "y" && layer === null) return now.truth(t);
  if (local === "y_prev") return now.value(local, t) ?? new Float64Array(now.sizes.O);
  return handed(now, layer, t, local) ?? now.value(traceName(local, layer, now.sizes.L), t);
}

/** What is handed back lies with the step before. @param {Pass} now @param {number | null} layer @param {number} t @param {string} local @returns {Vector | null} */
function handed(now, layer, t, local) {
  if (!local.startsWith("grad.") || !local.endsWith("_prev")) return null;
  const name = `grad.layer${layer}.${local.slice("grad.".length, -"_prev".length)}`;
  if (t > 0) return now.value(`${name}.from_future`, t - 1);
  return /** @type {Vector | undefined} */ (now.whole.get(`${name}.initial`)?.data) ?? null;
}

/** The input with what is fed back under it. @param {Where} where */
export function joinedVector(where) {
  const { now, t } = where;
  const x = now.value("x", t) ?? new Float64Array(now.sizes.I);
  return Float64Array.of(...x, ...(vectorOf(where, "y_prev") ?? []));
}

/** The full name of a parameter that a line calls `local`. @param {number | null} layer null for the readout's @param {string} local */
export function parameterName(layer, local) {
  return layer === null ? local : `layer${layer}.${local}`;
}

/** What an expression comes to in one unit; NaN where a number is not here. @param {Tree} tree @param {number} unit @param {Where} where @returns {number} */
export function evaluate(tree, unit, where) {
  if (typeof tree === "number") return tree;
  if (typeof tree === "string") return named(tree, unit, where);
  const [operator, ...parts] = tree;
  return OPERATORS[operator]?.(parts, unit, where) ?? Number.NaN;
}

/** @param {string} local @param {number} unit @param {Where} where */
function named(local, unit, where) {
  const name = parameterName(where.layer, local);
  const parameter = where.now.parameters.has(name) && where.now.parameter(name, where.own);
  return Number((parameter ? parameter.data : vectorOf(where, local))?.[unit] ?? Number.NaN);
}

/** @type {Record<string, (parts: any[], unit: number, where: Where) => number>} */
const OPERATORS = {
  "+": ([a, b], unit, where) => evaluate(a, unit, where) + evaluate(b, unit, where),
  "-": ([a, b], unit, where) => evaluate(a, unit, where) - evaluate(b, unit, where),
  "*": ([a, b], unit, where) => evaluate(a, unit, where) * evaluate(b, unit, where),
  "/": ([a, b], unit, where) => evaluate(a, unit, where) / evaluate(b, unit, where),
  neg: ([a], unit, where) => -evaluate(a, unit, where),
  call: ([name, a], unit, where) => ACTIVATIONS[name]?.value(evaluate(a, unit, where)),
  slope: ([name, a], unit, where) => ACTIVATIONS[name]?.slope(evaluate(a, unit, where)),
  join: (_, unit, where) => joinedVector(where)[unit] ?? Number.NaN,
  "@": ([matrix, a], unit, where) => product(matrix, a, where, (j, columns) => unit * columns + j),
  "@T": ([matrix, a], unit, where) =>
    product(matrix, a, where, (j, columns) => j * columns + unit, true),
};

/** The sum of a matrix's entries times a vector's. @param {string} matrix @param {Tree} operand @param {Where} where @param {(j: number, columns: number) => number} place of the entry that meets the j-th @param {boolean} [turned] */
function product(matrix, operand, where, place, turned = false) {
  const tensor = where.now.parameter(parameterName(where.layer, matrix), where.own);
  if (!tensor) return Number.NaN;
  const [rows, columns] = tensor.shape;
  let sum = 0;
  for (let j = 0; j < (turned ? rows : columns); j++)
    sum += Number(tensor.data[place(j, columns)]) * evaluate(operand, j, where);
  return sum;
}
