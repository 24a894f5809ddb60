/** A cell's equations as a circuit: what is computed from what, and what comes back along every wire. */

import { joined } from "../joined.js";
import { partsOf } from "./parts.js";

/** @import { Line, Plan, Tree } from "../types.js" */

/**
 * One term of a sum: its sign, the matrix or the factors before it, and what they are applied to.
 * A bias has neither.
 * @typedef {{ sign: 1 | -1, matrix: string | null, factors: (string | number)[], operand: string | null }} Row
 */
/** Where a node gets a value from; `tree` is that value, `row` its term in a sum. @typedef {{ from: Node, tree: Tree, row: number }} Input */
/**
 * A node: `given` comes from outside, `value` is what a line makes, the others are operations.
 * `name` is what its output is called, where that has a name; `line` the target it works for,
 * `readout` whether that is a line of the readout; `up` goes to the layer above, `next` to the next step.
 * @typedef {{
 *   id: number, kind: "given" | "value" | "sum" | "plus" | "less" | "times" | "call" | "join" | "constant" | "up" | "next",
 *   name: string | null, line: string | null, readout: boolean, word: string, rows: Row[], inputs: Input[], uses: Input[], to: Node[],
 * }} Node
 */
/** @typedef {{ nodes: Node[], layer: number, top: boolean }} Circuit */

/** @param {Plan} plan @param {number} layer @returns {Circuit} */
export function circuit(plan, layer) {
  const builder = new Builder(plan);
  const top = layer === plan.sizes.L - 1;
  builder.begin(layer);
  for (const line of plan.equations.forward) builder.line(joined(plan, line, layer));
  if (plan.spec.recurrence !== "none")
    for (const state of statesOf(plan)) builder.leave(state, "next");
  if (!top) builder.leave("h", "up");
  builder.begin(null);
  if (top) for (const line of plan.equations.readout) builder.line(line);
  return { nodes: builder.nodes, layer, top };
}

/** The names that a cell carries from step to step. @param {Plan} plan */
export function statesOf({ equations }) {
  return equations.forward
    .map(({ target }) => target)
    .filter((name) =>
      equations.backward.some(
        ({ kind, target }) => kind === "handover" && target === `grad.${name}_prev`,
      ),
    );
}

/** Whether a node is a vector with a name, drawn as a strip of bands. @param {Node} node */
export function isStrip({ kind, name, readout }) {
  return (kind === "value" && !(readout && name === "loss")) || (kind === "given" && name !== "y");
}

/** Whether a node is a sign in a circle, which wires also reach from above and below. @param {Node} node */
export function isRound({ kind }) {
  return kind === "times" || kind === "plus";
}

/** Whether a value is a state of the step before, or made of one unit by unit. @param {Node} node @returns {boolean} */
export function isCarried({ kind, name, inputs }) {
  if (kind === "given") return name !== "y_prev" && (name ?? "").endsWith("_prev");
  return (kind === "times" || kind === "plus") && inputs.some(({ from }) => isCarried(from));
}

class Builder {
  /** @type {Node[]} */
  nodes = [];
  /** What a name stands for. @type {Map<string, Node>} */
  #named = new Map();
  /** @type {Map<TreeObject, string>} */
  #parts = new Map();
  /** @type {string | null} */
  #line = null;

  #readout = false;
  /** Those that the lines of a layer, or of the readout, may name. @type {Set<string>} */
  #parameters = new Set();

  /** @param {Plan} plan */
  constructor(plan) {
    this.plan = plan;
  }

  /** The lines of a layer follow; of null, those of the readout. @param {number | null} layer */
  begin(layer) {
    this.#readout = layer === null;
    const own = this.plan.parameters.filter((one) => one.layer === layer);
    this.#parameters = new Set(own.map(({ name }) => name.replace(/^layer\d+\./, "")));
  }

  /** @param {Line} line */
  line({ target, tree }) {
    this.#line = target;
    this.#parts = this.#readout ? new Map() : partsOf(target, tree);
    const made = this.#build(tree);
    if (made.name === null) made.name = target;
    const value = this.#node("value", { name: target });
    this.#connect(made, value, tree);
    this.#named.set(target, value);
    this.#line = null;
  }

  /** A value that goes out of the picture. @param {string} name @param {"up" | "next"} kind */
  leave(name, kind) {
    const node = this.#node(kind, { name });
    this.#connect(/** @type {Node} */ (this.#named.get(name)), node, name);
  }

