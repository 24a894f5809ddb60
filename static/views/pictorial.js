/** A row of pieces as a pictorial equation: symbols over their values, their norms under them. */

import { ACTIVATIONS } from "../activations.js";
import { copyOf } from "../motion.js";
import { parameter as parameterTex, typeset } from "../notation.js";
import { full, short } from "../number.js";
import { length } from "../vector.js";
import { html, nothing, svg } from "../vendor/lit-html/lit-html.js";
import { BARS, bars, extent, largestOf, STRIP, valueMap } from "./strips.js";

/** @import { Theme } from "../palette.js" */
/** @import { Lit } from "../types.js" */
/** @import { Call, Matrix, Piece, Row, Scalar, Vector } from "./operands.js" */
/** How large everything is: pixels a number, the longest vector, how wide strips are. @typedef {{ unit: number, longest: number, theme: Theme, wide: number }} Scale */

/** `strongest` is the largest gradient of the row; of two that merge, which fly and which gathers. @typedef {Scale & { strongest: number, merges: boolean, role: "flies" | "gathers" }} Look */

/** Matrices that are painted. @type {Map<string, { canvas: HTMLCanvasElement, most: number }>} */
const matrices = new Map();
/** Of more than these the page would grow with every pass. */
const MOST_MATRICES = 40;

/**
 * The line in so many rows; of its summands only so many, and how many more there are.
 * @param {Row} line @param {{ rows: number, most: number }} room @param {Scale} scale
 */
export function equationOf({ terms, result, merges = false }, { rows, most }, scale) {
  const all = [...terms.flat(), ...result];
  const look = { ...scale, strongest: strongestOf(all), merges };
  const groups = terms.slice(0, most).map((term, i) => (i > 0 ? [PLUS, ...term] : term));
  const more = terms.length - groups.length;
  const rest = more > 0 ? [/** @type {Piece} */ ({ kind: "sign", text: `+ ${more} more` })] : [];
  const end = terms.length > 0 ? [...rest, ...result] : result.slice(1);
  const word = normWord(isLong(all) ? "norm" : "value");
  const drawn = (/** @type {Piece} */ piece) =>
    pieceOf(piece, { ...look, role: end.includes(piece) ? "gathers" : "flies" });
  return broken([...groups, end], rows).map((row) => [word, row.flat().map(drawn)]);
}

/** @type {Piece} */
const PLUS = { kind: "sign", text: "+" };
/** About how wide pieces are against each other. */
const WIDTHS = { sign: 1, number: 2, function: 2, vector: 2, matrix: 4 };

/** Groups of pieces in so many rows, about as wide as each other. @param {Piece[][]} groups @param {number} rows @returns {Piece[][][]} */
function broken(groups, rows) {
  if (rows === 1 || groups.length === 1) return [groups];
  const wide = (/** @type {Piece[][]} */ some) =>
    some.flat().reduce((sum, { kind }) => sum + WIDTHS[kind], 0);
  const ways = groups
    .slice(1)
    .map((_, i) => [groups.slice(0, i + 1), ...broken(groups.slice(i + 1), rows - 1)]);
  const widest = (/** @type {Piece[][][]} */ way) => Math.max(...way.map(wide));
  return ways.reduce((best, way) => (widest(way) < widest(best) ? way : best));
}

/** Pieces by themselves. @param {Piece[]} all @param {Scale} scale */
export function piecesOf(all, scale) {
  const look = {
    ...scale,
    strongest: strongestOf(all),
    merges: false,
    role: /** @type {const} */ ("flies"),
  };
  return all.map((piece) => pieceOf(piece, look));
}

/** @param {Piece[]} all */
function strongestOf(all) {
  return largestOf(
    ...all.flatMap((piece) => (piece.kind === "vector" && piece.gradient ? [piece.values] : [])),
  );
}

/** Whether any of them is more than one number. @param {Piece[]} all */
function isLong(all) {
  return all.some((piece) => piece.kind === "vector" && piece.values.length > 1);
}

/** What the numbers under the pictures are. */
export function normWord(word = "norm") {
  return html`<span class="piece caption"><span></span><span></span><span class="size">${word}</span></span>`;
}

/** @param {Piece} piece @param {Look} look */
function pieceOf(piece, look) {
  if (piece.kind === "sign") return signOf(piece.text);
  if (piece.kind === "number") return numberOf(piece);
  if (piece.kind === "function") return functionOf(piece);
  return piece.kind === "vector" ? vectorOf(piece, look) : matrixOf(piece, look);
}

/** @param {string} text */
export function signOf(text) {
  return html`<span class="piece sign"><span></span><span>${text}</span></span>`;
}

/** @param {Scalar} number */
function numberOf({ name, value }) {
  return html`<span class="piece scalar" data-name=${name}><span></span><span title=${full(value)}>${short(value)}</span></span>`;
}

