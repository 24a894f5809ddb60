/** What a circuit sends back: the gradient of every node's output, and of every input, as expressions. */

import { timesOf } from "./circuit.js";

/** @import { Input, Node, Row } from "./circuit.js" */
/** @import { Tree } from "../types.js" */

/** What comes back from where a node's output goes, as far as it has no name: its gradient. @param {Node} node @returns {Tree | null} */
export function gradientOf(node) {
  if (node.name !== null) return `grad.${node.name}`;
  return node.uses.length === 1 ? gradientBack(node.to[0], node.uses[0]) : null;
}

/** The gradient that a node sends back along one of its inputs; null where it is not told apart. @param {Node} node @param {Input} input @returns {Tree | null} */
export function gradientBack(node, input) {
  const made = gradientOf(node);
  if (made === null) return null;
  if (node.kind === "value" || node.kind === "plus") return made;
  if (node.kind === "less") return ["neg", made];
  if (node.kind === "times") return timesOf([made, ...others(node, input)]);
  if (node.kind === "call") return ["*", made, ["slope", node.word, input.tree]];
  return node.kind === "sum" ? rowBack(node.rows[input.row], made) : null;
}

/** @param {Node} node @param {Input} input */
function others(node, input) {
  return node.inputs.filter((one) => one !== input).map(({ tree }) => tree);
}

/** @param {Row} row @param {Tree} made @returns {Tree} */
function rowBack({ sign, matrix, factors }, made) {
  const scaled = timesOf([made, ...factors]);
  const product = /** @type {Tree} */ (matrix ? ["@T", matrix, scaled] : scaled);
  return sign === 1 ? product : ["neg", product];
}
