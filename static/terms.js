/** A line set out in terms: its symbols, and what stands under each, in numbers of one unit. */

import { evaluate, parameterName } from "./evaluation.js";
import { traceName } from "./names.js";
import { derivative, functionName, joinedInput, parameter, side, symbol } from "./notation.js";
import { short } from "./number.js";

/** @import { Where } from "./evaluation.js" */
/** @import { Tree } from "./types.js" */
/**
 * LaTeX, and what it is the symbol of: a name of the trace, at a step where it is no parameter.
 * @typedef {{ tex: string, name?: string, t?: number | null }} Part
 *
 * What stands under a term is its number, or else the text `under` it. `breaks`: a row may begin with
 * it; `relation`: it parts the two sides; `brace`: words under a brace; `digits`: of its number;
 * `bare`: it stands without the room that a sign has.
 * @typedef {{
 *   parts: Part[], value?: number, under?: string, gradient?: boolean, brace?: string,
 *   breaks?: boolean, relation?: boolean, note?: boolean, digits?: number, bare?: boolean,
 * }} Term
 *
 * What `t` is called, where no step is meant; which names are parameters here; the unit.
 * @typedef {Where & { unit: number, generic?: boolean }} Setting
 */

/** @param {string} tex @param {string} under @param {Partial<Term>} [how] @returns {Term} */
const sign = (tex, under, how) => ({ parts: [{ tex }], under, ...how });

export const EQUALS = sign("=", "=", { relation: true });
export const BECOMES = sign("\\leftarrow", "←", { relation: true });
export const PLUS = sign("+", "+", { breaks: true });
export const MINUS = sign("-", "−", { breaks: true });
const TIMES = sign("\\odot", "×");

/** Words that say more of a line. @param {string} words @returns {Term} */
export const note = (words) => ({ parts: [], under: `(${words})`, note: true });

/** @param {Setting} setting the names of the parameters that a line of this layer has */
function parametersOf({ now, layer }) {
  const own = now.plan.parameters.filter((one) => one.layer === layer);
  return new Set(own.map(({ name }) => name.replace(/^layer\d+\./, "")));
}

/** The symbol of a name in a line. @param {string} local @param {Setting} setting @returns {Part} */
function part(local, setting) {
  const { now, layer, own, generic } = setting;
  const [t, parameters] = [generic ? null : setting.t, parametersOf(setting)];
  if (parameters.has(local))
    return { tex: parameter(parameterName(layer, local), own), name: parameterName(layer, local) };
  const tex = side(local.replace(/\.from_(above|future)$/, ""), { t, parameters, own });
  if (local === "N") return { tex };
  const before = local !== "y_prev" && local.endsWith("_prev");
  const stem = before ? local.slice(0, -"_prev".length) : local;
  const step = t === null ? null : t - Number(before);
  return { tex, name: traceName(stem, layer, now.sizes.L), t: step };
}

/** A name with its number. @param {string} local @param {Setting} setting @returns {Term} */
export function named(local, setting) {
  return {
    parts: [part(local, setting)],
    value: evaluate(local, setting.unit, setting),
    gradient: local.startsWith("grad."),
    brace: ARRIVALS[/** @type {keyof typeof ARRIVALS} */ (local.split(".").at(-1))],
  };
}

const ARRIVALS = { from_above: "from above", from_future: "from the future" };

/** The terms of an expression. @param {Tree} tree @param {Setting} setting @returns {Term[]} */
export function terms(tree, setting) {
  if (typeof tree === "string") return [named(tree, setting)];
  if (typeof tree === "number")
    return [{ parts: [{ tex: String(tree) }], under: String(tree), bare: true }];
  const [operator, ...parts] = tree;
  return OPERATORS[operator](parts, setting);
}

/** What a sign binds: in brackets where it is a sum. @param {Tree} tree @param {Setting} setting */
function factor(tree, setting) {
  const inner = terms(tree, setting);
  if (!Array.isArray(tree) || !["+", "-", "neg"].includes(tree[0])) return inner;
  return enclosed("", "", inner);
}

/** Terms in brackets as high as they are, after a function's name. @param {string} tex @param {string} name @param {Term[]} inner @returns {Term[]} */
function enclosed(tex, name, inner) {
  const high = inner.some(({ parts }) => parts.some((one) => one.tex.includes("\\frac")));
  const [open, close] = high ? ["\\Big(", "\\Big)"] : ["(", ")"];
  // A bracket is not parted from what it holds.
  const held = inner.map((term) => ({ ...term, breaks: false }));
  const kept = inner.length > LONG ? inner : held;
  return [
    sign(`${tex}${open}`, `${name}(`, { bare: true }),
    ...kept,
    sign(close, ")", { bare: true }),
  ];
}

/** So many terms may stand in brackets and in one row. */
const LONG = 5;