/** @param {Vector} piece @param {Look} look */
function vectorOf(piece, look) {
  const { name, lit, tex, words, values, gradient } = piece;
  const canvas = stripOf(piece, look);
  if (look.merges) canvas.dataset[look.role] = "";
  const size = values.length === 1 ? Number(values[0]) : length(/** @type {number[]} */ (values));
  const head = words ? html`<span class="words">${words}</span>` : symbolOf(tex);
  return operand({ name, lit, head, canvas, size, gradient });
}

/** @param {Vector} piece @param {Look} look */
function stripOf({ values, gradient, most, lies }, { theme, strongest, wide, ...scale }) {
  const [long, count] = [extent(values.length, scale), values.length];
  if (gradient) return bars(values, BARS * wide, long, { theme, most: strongest });
  if (lies) return valueMap(values, 1, count, long, STRIP * wide, { theme, most });
  return valueMap(values, count, 1, STRIP * wide, long, { theme, most });
}

/** @param {Matrix} piece @param {Scale} look */
function matrixOf({ name, lit, tex, key, values, rows, columns }, look) {
  const [width, high] = [extent(columns, look), extent(rows, look)];
  const { canvas, most } = painted([key, look.theme].join(), values, rows, columns, look);
  const copy = copyOf(canvas);
  copy.style.width = `${width}px`;
  copy.style.height = `${high}px`;
  copy.classList.toggle("dense", columns > width || rows > high);
  copy.title = `${rows} × ${columns}; full colour is ${full(most)}`;
  return operand({ name, lit, head: symbolOf(tex), canvas: copy, size: null, gradient: false });
}

/** @param {string} key @param {Matrix["values"]} values @param {number} rows @param {number} columns @param {Scale} look */
function painted(key, values, rows, columns, { theme }) {
  const known = matrices.get(key);
  if (known) return known;
  if (matrices.size > MOST_MATRICES) matrices.clear();
  const numbers = values();
  const most = largestOf(numbers);
  const canvas = valueMap(numbers, rows, columns, columns, rows, { theme, most });
  const made = { canvas, most };
  matrices.set(key, made);
  return made;
}

/**
 * A picture with what it is over it and its size under it.
 * @param {{ name: string, lit: Lit | null, head: unknown, canvas: unknown, size: number | null, gradient: boolean, foot?: unknown }} what
 */
export function operand({ name, lit, head, canvas, size, gradient, foot = nothing }) {
  const told = size === null ? foot : html`<b title=${full(size)}>${short(size)}</b>`;
  return html`<span class="piece operand ${gradient ? "gradient" : ""}" data-name=${name} data-lit=${litKey(lit)}>
    <span class="symbol">${head}</span><span class="values">${canvas}</span><span class="size">${told}</span>
  </span>`;
}

/** What is lit, as one word: a state of the step before is that state a step earlier. @param {Lit | null} lit */
export function litKey(lit) {
  if (!lit) return nothing;
  const before = lit.t !== null && lit.name.startsWith("layer") && lit.name.endsWith("_prev");
  return before
    ? `${lit.name.slice(0, -"_prev".length)}@${Number(lit.t) - 1}`
    : `${lit.name}@${lit.t ?? ""}`;
}

/** @param {string} tex */
export function symbolOf(tex) {
  const symbol = document.createElement("span");
  typeset(symbol, tex);
  return symbol;
}

/** A parameter's gradient at a step, or in all. @param {string} local @param {number | null} step @param {string} [at] */
export function gradientSymbol(local, step, at = "") {
  const fraction = `\\frac{\\partial L}{\\partial ${parameterTex(local, step)}}`;
  return symbolOf(at ? `\\left.${fraction}\\right|_{${at}}` : fraction);
}

/** An activation by its name and its curve. @param {Call} call */
function functionOf({ name, leads }) {
  const curve = ACTIVATIONS[name];
  const drawn = curve
    ? svg`<svg class="curve" viewBox="0 0 30 24"><path class="axes" d="M1 12H29M15 1V23"></path><path d=${pathOf(name)}></path></svg>`
    : nothing;
  return html`<span class="piece function ${leads ? "leads" : ""}"><span class="symbol">${curve && !leads ? nothing : html`<span class="words">${name.replaceAll("_", " ")}</span>`}</span>
    <span class="values">${drawn}${leads ? html`<span class="arrow-to">→</span>` : nothing}</span></span>`;
}

/** The curve from −3 to 3, as tall as its box. @param {string} name */
function pathOf(name) {
  const points = Array.from({ length: 25 }, (_, i) => (i - 12) / 4);
  const values = points.map(ACTIVATIONS[name].value);
  const top = Math.max(...values.map(Math.abs));
  return values
    .map(
      (value, i) =>
        `${i ? "L" : "M"}${(15 + points[i] * 4.4).toFixed(1)} ${(12 - (value / top) * 10).toFixed(1)}`,
    )
    .join("");
}
