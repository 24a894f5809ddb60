/** Terms: an expression of one unit taken apart into operations on two numbers, as a pocket calculator does them. */

import { ACTIVATIONS } from "../activations.js";
import { functionName } from "../notation.js";
import { plain } from "./quantities.js";

/** @import { Lit, Tree } from "../types.js" */
/** @import { Quantities, Quantity } from "./quantities.js" */
/**
 * An operation: `left op right = value`, `op` of `right` where there is no left, or a number alone.
 * `mark` says which of many it is; a row that is to be kept is never folded away.
 * @typedef {{
 *   mark: string, tex: string, words: string, left: Quantity | null, op: string,
 *   right: Quantity | null, value: number, gradient: boolean, lit: Lit | null, keep?: boolean,
 * }} Row
 * What is above the rows of a sum of its own: the product they all are.
 * @typedef {{ tex: string, words: string, lit: Lit | null }} Head
 * A term: the rows that make it, and what it adds, sign and all. Of a list every row adds by itself.
 * `zeros` rows that come to 0 are left out; `noun` is what a row is; `from` where all of it comes from.
 * @typedef {{
 *   id: string, head: Head | null, rows: Row[], zeros: number, value: number, minus: boolean,
 *   list?: boolean, closed?: boolean, noun: string, from?: string,
 * }} Group
 */

/** Of more products than this only what each comes to shows, until it is opened. */
const OPEN = 2;

const SIGNS = /** @type {Record<string, string>} */ ({ "*": "×", "+": "+", "-": "−", "/": "÷" });
const TEX = /** @type {Record<string, string>} */ ({ "*": "\\odot", "+": "+", "-": "-", "/": "/" });

/** @type {Record<string, (left: number, right: number) => number>} */
const RESULTS = {
  "×": (left, right) => left * right,
  "+": (left, right) => left + right,
  "−": (left, right) => left - right,
  "÷": (left, right) => left / right,
};

/** A row of two numbers. @param {Quantity} left @param {string} op @param {Quantity} right @param {Partial<Row>} [more] @returns {Row} */
export function operation(left, op, right, more = {}) {
  const gradient = left.gradient || right.gradient;
  const value = RESULTS[op](left.value, right.value);
  return {
    mark: "",
    tex: "",
    words: "",
    left,
    op,
    right,
    value,
    gradient,
    lit: right.lit ?? left.lit,
    ...more,
  };
}

/** A row of a number alone. @param {Quantity} one @param {Partial<Row>} [more] @returns {Row} */
export function alone({ value, tex, words, gradient, lit }, more = {}) {
  return { mark: "", tex, words, left: null, op: "", right: null, value, gradient, lit, ...more };
}

/** A row of a function. @param {string} op @param {Quantity} right @param {number} value @param {Partial<Row>} [more] @returns {Row} */
export function applied(op, right, value, more = {}) {
  const { gradient, lit } = right;
  return { mark: "", tex: "", words: "", left: null, op, right, value, gradient, lit, ...more };
}

/** A term of a sum, and whether it is taken away. @typedef {{ minus: boolean, term: Tree }} Summand */

/** The terms of a sum in one unit. @param {Quantities} q @param {Tree} tree @param {number} unit @returns {Group[]} */
export function terms(q, tree, unit) {
  return groupsOf(q, summands(tree), unit);
}

/** @param {Quantities} q @param {Summand[]} parts @param {number} unit @returns {Group[]} */
export function groupsOf(q, parts, unit) {
  const closed = parts.filter(({ term }) => isProduct(term)).length > OPEN;
  return parts.map(({ minus, term }, i) =>
    isProduct(term)
      ? { ...dot(q, term, unit, minus), closed }
      : chain(q, term, unit, minus, String(i)),
  );
}

/** @param {Tree} tree @param {boolean} [minus] @returns {Summand[]} */
export function summands(tree, minus = false) {
  if (Array.isArray(tree) && (tree[0] === "+" || tree[0] === "-"))
    return [...summands(tree[1], minus), ...summands(tree[2], minus !== (tree[0] === "-"))];
  if (Array.isArray(tree) && tree[0] === "neg") return summands(tree[1], !minus);
  return [{ minus, term: tree }];
}

/** Whether an expression is a matrix times a vector. @param {Tree} tree @returns {tree is import("../types.js").TreeList} */
export function isProduct(tree) {
  return Array.isArray(tree) && (tree[0] === "@" || tree[0] === "@T");
}

/** A row of a matrix, or a column of it where it is transposed, times a vector. @param {Quantities} q @param {import("../types.js").TreeList} tree @param {number} unit @param {boolean} minus @returns {Group} */
function dot(q, [operator, matrix, operand], unit, minus) {
  const turned = operator === "@T";
  const tensor = q.now.parameter(q.name(matrix), q.own);
  const [rows, columns] = tensor?.shape ?? [0, 0];
  const weight = { name: q.name(matrix), t: null, unit: null };
  const vector = vectorOf(q, operand);
  const made = Array.from({ length: turned ? rows : columns }, (_, j) => {
    const place = turned ? j * columns + unit : unit * columns + j;
    const left = { ...plain(Number(tensor?.data[place])), lit: weight };
    return operation(left, "×", vector.at(j), { mark: vector.mark(j) });
  });
  const [row, column] = turned ? ["j", unit + 1] : [unit + 1, "j"];
  return {
    ...sumOf(matrix, made),
    minus,
    value: (minus ? -1 : 1) * total(made),
    head: {
      tex: `${minus ? "-" : ""}${q.tex(matrix)}[${row},${column}] \\times ${vector.tex}[j]`,
      words: `${minus ? "minus " : ""}${matrix}[${row},${column}] times ${vector.words}`,
      lit: weight,
    },
  };
}

