/** The line of a moment as a row of pieces: its vectors, its matrices and the signs between them. */

import { ACTIVATIONS } from "../activations.js";
import { joinedVector, vectorOf } from "../evaluation.js";
import { traceName } from "../names.js";
import { joinedInput, parameter, side, treeLatex } from "../notation.js";
import { silence, sourceOf, word } from "../words.js";
import { largestOf, turned } from "./strips.js";

/** @import { Pass } from "../pass.js" */
/** @import { Lit, Moment, Tree } from "../types.js" */
/** @import { Values } from "./strips.js" */
/**
 * What stands in the row; `words` is a symbol's place where words say more, `lit` what it lights,
 * `most` what full colour is.
 * @typedef {{ kind: "sign", text: string }} Sign
 * @typedef {{ kind: "number", name: string, value: number }} Scalar
 * @typedef {{ kind: "function", name: string, leads: boolean }} Call `leads`: to what comes after it
 * @typedef {{ kind: "vector", name: string, lit: Lit | null, tex: string, words?: string, values: Values, gradient: boolean, most: number, lies?: boolean }} Vector
 * @typedef {{ kind: "matrix", name: string, lit: Lit, tex: string, key: string, values: () => Values, rows: number, columns: number }} Matrix `key` tells it from every other
 * @typedef {Sign | Scalar | Call | Vector | Matrix} Piece
 */
/** The moment's line, its summands apart. `merges`: two become one. @typedef {{ terms: Piece[][], result: Piece[], merges?: boolean }} Row */

/** The input with what is fed back under it. */
const JOINED = "[x; y_prev]";

/** @param {string} text @returns {Sign} */
const sign = (text) => ({ kind: "sign", text });

/** Thrown where a number has not arrived. */
export class NotHere extends Error {}

/** @type {Record<string, (now: Pass, at: Moment) => Row>} */
const ROWS = { merge, handover, loss };

/** The row of a moment that has a line; throws NotHere. @param {Pass} now @param {Moment} at @returns {Row} */
export function rowOf(now, at) {
  return (ROWS[at.kind] ?? rowOfLine)(now, at);
}

/** What a share is made of; of an outer product the second lies, each of its numbers over a column. @param {Pass} now @param {Moment} at @returns {Piece[]} */
export function factorsOf(now, at) {
  const { tree } = /** @type {import("../types.js").Line} */ (at.line);
  if (!Array.isArray(tree) || tree[0] !== "outer") return pieces(now, at, tree);
  const [delta, z] = [factor(now, at, tree[1]), factor(now, at, tree[2])];
  const [only] = z;
  if (z.length > 1 || only.kind !== "vector") return [...delta, ...z];
  return [...delta, { ...only, lies: true, tex: `${only.tex}^{\\top}` }];
}

/** A line as it is; what an activation is given stands before it in full. @param {Pass} now @param {Moment} at @returns {Row} */
function rowOfLine(now, at) {
  const { tree, target } = /** @type {import("../types.js").Line} */ (at.line);
  const made = vector(now, at, target);
  if (at.phase !== "forward" || !Array.isArray(tree) || tree[0] !== "call")
    return { terms: terms(now, at, tree), result: [sign("="), made] };
  const through = /** @type {Call} */ ({ kind: "function", name: tree[1], leads: true });
  const argument = /** @type {Tree} */ (tree[2]);
  const row = { terms: terms(now, at, argument), result: [through, made] };
  if (!Array.isArray(argument)) return row;
  return { ...row, result: [sign("="), vector(now, at, `${target}.a`), ...row.result] };
}

/** The summands of a tree that has no other signs than +. @param {Pass} now @param {Moment} at @param {Tree} tree @returns {Piece[][]} */
function terms(now, at, tree) {
  return Array.isArray(tree) && tree[0] === "+"
    ? [...terms(now, at, tree[1]), pieces(now, at, tree[2])]
    : [pieces(now, at, tree)];
}

/** Two arrivals and what they become. @param {Pass} now @param {Moment} at @returns {Row} */
function merge(now, at) {
  const [t, local] = [at.t ?? 0, at.line?.target ?? ""];
  const above = vector(now, at, `${local}.from_above`);
  const future = vector(now, at, `${local}.from_future`);
  above.words = sourceOf(now, at, local.slice("grad.".length)).replace("this step’s ", "");
  const cut = now.cut(t)?.rest ? ", less what is cut" : "";
  future.words = silence(now, t) ? nothingFrom(now, t) : `step ${t + 2}${cut}`;
  const result = [sign("="), vector(now, at, local)];
  return { terms: [[above], [future]], result, merges: true };
}

