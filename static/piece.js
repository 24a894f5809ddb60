/** The pieces a sentence is made of. */

import { short, shortFromLog } from "./number.js";

/**
 * Words, the title in bold, a number with its exact value, a symbol.
 * @typedef {{ kind: "text" | "title", text: string }
 *   | { kind: "number", text: string, exact: string, gradient: boolean }
 *   | { kind: "symbol", base: string, sub: string }} Piece
 */

/** @param {string} value @returns {Piece} */
export const text = (value) => ({ kind: "text", text: value });

/** @param {number} value @returns {Piece} */
export const number = (value) => ({
  kind: "number",
  text: short(value),
  exact: String(value),
  gradient: false,
});

/** @param {number} value @returns {Piece} */
export const gradient = (value) => ({
  kind: "number",
  text: short(value),
  exact: String(value),
  gradient: true,
});

/** @param {number | null} log a norm as log10 @returns {Piece} */
export const norm = (log) => {
  const value = log ?? Number.NaN;
  return { kind: "number", text: shortFromLog(value), exact: `10^${value}`, gradient: true };
};

/** @param {string} base @param {string | number} [sub] @returns {Piece} */
export const symbol = (base, sub = "") => ({ kind: "symbol", base, sub: String(sub) });

/** A parameter's symbol in running text, with the place of an entry where one is meant. @param {string} name without its layer @param {string} [place] @returns {Piece} */
export function parameter(name, place = "") {
  const [base, ...rest] = name.split("_");
  // The hair space keeps what is read out apart: W input, not Winput.
  return symbol(
    base,
    [rest.length ? `\u200a${rest.join(" ")}` : "", place].filter(Boolean).join(" "),
  );
}

/** A quantity's symbol in running text. @param {string} local @param {number} t from 0 @returns {Piece} */
export function quantity(local, t) {
  const previous = local.endsWith("_prev");
  const stem = previous ? local.slice(0, -"_prev".length) : local;
  return symbol(stem.replace(/_(gate|state)$/, "").replace(/\.a$/, ""), previous ? t : t + 1);
}
