/** The letters of a parameter in the student's book: U is W_ih in PyTorch and Wxh with Karpathy. */

import { book, pass } from "./store.js";

/** @import { Book, Parameter } from "./types.js" */
/** A letter, what the book writes below it, and the words that tell a gate's from another's. @typedef {{ base: string, tag: string, words: string[] }} Letters */

/**
 * What each book calls a letter that is used as in Goodfellow's: the letter, and below it.
 * @type {Record<Book, Record<string, [string, string]>>}
 */
const BOOKS = {
  goodfellow: {},
  pytorch: { U: ["W", "ih"], W: ["W", "hh"], V: ["W", "out"], c: ["b", "out"] },
  karpathy: { U: ["W", "xh"], W: ["W", "hh"], b: ["b", "h"], V: ["W", "hy"], c: ["b", "y"] },
};

/** What is to be known of each book's letters. @type {Record<Book, string>} */
export const READING = {
  goodfellow: "U at the input, W at the state, V and c of the output; a gate’s by its word",
  pytorch:
    "W_ih and W_hh, a gate’s rows by its word; b is the sum of b_ih and b_hh; W_out and b_out are those of a Linear layer",
  karpathy: "Wxh, Whh, bh; Why and by of the output; a gate’s by its word",
};

/** Whether a parameter does what its letter says: U reads the input, W the state before. @type {Record<string, (of: Parameter) => boolean>} */
const FITS = {
  U: ({ role, input, layer }) => layer !== null && role === "matrix" && input === "x",
  W: ({ role, input, layer }) =>
    layer !== null && role === "matrix" && /\bh_prev\b/.test(input ?? ""),
  V: ({ layer }) => layer === null,
  b: ({ role, layer }) => layer !== null && role === "bias",
  c: ({ layer }) => layer === null,
};

/** The letters in the book that is chosen. @param {string} name with or without its layer @returns {Letters} */
export function lettersOf(name) {
  const local = name.replace(/^layer\d+\./, "");
  const of = pass.value?.parameters.get(name) ?? pass.value?.parameters.get(`layer0.${local}`);
  return lettersIn(book.value, local, of);
}

/** @param {Book} which @param {string} local @param {Parameter | undefined} of @returns {Letters} */
function lettersIn(which, local, of) {
  const [head, ...words] = local.split("_");
  const renamed = of && FITS[head]?.(of) ? BOOKS[which][head] : undefined;
  return renamed ? { base: renamed[0], tag: renamed[1], words } : { base: head, tag: "", words };
}

/** A parameter in plain text, as the book's code has it: W_forget, W_hh_forget, Whh_forget. @param {string} name */
export function plainName(name) {
  const { base, tag, words } = lettersOf(name);
  const head = book.value === "karpathy" || !tag ? `${base}${tag}` : `${base}_${tag}`;
  return [head, ...words].join("_");
}
