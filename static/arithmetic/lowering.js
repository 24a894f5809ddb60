/** A cell's line taken apart as the engine does it: every matrix and every inner activation is applied to a name. */

/** @import { Line, Plan, Tree } from "../types.js" */
/** What a line is in parts: `tree` is the line itself, `inside` what its own activation is applied to, where that is more than a name. @typedef {{ parts: Line[], inside: Tree | null, tree: Tree }} Lowered */

/** @param {Plan} plan @param {Line} line @returns {Lowered} */
export function lowered(plan, line) {
  const parts = plan.equations.parts.filter(({ target }) =>
    target.startsWith(`${line.target}.part`),
  );
  const names = new Map(parts.map(({ tree, target }) => [JSON.stringify(tree), target]));
  const { tree } = line;
  if (!Array.isArray(tree) || tree[0] !== "call") return { parts, inside: null, tree: lower(tree) };
  const [, name, argument] = tree;
  if (typeof argument === "string") return { parts, inside: null, tree };
  return { parts, inside: lower(argument), tree: ["call", name, `${line.target}.a`] };

  /** @param {Tree} node @returns {Tree} */
  function lower(node) {
    if (!Array.isArray(node)) return node;
    const [operator, ...rest] = node;
    if (operator === "*") return [operator, ...rest.map(factor)];
    if (operator === "@" || operator === "call") return [operator, rest[0], named(rest[1])];
    return [operator, ...rest.map(lower)];
  }

  /** A factor has a name where it holds a product. @param {Tree} node @returns {Tree} */
  function factor(node) {
    return JSON.stringify(node).includes('["@"') ? named(node) : lower(node);
  }

  /** @param {Tree} node @returns {Tree} */
  function named(node) {
    if (typeof node === "string") return node;
    const made = lower(node);
    return names.get(JSON.stringify(made)) ?? made;
  }
}

/** Which parts a line reads, and of which it reads every entry, not one. @param {Lowered} line @returns {Map<string, boolean>} */
export function partsRead({ parts, inside, tree }) {
  const known = new Map(parts.map((part) => [part.target, part]));
  /** @type {Map<string, boolean>} */
  const found = new Map();
  gather(inside ?? tree, false);
  return found;

  /** @param {Tree} node @param {boolean} every */
  function gather(node, every) {
    if (typeof node === "string") note(node, every);
    if (!Array.isArray(node)) return;
    const [operator, ...rest] = node;
    for (const one of rest) gather(one, every || operator === "@");
  }

  /** @param {string} name @param {boolean} every */
  function note(name, every) {
    const part = known.get(name);
    if (!part || found.get(name) || (found.has(name) && !every)) return;
    found.set(name, every);
    gather(part.tree, every);
  }
}
