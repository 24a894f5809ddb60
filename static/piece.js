/** The pieces a sentence is made of. */

import { lettersOf } from "./letters.js";
import { short, shortFromLog } from "./number.js";

/**
 * Words, the title in bold, a number with its exact value, a symbol: of a quantity by the name that
 * lines have for it at step `t` from 0, or of a parameter by its full name.
 * @typedef {{ kind: "text" | "title", text: string }
 *   | { kind: "number", text: string, exact: string, gradient: boolean }
 *   | { kind: "symbol", base: string, sub: string, local?: string, t?: number, name?: string }} Piece
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

/** A parameter's symbol in running text, with the place of an entry where one is meant. @param {string} name @param {string} [place] @returns {Piece} */
export function parameter(name, place = "") {
  const { base, tag, words } = lettersOf(name);
  // The hair space keeps what is read out apart: W input, not Winput.
  const gate = words.length && !tag ? `\u200a${words.join(" ")}` : words.join(" ");
  return { kind: "symbol", base, sub: [tag, gate, place].filter(Boolean).join(" "), name };
}

/** A quantity's symbol in running text; of another layer than the moment's by its full name. @param {string} local @param {number} t from 0 @param {string} [name] @returns {Piece} */
export function quantity(local, t, name) {
  const previous = local.endsWith("_prev");
  const stem = previous ? local.slice(0, -"_prev".length) : local;
  const base = stem.replace(/_(gate|state)$/, "").replace(/\.a$/, "");
  const step = previous ? t - 1 : t;
  return { kind: "symbol", base, sub: String(step + 1), local: stem, t: step, name };
}
