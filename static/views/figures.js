/** Figures: numbers in columns, one decimal point under the other, each with its exact value to copy. */

import { full, short } from "../number.js";
import { html, nothing } from "../vendor/lit-html/lit-html.js";

/** @import { Quantity } from "../arithmetic/quantities.js" */
/** @import { Lit } from "../types.js" */
/** @import { Line } from "./folds.js" */
/** The columns of numbers, and how many decimals the longest number of each has. @typedef {{ left: number, right: number, product: number, sum: number }} Decimals */

/** More than the page shows elsewhere, so that a product that is typed in agrees to three; of small numbers no more decimals than fit. */
const DIGITS = 4;
const FEW = 3;
const [TINY, SMALL, WHOLE] = [1e-4, 1e-3, 1e5];
/** As wide as a digit, and as a point. */
const [DIGIT, POINT] = ["\u2007", "\u2008"];

/** A number as it stands in a column: of few digits as it is. @param {number} value @param {boolean} [signed] */
export function told(value, signed = false) {
  const size = Math.abs(value);
  const digits = size >= TINY && size < SMALL ? FEW : DIGITS;
  const isShort =
    Number(value.toPrecision(digits)) === value && size < WHOLE && (size >= TINY || size === 0);
  if (!isShort) return short(value, { signed, digits });
  return (signed && value > 0 ? "+" : "") + full(value);
}

/** How many decimals follow the point; none of a power of ten, which stands for itself. @param {number | null | undefined} value */
function decimals(value) {
  const text = value === null || value === undefined ? "" : told(value);
  return text.includes("×") ? 0 : (text.split(".")[1]?.length ?? 0);
}

/** The decimals of each column. @param {Line[]} lines @returns {Decimals} */
export function decimalsOf(lines) {
  const most = { left: 0, right: 0, product: 0, sum: 0 };
  for (const line of lines) {
    const { left, right, product, sum } = numbersOf(line);
    most.left = Math.max(most.left, decimals(left));
    most.right = Math.max(most.right, decimals(right));
    most.product = Math.max(most.product, decimals(product));
    most.sum = Math.max(most.sum, decimals(sum));
  }
  return most;
}

/** @param {Line} line @returns {Partial<Record<keyof Decimals, number | null>>} */
function numbersOf(line) {
  if (line.kind === "head") return { sum: line.group.value };
  if (line.kind === "result") return { sum: line.step.result.value };
  if (line.kind === "entry") return { sum: line.entry.engine };
  if (line.kind === "fold") return line;
  if (line.kind !== "row" && line.kind !== "aside") return {};
  const { left, right, value } = line.row;
  const own =
    line.kind === "aside" ? { product: right ? value : null, sum: right ? null : value } : line;
  return {
    left: left && !left.power ? left.value : null,
    right: right && !right.power ? right.value : null,
    product: own.product,
    sum: own.sum,
  };
}

/** A number's text with room after it, so that its point is under the others'. @param {string} text @param {number} most */
function padded(text, most) {
  if (text.includes("×") || most === 0) return text;
  const [, after = ""] = text.split(".");
  return text + (after ? "" : POINT) + DIGIT.repeat(Math.max(0, most - after.length));
}

/** What stands for where a number is, for one that is lit to be found. @param {Lit | null} lit */
export function litKey(lit) {
  return lit ? [lit.name, lit.t ?? "", lit.unit ?? ""].join("@") : nothing;
}

/** @param {string} key @returns {Lit} */
export function litOf(key) {
  const [name, t, unit] = key.split("@");
  return { name, t: t === "" ? null : Number(t), unit: unit === "" ? null : Number(unit) };
}

/** A number as it enters. @type {Record<string, (text: string, most: number) => string>} */
const POWERS = {
  first: padded,
  squared: (text) => (text.startsWith("−") ? `(${text})²` : `${text}²`),
  rest: (text) => `(1 − ${text})`,
};

/** An operand's cell. @param {Quantity | null} one @param {number} most */
export function operand(one, most) {
  if (!one) return html`<td></td>`;
  const { value, power, lit, gradient } = one;
  const text = POWERS[power ?? "first"](told(value), most);
  return html`<td class="figure ${gradient ? "gradient" : ""}" title=${full(value)} data-lit=${litKey(lit)}>${text}</td>`;
}

/** A result's cell; empty where there is none in this column. @param {number | null} value @param {number} most @param {boolean} gradient @param {string} [name] */
export function result(value, most, gradient, name = "") {
  if (value === null) return html`<td class=${name}></td>`;
  return html`<td class="figure ${name} ${gradient ? "gradient" : ""}" title=${full(value)}>${padded(told(value, true), most)}</td>`;
}
