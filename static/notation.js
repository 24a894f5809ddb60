/** Lines to mathematics: a line's tree as LaTeX, with the timestep of the moment in its subscripts. */

import katex from "./vendor/katex/katex.mjs";
import { html } from "./vendor/lit-html/lit-html.js";

/** @import { Line, Tree } from "./types.js" */

// The fonts of mathematics are there when the first equation is: else it would be set twice.
for (const font of ["italic 1em KaTeX_Math", "1em KaTeX_Main"]) void document.fonts.load(font);

const GREEK = { tanh: "\\tanh", sigmoid: "\\sigma", softmax: "\\operatorname{softmax}" };

/**
 * A quantity at a timestep: h_7, forget_7, W. A gate is named by its word, since books differ on
 * its letter.
 * @param {string} local @param {number | null} t from 0
 * @param {number | null} [layer] from 1, where it is to be told
 */
export function symbol(local, t, layer = null) {
  if (local === "y_prev") return fedBack(t);
  const previous = local.endsWith("_prev");
  const stem = previous ? local.slice(0, -"_prev".length) : local;
  const at = t === null ? "t" : String(t + 1);
  const before = t === null ? "t-1" : String(t);
  const above = layer === null ? "" : `^{(${layer})}`;
  return `${letter(stem)}${above}_{${previous ? before : at}}`;
}

/** @param {string} stem */
function letter(stem) {
  const [name, inner] = stem.split(".");
  const base = name === "y_hat" ? "\\hat{y}" : name.length === 1 ? name : `\\mathrm{${word(name)}}`;
  if (inner === "a") return name.length === 1 ? "a" : `a^{${base}}`;
  return inner ? `${base}'` : base;
}

/** @param {string} name */
function word(name) {
  return name.replace(/_(gate|state)$/, "").replaceAll("_", "\\,");
}

/** A parameter: U, W_forget; W_3 where step 3 has its own. @param {string} name @param {number | null} [step] from 0 */
export function parameter(name, step = null) {
  const [head, ...rest] = name.replace(/^layer\d+\./, "").split("_");
  const below = rest.length ? [`\\mathrm{${rest.join("\\,")}}`] : [];
  if (step !== null) below.push(String(step + 1));
  return below.length ? `${head}_{${below.join(",\\,")}}` : head;
}

/** How many terms of a sum stand in one row. */
const TERMS = 2;

/** Where a line stands: `own` is the step whose own parameters it has. @typedef {{ t: number | null, parameters: Set<string>, own?: number | null }} Setting */

/** A line as LaTeX. @param {Line} line @param {Setting} setting */
export function latex(line, setting) {
  const left = side(line.target, setting);
  if (line.kind === "share") return `${share(line, setting)} = ${treeLatex(line.tree, setting)}`;
  const terms = summands(line.tree);
  if (terms.length <= TERMS) return `${left} = ${treeLatex(line.tree, setting)}`;
  return rows(
    left,
    terms.map((term) => treeLatex(term, setting)),
  );
}

/** The terms of a sum that has no other signs than +. @param {Tree} tree @returns {Tree[]} */
function summands(tree) {
  return Array.isArray(tree) && tree[0] === "+" ? [...summands(tree[1]), tree[2]] : [tree];
}

/** A long sum over several rows. @param {string} left @param {string[]} terms */
function rows(left, terms) {
  const lines = [];
  for (let i = 0; i < terms.length; i += TERMS) lines.push(terms.slice(i, i + TERMS).join(" + "));
  return `\\begin{aligned} ${left} = {} & ${lines.join(" \\\\ & + ")} \\end{aligned}`;
}

/** @param {Line} line @param {Setting} setting */
function share(line, setting) {
  const name = parameter(line.target.slice("grad.".length), setting.own);
  if (setting.own != null) return `\\frac{\\partial L}{\\partial ${name}}`;
  return `\\left.\\frac{\\partial L}{\\partial ${name}}\\right|_{${setting.t === null ? "t" : setting.t + 1}}`;
}

/** A name on either side of a line. @param {string} local @param {Setting} setting @returns {string} */
function side(local, setting) {
  if (setting.parameters.has(local)) return parameter(local, setting.own);
  if (local === "N") return "N";
  if (!local.startsWith("grad."))
    return local === "loss" ? symbol("L", setting.t) : symbol(local, setting.t);
  return gradient(local.slice("grad.".length), setting);
}