/** @type {Record<string, (parts: any[], setting: Setting) => Term[]>} */
const OPERATORS = {
  "+": ([left, right], s) => [...terms(left, s), PLUS, ...terms(right, s)],
  "-": ([left, right], s) => [...terms(left, s), MINUS, ...factor(right, s)],
  "*": ([left, right], s) => [...factor(left, s), TIMES, ...factor(right, s)],
  "/": ([left, right], s) => [...factor(left, s), sign("/", "/"), ...factor(right, s)],
  neg: ([operand], s) => [sign("-", "−"), ...factor(operand, s)],
  "@": ([matrix, operand], s) => [product(["@", matrix, operand], "", s)],
  "@T": ([matrix, operand], s) => [product(["@T", matrix, operand], "^{\\top}", s)],
  slope: ([name, argument], s) => [slope(name, argument, s)],
  call: ([name, argument], s) => call(name, argument, s),
  join: (_, s) => [
    {
      parts: [{ tex: joinedInput(s.generic ? null : s.t), name: "x", t: s.t }],
      value: evaluate(["join"], s.unit, s),
    },
  ],
};

/** A matrix times a vector: one number, what it comes to in the unit. @param {[string, string, Tree]} tree @param {string} turned @param {Setting} setting @returns {Term} */
function product([operator, matrix, operand], turned, setting) {
  const own = part(matrix, setting);
  const parts = factor(operand, setting).flatMap((term) => term.parts);
  const value = evaluate([operator, matrix, operand], setting.unit, setting);
  const gradient = typeof operand === "string" && operand.startsWith("grad.");
  return { parts: [{ ...own, tex: `${own.tex}${turned}` }, ...parts], value, gradient };
}

/** A slope: one number. @param {string} name @param {Tree} argument @param {Setting} setting @returns {Term} */
function slope(name, argument, setting) {
  const inner = terms(argument, setting).flatMap((term) => term.parts);
  return {
    parts: [{ tex: `${functionName(name)}'\\!(` }, ...inner, { tex: ")" }],
    value: evaluate(["slope", name, argument], setting.unit, setting),
  };
}

/** @param {string} name @param {Tree} argument @param {Setting} setting */
function call(name, argument, setting) {
  const inner = terms(argument, setting);
  const spelled = name === "sigmoid" ? "σ" : name.replaceAll("_", " ");
  if (name !== "softmax") return enclosed(functionName(name), spelled, inner);
  // Of all outputs together: under the symbol stands the one that is meant, and that there are more.
  const [first, ...rest] = inner;
  return enclosed(functionName(name), spelled, [{ ...first, under: ", …" }, ...rest]);
}

/** The gradient of a parameter. @param {string} name of the parameter @param {number | null} own @param {string} [below] what is written at its foot @returns {Part} */
export function gradientOf(name, own, below = "") {
  const whole = derivative(parameter(name, own));
  return { tex: below ? `\\left.${whole}\\right|_{${below}}` : whole, name };
}

/** The terms of a line; its left side has what it makes. @param {string} target @param {Tree} tree @param {Setting} setting @returns {Term[]} */
export function equation(target, tree, setting) {
  return [named(target, setting), EQUALS, ...terms(tree, setting)];
}

/** The loss of a step where one is asked for: minus the logarithm of the true symbol's probability, or half the square of what is missed. @param {Tree} tree @param {Setting} setting @returns {Term[]} */
export function lossTerms(tree, setting) {
  const loss = { ...named("loss", { ...setting, unit: 0 }) };
  if (Array.isArray(tree) && tree[1] === "cross_entropy") {
    const [predicted, t] = [named("y_hat", setting), setting.t];
    const [{ tex, ...of }] = predicted.parts;
    return [
      loss,
      EQUALS,
      sign("-\\log", "−log"),
      { ...predicted, parts: [{ ...of, tex: `${tex}[${symbol("y", t)}]` }] },
    ];
  }
  const pair = terms(["-", "y_hat", "y"], setting);
  if (setting.now.sizes.O === 1)
    return [loss, EQUALS, sign("\\tfrac{1}{2}", "½"), sign("(", "("), ...pair, sign(")^2", ")²")];
  const parts = [{ tex: "\\lVert" }, ...pair.flatMap((term) => term.parts), { tex: "\\rVert^2" }];
  return [
    loss,
    EQUALS,
    sign("\\tfrac{1}{2}", "½ ×"),
    { parts, value: 2 * (loss.value ?? Number.NaN) },
  ];
}

/** The text of a number under its symbol: in brackets where it is below zero and a sign goes before it. @param {Term} term @param {Term | undefined} before */
export function writtenNumber({ value = Number.NaN, digits }, before) {
  const text = short(value, { digits });
  const after = before?.parts[0]?.tex ?? "";
  return value < 0 && ["+", "-", "\\odot"].includes(after) ? `(${text})` : text;
}
