/** Lines to mathematics: a line's tree as LaTeX, with the timestep of the moment in its subscripts. */

import { lettersOf } from "./letters.js";
import "./vendor/katex/katex.min.js";
import { html } from "./vendor/lit-html/lit-html.js";

/** @import { Line, Tree } from "./types.js" */

// Half as many bytes to load as its module; this one sets a global instead.
const katex = /** @type {typeof import("./vendor/katex/katex.min.js").default} */ (
  Reflect.get(globalThis, "katex")
);

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

/** A parameter's letter alone, without a gate's words: U, or W_ih. @param {string} name */
export function head(name) {
  const { base, tag } = lettersOf(name);
  return tag ? `${base}_{${below(tag)}}` : base;
}

/** @param {string} tag */
function below(tag) {
  return tag.length > 2 ? `\\mathrm{${tag}}` : tag;
}

/** A parameter in the letters of the book: U, W_forget; W_3 where step 3 has its own. @param {string} name @param {number | null} [step] from 0 */
export function parameter(name, step = null) {
  const { base, tag, words } = lettersOf(name);
  const under = tag ? [below(tag)] : [];
  if (words.length) under.push(`\\mathrm{${words.join("\\,")}}`);
  if (step !== null) under.push(String(step + 1));
  return under.length ? `${base}_{${under.join(",\\,")}}` : base;
}

/** How many terms of a sum stand in one row. */
const TERMS = 2;

/**
 * Where a line stands: `own` is the step whose own parameters it has; a `flat` one has no fractions;
 * where `named` tells what a name is called in the trace, every symbol carries that.
 * @typedef {{
 *   t: number | null, parameters: Set<string>, own?: number | null, flat?: boolean,
 *   named?: (local: string) => string,
 * }} Setting
 */

/** A line as LaTeX. @param {Line} line @param {Setting} setting */
export function latex(line, setting) {
  const left = side(line.target, setting);
  if (line.kind === "share") return `${share(line, setting)} = ${treeLatex(line.tree, setting)}`;
  const terms = summands(line.tree);
  if (terms.length <= TERMS || setting.flat) return `${left} = ${treeLatex(line.tree, setting)}`;
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

/** A step's share of a parameter's gradient. @param {Line} line @param {Setting} setting */
export function share(line, setting) {
  const local = line.target.slice("grad.".length);
  const whole = derivative(parameter(fullName(local, setting), setting.own), setting.flat);
  const made =
    setting.own != null
      ? whole
      : `\\left.${whole}\\right|_{${setting.t === null ? "t" : setting.t + 1}}`;
  return carrying(made, local, setting);
}

/** @param {string} of @param {boolean} [flat] */
export function derivative(of, flat = false) {
  return flat ? `\\partial L/\\partial ${of}` : `\\frac{\\partial L}{\\partial ${of}}`;
}

/** A name on either side of a line. @param {string} local @param {Setting} setting @returns {string} */
export function side(local, setting) {
  return local === "N" ? local : carrying(sideAlone(local, setting), local, setting);
}

/** @param {string} local @param {Setting} setting */
function sideAlone(local, setting) {
  if (setting.parameters.has(local)) return parameter(fullName(local, setting), setting.own);
  if (!local.startsWith("grad."))
    return local === "loss" ? symbol("L", setting.t) : symbol(local, setting.t);
  return gradient(local.slice("grad.".length), setting);
}

/** A symbol with what it stands for: its name in the trace and its step, or how many steps from the moment's. @param {string} tex @param {string} local @param {Setting} setting */
function carrying(tex, local, { named, parameters, t }) {
  if (!named) return tex;
  const before = local.endsWith("_prev") && local !== "y_prev";
  const name = named(before ? local.slice(0, -"_prev".length) : local);
  const from = before ? -1 : 0;
  const step = t === null ? `from=${from}` : `t=${t + from}`;
  const data = parameters.has(local) ? `name=${name}` : `name=${name},${step}`;
  return `\\htmlData{${data}}{${tex}}`;
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
  const whole = derivative(symbol(stem, setting.t), setting.flat);
  if (!arrival) return whole;
  const from = arrival === "from_above" ? "from above" : "from the future";
  return setting.flat
    ? `\\left.${whole}\\right|_{\\text{${from}}}`
    : `\\underbrace{${whole}}_{\\text{${from}}}`;
}

/** An expression as LaTeX. @param {Tree} tree @param {Setting} setting @returns {string} */
export function treeLatex(tree, setting) {
  if (typeof tree === "string") return side(tree, setting);
  if (typeof tree === "number") return String(tree);
  const [operator, ...parts] = tree;
  return OPERATORS[operator](parts, setting);
}

/** @param {string} local @param {Setting} setting */
function fullName(local, { named }) {
  return named ? named(local) : local;
}

/** @param {string} name @param {Setting} s */
function matrixOf(name, s) {
  return carrying(parameter(fullName(name, s), s.own), name, s);
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
  "/": ([left, right], s) =>
    s.flat
      ? `${factor(left, s)} / ${factor(right, s)}`
      : `\\frac{${treeLatex(left, s)}}{${treeLatex(right, s)}}`,
  neg: ([operand], s) => `-${factor(operand, s)}`,
  "@": ([matrix, operand], s) => `${matrixOf(matrix, s)}\\, ${factor(operand, s)}`,
  "@T": ([matrix, operand], s) => `${matrixOf(matrix, s)}^{\\top} ${factor(operand, s)}`,
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
export function functionName(name) {
  return (
    GREEK[/** @type {keyof typeof GREEK} */ (name)] ??
    `\\operatorname{${name.replaceAll("_", "\\ ")}}`
  );
}

/** What has been typeset, by its source: a copy costs a tenth. @type {Map<string, Node>} */
const made = new Map();
const MOST = 2000;

/** Typeset LaTeX into an element. @param {HTMLElement} element @param {string} source @param {boolean} [display] */
export function typeset(element, source, display = false) {
  if (element.dataset.latex === source) return;
  element.dataset.latex = source;
  const key = display ? `display ${source}` : source;
  if (!made.has(key)) {
    if (made.size >= MOST) made.clear();
    made.set(key, typesetNew(source, display));
  }
  element.replaceChildren(/** @type {Node} */ (made.get(key)).cloneNode(true));
}

/** @param {string} source @param {boolean} displayMode */
function typesetNew(source, displayMode) {
  const host = document.createElement("span");
  katex.render(source, host, {
    displayMode,
    throwOnError: false,
    output: "html",
    // What a symbol stands for is written by this module alone; a name in it is letters, digits, _ and dots.
    trust: ({ command }) => command === "\\htmlData",
    strict: (code) => (code === "htmlExtension" ? "ignore" : "warn"),
  });
  return /** @type {Node} */ (host.firstChild);
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