/** What is fed back of the step before: a target, a prediction or a draw. @param {number | null} t */
export function fedBack(t) {
  return `\\bar{y}_{${t === null ? "t-1" : t}}`;
}

/** The input with what is fed back under it. @param {number | null} t */
export function joinedInput(t) {
  return `[${symbol("x", t)};\\, ${fedBack(t)}]`;
}

/** @param {string} of @param {Setting} setting */
function gradient(of, setting) {
  const [, stem, arrival] = /^(.*?)(?:\.(from_above|from_future|next))?$/.exec(of) ?? [];
  const fraction = `\\frac{\\partial L}{\\partial ${symbol(stem, setting.t)}}`;
  if (arrival === "from_above") return `\\underbrace{${fraction}}_{\\text{from above}}`;
  if (arrival) return `\\underbrace{${fraction}}_{\\text{from the future}}`;
  return setting.t === null && stem === "o" ? "\\frac{\\partial L}{\\partial o_t}" : fraction;
}

/** An expression as LaTeX. @param {Tree} tree @param {Setting} setting @returns {string} */
export function treeLatex(tree, setting) {
  if (typeof tree === "string") return side(tree, setting);
  if (typeof tree === "number") return String(tree);
  const [operator, ...parts] = tree;
  return OPERATORS[operator](parts, setting);
}

/** @param {Tree} tree @param {Setting} setting */
function factor(tree, setting) {
  const inner = treeLatex(tree, setting);
  return Array.isArray(tree) && ["+", "-", "neg"].includes(tree[0])
    ? `\\left(${inner}\\right)`
    : inner;
}

/** @type {Record<string, (parts: any[], setting: Setting) => string>} */
const OPERATORS = {
  "+": ([left, right], s) => `${treeLatex(left, s)} + ${treeLatex(right, s)}`,
  "-": ([left, right], s) => `${treeLatex(left, s)} - ${factor(right, s)}`,
  "*": ([left, right], s) => `${factor(left, s)} \\odot ${factor(right, s)}`,
  "/": ([left, right], s) => `\\frac{${treeLatex(left, s)}}{${treeLatex(right, s)}}`,
  neg: ([operand], s) => `-${factor(operand, s)}`,
  "@": ([matrix, operand], s) => `${parameter(matrix, s.own)}\\, ${factor(operand, s)}`,
  "@T": ([matrix, operand], s) => `${parameter(matrix, s.own)}^{\\top} ${factor(operand, s)}`,
  outer: ([delta, z], s) => `${factor(delta, s)} \\, ${factor(z, s)}^{\\top}`,
  slope: ([name, argument], s) =>
    `${functionName(name)}'\\!\\left(${treeLatex(argument, s)}\\right)`,
  call: ([name, argument], s) => call(name, argument, s),
  join: (_, s) => joinedInput(s.t),
  list: (parts, s) => parts.map((part) => treeLatex(part, s)).join(", "),
};

/** @param {string} name @param {Tree} argument @param {Setting} s */
function call(name, argument, s) {
  if (name === "cross_entropy") return `-\\log \\hat{y}_{${s.t === null ? "t" : s.t + 1}}[y]`;
  if (name === "half_squared_error")
    return `\\tfrac{1}{2}\\left\\lVert \\hat{y} - y\\right\\rVert^2`;
  return `${functionName(name)}\\left(${treeLatex(argument, s)}\\right)`;
}

/** @param {string} name */
function functionName(name) {
  return (
    GREEK[/** @type {keyof typeof GREEK} */ (name)] ??
    `\\operatorname{${name.replaceAll("_", "\\ ")}}`
  );
}

/** Typeset LaTeX into an element. @param {HTMLElement} element @param {string} source @param {boolean} [display] */
export function typeset(element, source, display = false) {
  if (element.dataset.latex === source) return;
  element.dataset.latex = source;
  katex.render(source, element, {
    displayMode: display,
    throwOnError: false,
    output: "html",
    trust: false,
  });
}

/** A place for LaTeX in a template, with the words that are read out for it. @param {string} source @param {string} words */
export function written(source, words) {
  return html`<span data-tex=${source}></span><span class="hidden-text">${words}</span>`;
}

/** Typeset every such place in an element. @param {HTMLElement} element */
export function typesetAll(element) {
  for (const place of element.querySelectorAll("[data-tex]")) {
    const target = /** @type {HTMLElement} */ (place);
    typeset(target, target.dataset.tex ?? "");
  }
}