/** Where nothing comes from. @param {Pass} now @param {number} t */
function nothingFrom(now, t) {
  if (t === now.sizes.T - 1) return "no step after";
  return now.carries ? "cut here" : "no state";
}

/** What is handed back; or that nothing is, and why. @param {Pass} now @param {Moment} at @returns {Row} */
function handover(now, at) {
  const t = at.t ?? 0;
  const cut = t > 0 ? now.cut(t - 1) : null;
  const row = rowOfLine(now, at);
  const made = /** @type {Vector} */ (row.result[1]);
  if (now.carries && !cut) return row;
  if (now.carries && cut?.rest) made.words = "less what is cut";
  else {
    row.terms = [];
    made.words = now.carries ? "cut here" : "no state was given";
  }
  return row;
}

/** @param {Pass} now @param {Moment} at @returns {Row} */
function loss(now, at) {
  const value = now.loss(at.t ?? 0);
  if (value === null) throw new NotHere();
  const result = [sign("="), /** @type {Scalar} */ ({ kind: "number", name: "loss", value })];
  if (now.status(at.t ?? 0) !== "target") return { terms: [[sign("no target")]], result };
  const [predicted, truth] = [vector(now, at, "y_hat"), vector(now, at, "y")];
  const symbols = now.plan.columns.alphabet !== null;
  const term = symbols
    ? [sign("−log"), predicted, sign("at"), truth]
    : [sign("½ ‖"), predicted, sign("−"), truth, sign("‖²")];
  return { terms: [term], result };
}

/** A tree as pieces, in its order. @param {Pass} now @param {Moment} at @param {Tree} tree @returns {Piece[]} */
function pieces(now, at, tree) {
  if (typeof tree === "number") return [{ kind: "number", name: String(tree), value: tree }];
  if (typeof tree === "string") return [vector(now, at, tree)];
  const [operator, left, right] = tree;
  if (operator === "join") return [vector(now, at, JOINED)];
  if (operator === "@" || operator === "@T")
    return [matrix(now, at, left, operator === "@T"), ...factor(now, at, right)];
  if (operator === "slope" && typeof right === "string") return [slope(now, at, left, right)];
  if (operator === "slope") return called(now, at, `${left}'`, right);
  if (operator === "call") return called(now, at, left, right);
  if (operator === "neg") return [sign("−"), ...factor(now, at, left)];
  return infix(now, at, tree);
}

/** @type {Record<string, string>} */
const SIGNS = { "+": "+", "-": "−", "*": "⊙", "/": "∕" };

/** @param {Pass} now @param {Moment} at @param {import("../types.js").TreeList} tree @returns {Piece[]} */
function infix(now, at, [operator, left, right]) {
  const plain = typeof left === "number" || typeof right === "number";
  const between = sign(operator === "*" && plain ? "×" : SIGNS[operator]);
  if (operator === "+") return [...pieces(now, at, left), between, ...pieces(now, at, right)];
  if (operator === "-") return [...pieces(now, at, left), between, ...factor(now, at, right)];
  return [...factor(now, at, left), between, ...factor(now, at, right)];
}

/** What is multiplied: a sum in parentheses. @param {Pass} now @param {Moment} at @param {Tree} tree @returns {Piece[]} */
function factor(now, at, tree) {
  const inner = pieces(now, at, tree);
  const sum = Array.isArray(tree) && ["+", "-", "neg"].includes(tree[0]);
  return sum ? [sign("("), ...inner, sign(")")] : inner;
}

/** @param {Pass} now @param {Moment} at @param {string} name @param {Tree} argument @returns {Piece[]} */
function called(now, at, name, argument) {
  const call = /** @type {Call} */ ({ kind: "function", name, leads: false });
  return [call, sign("("), ...pieces(now, at, argument), sign(")")];
}