/** Rows as a term: what is nothing is counted and left out. @param {string} id @param {Row[]} rows @returns {Group} */
export function sumOf(id, rows) {
  const there = rows.filter((row) => row.value !== 0 || row.keep);
  return {
    id,
    head: null,
    rows: there,
    zeros: rows.length - there.length,
    value: total(rows),
    minus: false,
    noun: "product",
  };
}

/** @param {{ value: number }[]} rows */
export function total(rows) {
  return rows.reduce((sum, { value }) => sum + value, 0);
}

/** What a matrix is applied to: a named vector, or one that is made unit by unit. @param {Quantities} q @param {Tree} tree */
function vectorOf(q, tree) {
  const local = nameOf(tree);
  if (local === null) {
    const { tex, words } = chainOf(q, tree, 0).last;
    const at = (/** @type {number} */ j) => ({ ...chainOf(q, tree, j).last, tex: "", words: "" });
    return { at, mark: (/** @type {number} */ j) => String(j + 1), tex: `(${tex})`, words };
  }
  const values = q.vector(local);
  const gradient = local.startsWith("grad.");
  return {
    at: (/** @type {number} */ j) => ({
      ...plain(Number(values?.[j] ?? Number.NaN)),
      lit: q.lit(local, j),
      gradient,
    }),
    mark: (/** @type {number} */ j) => q.mark(local, j),
    tex: q.tex(local),
    words: q.words(local),
  };
}

/** The name an expression is; null where it is more. @param {Tree} tree */
export function nameOf(tree) {
  if (typeof tree === "string") return tree;
  return Array.isArray(tree) && tree[0] === "join" ? "x" : null;
}

/** A term without a matrix. @param {Quantities} q @param {Tree} tree @param {number} unit @param {boolean} minus @param {string} id @returns {Group} */
function chain(q, tree, unit, minus, id) {
  const { rows, last } = chainOf(q, tree, unit);
  const made = rows.length ? rows : [alone(last)];
  const end = made[made.length - 1];
  if (minus) made[made.length - 1] = { ...end, tex: `- ${end.tex}`, words: `minus ${end.words}` };
  return {
    id,
    head: null,
    rows: made,
    zeros: 0,
    minus,
    value: (minus ? -1 : 1) * last.value,
    noun: "product",
  };
}

/** A result on the way; what a row goes on with need not be named again. @typedef {Quantity & { chained?: boolean }} Passing */

/** An expression's operations in order, and its value. @param {Quantities} q @param {Tree} tree @param {number} unit */
export function chainOf(q, tree, unit) {
  /** @type {Row[]} */
  const rows = [];
  return { rows, last: visit(tree) };

  /** @param {Tree} node @returns {Passing} */
  function visit(node) {
    if (typeof node === "number") return plain(node, String(node), String(node));
    const local = nameOf(node);
    if (local !== null) return q.of(local, unit);
    const [operator, ...parts] = /** @type {import("../types.js").TreeList} */ (node);
    if (operator === "neg") return negative(visit(parts[0]));
    if (operator === "call" || operator === "slope") {
      const argument = visit(parts[1]);
      const row = operator === "call" ? callRow(parts[0], argument) : slopeRow(parts[0], argument);
      rows.push(row);
      return { ...plain(row.value, row.tex, row.words) };
    }
    return binary(operator, visit(parts[0]), visit(parts[1]));
  }

  /** @param {string} operator @param {Passing} left @param {Passing} right @returns {Passing} */
  function binary(operator, left, right) {
    const op = SIGNS[operator];
    const [tex, words] = [
      `${left.tex} ${TEX[operator]} ${right.tex}`,
      `${left.words} ${op} ${right.words}`,
    ];
    const label = left.chained ? `${TEX[operator]} ${right.tex}` : tex;
    const row = operation(left, op, right, { tex: label, words });
    rows.push(row);
    const isSum = operator === "+" || operator === "-";
    return {
      ...plain(row.value, isSum ? `(${tex})` : tex, words),
      gradient: row.gradient,
      chained: true,
    };
  }
}

/** @param {Passing} one @returns {Passing} */
function negative(one) {
  return {
    ...one,
    value: -one.value,
    tex: `-${one.tex}`,
    words: `minus ${one.words}`,
    chained: false,
  };
}

/** An activation of a number. @param {string} name @param {Quantity} argument */
export function callRow(name, argument) {
  return applied(name, { ...argument, gradient: false }, ACTIVATIONS[name].value(argument.value), {
    tex: `${functionName(name)}(${argument.tex})`,
    words: `${name} of ${argument.words}`,
  });
}

/** An activation's slope at a number, by what a calculator can do. @param {string} name @param {Quantity} argument @returns {Row} */
export function slopeRow(name, argument) {
  const { value, slope } = ACTIVATIONS[name];
  const f = plain(value(argument.value));
  const more = {
    tex: `${functionName(name)}'(${argument.tex})`,
    words: `slope of ${name} at ${argument.words}`,
    value: slope(argument.value),
    lit: argument.lit,
  };
  if (name === "tanh") return operation(plain(1), "−", { ...f, power: "squared" }, more);
  if (name === "sigmoid") return operation(f, "×", { ...f, power: "rest" }, more);
  if (name === "softplus") return applied("sigmoid", argument, more.value, more);
  return applied(`${name}′`, argument, more.value, more);
}