  /** @param {Node["kind"]} kind @param {Partial<Node>} [what] @returns {Node} */
  #node(kind, what = {}) {
    const node = {
      id: this.nodes.length,
      kind,
      name: null,
      line: this.#line,
      readout: this.#readout,
      word: "",
      rows: [],
      inputs: [],
      uses: [],
      to: [],
      ...what,
    };
    this.nodes.push(node);
    return node;
  }

  /** A value that has a name is told by it. @param {Node} from @param {Node} to @param {Tree} tree @param {number} [row] */
  #connect(from, to, tree, row = 0) {
    const input = { from, tree: from.name ?? tree, row };
    to.inputs.push(input);
    from.uses.push(input);
    from.to.push(to);
  }

  /** The node that makes the value of a tree. @param {Tree} tree @returns {Node} */
  #build(tree) {
    if (typeof tree === "string") return this.#value(tree);
    if (typeof tree === "number") return this.#node("constant", { word: String(tree) });
    const made = this.#operation(tree);
    made.name ??= this.#parts.get(tree) ?? null;
    return made;
  }

  /** @param {TreeObject} tree */
  #operation(tree) {
    if (tree[0] === "call") return this.#call(tree);
    if (tree[0] === "join") return this.#join(tree);
    if (tree[0] === "*" && this.#factors(tree).fixed.length === 0) return this.#times(tree);
    return this.#sum(tree);
  }

  /** @param {string} name */
  #value(name) {
    const known = this.#named.get(name);
    if (known) return known;
    // A parameter that nothing is added to or multiplied with by name.
    if (this.#parameters.has(name)) {
      const rows = [/** @type {Row} */ ({ sign: 1, matrix: null, factors: [name], operand: null })];
      return this.#node("sum", { rows });
    }
    const given = this.#node("given", { name, line: null });
    this.#named.set(name, given);
    return given;
  }

  /** @param {TreeObject} tree */
  #call([, word, argument]) {
    const node = this.#node("call", { word });
    const given =
      Array.isArray(argument) && argument[0] === "list" ? argument.slice(1) : [argument];
    for (const one of given) this.#connect(this.#build(one), node, one);
    return node;
  }

  /** The one place where inputs are put side by side. @param {TreeObject} tree */
  #join(tree) {
    const key = "[x; y_prev]";
    const known = this.#named.get(key);
    if (known) return known;
    const node = this.#node("join", { line: null });
    this.#named.set(key, node);
    for (const one of tree.slice(1)) this.#connect(this.#value(one), node, one);
    return node;
  }

  /** @param {TreeObject} tree */
  #times(tree) {
    const node = this.#node("times");
    for (const one of this.#factors(tree).free) this.#connect(this.#build(one), node, one);
    return node;
  }

  /** @param {TreeObject} tree */
  #sum(tree) {
    const terms = termsOf(tree).map(({ sign, tree: term }) => this.#term(sign, term));
    const rows = terms.map(({ row }) => row);
    const node = this.#node(kindOf(rows), { rows });
    if (node.kind === "less") node.word = String(rows[0].factors[0]);
    for (const [row, { operand }] of terms.entries())
      if (operand !== null) this.#connect(this.#build(operand), node, operand, row);
    return node;
  }

  /** @param {1 | -1} sign @param {Tree} tree @returns {{ row: Row, operand: Tree | null }} */
  #term(sign, tree) {
    const { fixed, free, sign: own } = this.#factors(tree);
    const both = /** @type {1 | -1} */ (sign * own);
    const [operator, matrix, given] = free.length === 1 && Array.isArray(free[0]) ? free[0] : [];
    // A matrix times a product that has a name of its own stays apart from the factors before it.
    const product = operator === "@" && fixed.length === 0;
    const operand = product ? given : free.length > 1 ? timesOf(free) : (free[0] ?? null);
    const row = {
      sign: both,
      matrix: product ? matrix : null,
      factors: fixed,
      operand: typeof operand === "string" ? operand : null,
    };
    return { row, operand };
  }

  /** A product's parameters and numbers, and its other factors. @param {Tree} tree @returns {{ fixed: (string | number)[], free: Tree[], sign: 1 | -1 }} */
  #factors(tree) {
    if (typeof tree === "number") return { fixed: [tree], free: [], sign: 1 };
    if (typeof tree === "string")
      return this.#parameters.has(tree)
        ? { fixed: [tree], free: [], sign: 1 }
        : { fixed: [], free: [tree], sign: 1 };
    const inner = tree[0] === "neg" ? this.#factors(tree[1]) : null;
    if (inner && inner.free.length === 0)
      return { ...inner, sign: /** @type {1 | -1} */ (-inner.sign) };
    if (tree[0] !== "*") return { fixed: [], free: [tree], sign: 1 };
    const [left, right] = tree.slice(1).map((one) => this.#factor(one));
    return {
      fixed: [...left.fixed, ...right.fixed],
      free: [...left.free, ...right.free],
      sign: /** @type {1 | -1} */ (left.sign * right.sign),
    };
  }

  /** A factor, whole where its value has a name. @param {Tree} tree */
  #factor(tree) {
    if (Array.isArray(tree) && this.#parts.has(tree))
      return { fixed: [], free: [tree], sign: /** @type {1} */ (1) };
    return this.#factors(tree);
  }
}

/** @typedef {import("../types.js").TreeList} TreeObject */

/** A sum of wires is a plus; a number less a wire has a sign of its own. @param {Row[]} rows @returns {Node["kind"]} */
function kindOf(rows) {
  const bare = (/** @type {Row} */ { matrix, factors }) => !matrix && factors.length === 0;
  if (rows.length > 1 && rows.every((row) => bare(row) && row.sign === 1)) return "plus";
  const [first, second] = rows;
  const number =
    first.factors.length === 1 && typeof first.factors[0] === "number" && !first.matrix;
  const alone = rows.length === 2 && number && first.operand === null && bare(second);
  return alone && first.sign === 1 && second.sign === -1 ? "less" : "sum";
}

/** The terms of a sum with their signs. @param {Tree} tree @param {1 | -1} [sign] @returns {{ sign: 1 | -1, tree: Tree }[]} */
function termsOf(tree, sign = 1) {
  const other = /** @type {1 | -1} */ (-sign);
  const operator = Array.isArray(tree) ? tree[0] : "";
  const [left, right] = /** @type {Tree[]} */ (Array.isArray(tree) ? tree.slice(1) : []);
  if (operator === "+") return [...termsOf(left, sign), ...termsOf(right, sign)];
  if (operator === "-") return [...termsOf(left, sign), ...termsOf(right, other)];
  if (operator === "neg") return termsOf(left, other);
  return [{ sign, tree }];
}

/** A product of several factors. @param {Tree[]} factors @returns {Tree} */
export function timesOf(factors) {
  return factors.reduce((left, right) => ["*", left, right]);
}