/** A vector by its name in the line. @param {Pass} now @param {Moment} at @param {string} local @returns {Vector} */
function vector(now, at, local) {
  const name = traceName(local, at.layer, now.sizes.L);
  if (now.parameters.has(name)) return bias(now, at, local, name);
  const where = { now, layer: at.layer, t: at.t ?? 0, own: null };
  const values = local === JOINED ? joinedVector(where) : vectorOf(where, local);
  if (!values) throw new NotHere();
  const gradient = local.startsWith("grad.");
  const tex = local === JOINED ? joinedInput(at.t) : texOf(local, at.t);
  const most = gradient ? 0 : mostOf(now, name, values);
  return { kind: "vector", name: local, lit: litOf(now, at, local), tex, values, gradient, most };
}

/** A quantity as it is written; a gradient by what it is of, not where it came from. @param {string} local @param {number | null} t */
function texOf(local, t) {
  return side(local.replace(/\.from_(above|future)$/, ""), { t, parameters: new Set() });
}

/** @param {Pass} now @param {Moment} at @param {string} local @param {string} name @returns {Vector} */
function bias(now, at, local, name) {
  const step = now.ownStep(at);
  const tensor = now.parameter(name, step);
  if (!tensor) throw new NotHere();
  const [lit, most] = [{ name, t: null, unit: null }, largestOf(tensor.data)];
  const tex = parameter(local, step);
  return { kind: "vector", name: local, lit, tex, values: tensor.data, gradient: false, most };
}

/** What full colour stands for: 1 where values are held within it, as on the stage. @param {Pass} now @param {string} name @param {Values} values */
function mostOf(now, name, values) {
  const state = name.replace(/_prev$/, "");
  const row = now.plan.rows.find((one) => one.name === state);
  if (row?.bounds || name === "y" || name === "y_prev") return 1;
  return Math.max(1, now.largest.get(state) ?? largestOf(values));
}

/** Which quantity of which step a name is; null where it is of no step. @param {Pass} now @param {Moment} at @param {string} local @returns {Lit | null} */
function litOf(now, at, local) {
  const t = at.t ?? 0;
  const name = traceName(local === JOINED ? "x" : local, at.layer, now.sizes.L);
  if (!local.endsWith("_prev") || local === "y_prev") return { name, t, unit: null };
  return t === 0 ? null : { name: name.slice(0, -"_prev".length), t: t - 1, unit: null };
}

/** The slopes of an activation where it was. @param {Pass} now @param {Moment} at @param {string} name @param {string} local @returns {Vector} */
function slope(now, at, name, local) {
  const argument = vector(now, at, local);
  const slopeAt = ACTIVATIONS[name].slope;
  const values = Float64Array.from(argument.values, (value) => slopeAt(Number(value)));
  const tex = treeLatex(["slope", name, local], { t: at.t, parameters: new Set() });
  return {
    ...argument,
    name: `${name}'(${local})`,
    tex,
    values,
    most: Math.max(1, largestOf(values)),
  };
}

/** @param {Pass} now @param {Moment} at @param {string} local @param {boolean} over whether it is turned over @returns {Matrix} */
function matrix(now, at, local, over) {
  const name = traceName(local, at.layer, now.sizes.L);
  const step = now.ownStep(at);
  const tensor = now.parameter(name, step);
  if (!tensor) throw new NotHere();
  const [rows, columns] = now.shapeOf(name);
  const made = {
    kind: /** @type {const} */ ("matrix"),
    name: over ? `${local}.T` : local,
    lit: { name, t: null, unit: null },
    tex: over ? `${parameter(local, step)}^{\\top}` : parameter(local, step),
    key: [now.plan.id, name, step, over].join(),
  };
  if (!over) return { ...made, values: () => tensor.data, rows, columns };
  return {
    ...made,
    values: () => turned(tensor.data, rows, columns),
    rows: columns,
    columns: rows,
  };
}

/** What the row is about, in words. @param {Moment} at */
export function aboutOf({ kind, phase, line, t }) {
  const of = word((line?.target ?? "").replace(/^grad\./, ""));
  if (kind === "merge") return `What arrives at the ${of}`;
  if (kind === "handover" || kind === "below")
    return `Handed back to ${kind === "below" ? "the layer below" : before(t ?? 0)}`;
  if (kind === "loss") return "The loss";
  return phase === "backward" ? `The gradient of the ${of}` : `The ${of}`;
}

/** @param {number} t */
function before(t) {
  return t === 0 ? "the start" : `step ${t}`;
}
