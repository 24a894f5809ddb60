/** Numbers as a reader wants them: 3 significant digits, never 0 for what is not 0. */

const MINUS = "−";
const SUPERSCRIPT = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/**
 * 3 significant digits: 0.217, −0.0139, 12.4, 1.20×10⁻⁹, ∞, not a number.
 * @param {number} value @param {{ signed?: boolean, digits?: number }} [how] signed: + is written
 */
export function short(value, { signed = false, digits = 3 } = {}) {
  if (Number.isNaN(value)) return "NaN";
  const sign = value < 0 ? MINUS : signed && value > 0 ? "+" : "";
  return sign + magnitude(Math.abs(value), digits);
}

/** @param {number} size @param {number} digits */
function magnitude(size, digits) {
  if (size === Number.POSITIVE_INFINITY) return "∞";
  if (size === 0) return "0";
  if (size >= 1e-4 && size < 1e5) {
    const rounded = Number(size.toPrecision(digits));
    const whole = Math.max(0, digits - 1 - Math.floor(Math.log10(rounded)));
    return rounded.toFixed(Math.min(whole, 8));
  }
  const [mantissa, exponent] = size.toExponential(digits - 1).split("e");
  return scientific(mantissa, Number(exponent));
}

/** @param {string} mantissa @param {number} exponent */
function scientific(mantissa, exponent) {
  const digits = [...String(Math.abs(exponent))].map((digit) => SUPERSCRIPT[Number(digit)]);
  return `${mantissa}×10${exponent < 0 ? "⁻" : ""}${digits.join("")}`;
}

/**
 * A norm given as log10, which may be far below or above what a number can hold.
 * @param {number} log
 */
export function shortFromLog(log) {
  if (log === Number.NEGATIVE_INFINITY) return "0";
  if (!Number.isFinite(log) || Math.abs(log) < 300) return short(10 ** log);
  const exponent = Math.floor(log);
  return scientific((10 ** (log - exponent)).toPrecision(3), exponent);
}

/** Every digit a number has. @param {number} value */
export function full(value) {
  return String(value).replace("-", MINUS);
}

/** A whole number with separators. @param {number} value */
export function count(value) {
  return value.toLocaleString("en");
}
