/** Lines of the lowest layer where the output before is joined to its input: x becomes [x; y_prev]. */

/** @import { Line, Plan, Tree } from "./types.js" */

/** Whether no equation names the output before, so that it is joined to the input. @param {Plan} plan */
export function isJoined({ spec, equations }) {
  if (spec.feedback.source !== "output") return false;
  return !equations.forward.some((line) => /\by_prev\b/.test(line.text));
}

/** The line as it runs in a layer. @param {Plan} plan @param {Line} line @param {number | null} layer @returns {Line} */
export function joined(plan, line, layer) {
  if (layer !== 0 || !isJoined(plan)) return line;
  return {
    ...line,
    text: line.text.replace(/(?<![\w.])x\b/g, "[x; y_prev]"),
    tree: joinedTree(line.tree),
  };
}

/** @param {Tree} tree @returns {Tree} */
function joinedTree(tree) {
  if (tree === "x") return ["join", "x", "y_prev"];
  if (!Array.isArray(tree)) return tree;
  const [operator, ...parts] = tree;
  return [operator, ...parts.map(joinedTree)];
}
