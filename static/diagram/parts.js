/** What the engine calls the parts of a line whose values it keeps. */

/** @import { Tree, TreeList } from "../types.js" */

/**
 * What the parts of a line are called whose values the pass keeps: what an activation or a matrix
 * is applied to, a factor that holds a product; in the order in which the engine takes them apart.
 * @param {string} target @param {Tree} tree @returns {Map<TreeList, string>}
 */
export function partsOf(target, tree) {
  /** @type {Map<TreeList, string>} */
  const names = new Map();
  let count = 0;
  /** @param {Tree} one */
  const lower = (one) => {
    if (!Array.isArray(one)) return;
    const [operator, ...parts] = one;
    if (operator === "*")
      for (const part of parts) {
        if (holdsProduct(part)) named(part);
        else lower(part);
      }
    else if (operator === "@" || operator === "call") named(parts[1]);
    else if (operator !== "join") parts.forEach(lower);
  };
  /** @param {Tree} one */
  const named = (one) => {
    if (typeof one === "string" || (Array.isArray(one) && one[0] === "join")) return;
    lower(one);
    count += 1;
    if (Array.isArray(one)) names.set(one, `${target}.part${count}`);
  };
  const argument = /** @type {Tree | null} */ (
    Array.isArray(tree) && tree[0] === "call" ? tree[2] : null
  );
  if (argument === null) lower(tree);
  else if (Array.isArray(argument)) {
    names.set(argument, `${target}.a`);
    lower(argument);
  }
  return names;
}

/** @param {Tree} tree @returns {boolean} */
function holdsProduct(tree) {
  return Array.isArray(tree) && (tree[0] === "@" || tree.slice(1).some(holdsProduct));
}
