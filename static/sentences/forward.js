/** Sentences of the way forward: a line of the cell, the readout, the loss. */

import { number, quantity, text } from "../piece.js";
import { largest } from "../vector.js";
import { listed, quoted, targetWord, word } from "../words.js";
import { fed, numbers } from "./fed.js";
import { place } from "./place.js";

/** @import { Pass } from "../pass.js" */
/** @import { Piece } from "../piece.js" */
/** @import { Chosen, Moment, Tree } from "../types.js" */

/** @param {Pass} pass @param {Moment} moment @param {Chosen} chosen @returns {Piece[]} */
export function forwardLine(pass, moment, { unit }) {
  const { local, t, name } = place(pass, moment);
  const values = pass.value(name, t);
  if (!values) return [];
  const sources = read(moment.line?.tree ?? 0).filter(
    (source) => !pass.parameters.has(`layer0.${source}`) && isThere(pass, source),
  );
  return [
    text(`The ${word(local)} `),
    quantity(local, t),
    text(
      ` is made from ${listed(sources.map((source) => `the ${word(source)}`))}. Unit ${unit + 1} of ${values.length} is `,
    ),
    number(values[unit]),
    text("."),
    ...(sources.includes("y_prev") ? fed(pass, t) : []),
  ];
}

/** Whether a step has it: no state before where none is carried on. @param {Pass} pass @param {string} source */
function isThere(pass, source) {
  return source === "y_prev" || !source.endsWith("_prev") || pass.carries;
}

/** The vectors a line reads, each once. @param {Tree} tree @returns {string[]} */
function read(tree) {
  if (typeof tree === "string") return [tree];
  if (typeof tree === "number") return [];
  const parts = ["@", "call"].includes(tree[0]) ? tree.slice(2) : tree.slice(1);
  return [...new Set(parts.flatMap(read))];
}

/** @param {Pass} pass @param {Moment} moment @returns {Piece[]} */
export function readout(pass, moment) {
  const { local, t, name } = place(pass, moment);
  const values = pass.value(name, t);
  if (!values) return [];
  const best = largest(values);
  if (local === "y_hat") return prediction(pass, values, best);
  const start = [text("The readout turns "), quantity("h", t)];
  if (values.length === 1)
    return [...start, text(" into one number, "), number(values[0]), text(".")];
  return [
    ...start,
    text(` into ${values.length} numbers, one for each output. The largest is `),
    number(values[best]),
    text(`${called(pass, best)}.`),
  ];
}

/** @param {Pass} pass @param {import("../pass.js").Vector} values @param {number} best @returns {Piece[]} */
function prediction(pass, values, best) {
  if (pass.plan.spec.readout === "linear")
    return [text("The output is the prediction, as it is: "), ...numbers(values), text(".")];
  const symbols = pass.plan.columns.alphabet;
  const guess = symbols
    ? `${quoted(symbols[best])} is the likeliest, with `
    : `output ${best + 1} has `;
  return [text(`As probabilities: ${guess}`), number(values[best]), text(".")];
}

/** @param {Pass} pass @param {number} best */
function called(pass, best) {
  const symbols = pass.plan.columns.alphabet;
  return symbols ? `, for ${quoted(symbols[best])}` : "";
}

/** @param {Pass} pass @param {Moment} moment @returns {Piece[]} */
export function loss(pass, moment) {
  const { t } = place(pass, moment);
  const [price, predicted] = [pass.loss(t), pass.value("y_hat", t)];
  if (price === null || !predicted) return [];
  const paid = pass.status(t) === "free" ? untold(pass, t) : priced(pass, t, predicted, price);
  return [...paid, ...fed(pass, t)];
}

/** A step that nothing is asked of. @param {Pass} pass @param {number} t @returns {Piece[]} */
function untold(pass, t) {
  return [
    ...reads(pass, t),
    text(". Nothing is asked of this step: it has no target and no loss."),
  ];
}

/** @param {Pass} pass @param {number} t @returns {Piece[]} */
function reads(pass, t) {
  const { input } = pass.plan.columns;
  const symbol = pass.symbol(t);
  if (input) return [text(symbol === null ? "It reads no symbol" : `It reads ${quoted(symbol)}`)];
  return [text("It reads "), ...numbers(pass.value("x", t) ?? [])];
}

/** @param {Pass} pass @param {number} t @param {import("../pass.js").Vector} predicted @param {number} price @returns {Piece[]} */
function priced(pass, t, predicted, price) {
  const told = pass.target(t) === null ? apart(pass, t, predicted) : likelihood(pass, t, predicted);
  return [...reads(pass, t), ...told, number(price), text("."), ...uncounted(pass, t)];
}

/** @param {Pass} pass @param {number} t @param {import("../pass.js").Vector} predicted @returns {Piece[]} */
function likelihood(pass, t, predicted) {
  const [symbols, target] = [pass.plan.columns.alphabet ?? [], pass.target(t) ?? 0];
  const best = largest(predicted);
  const other = best === target ? "" : `, less than to ${quoted(symbols[best])}`;
  return [
    text(` and gives the true ${targetWord(pass)}, ${quoted(symbols[target])}, the probability `),
    number(predicted[target]),
    text(`${other}. The loss is its negative logarithm: `),
  ];
}

/** @param {Pass} pass @param {number} t @param {import("../pass.js").Vector} predicted @returns {Piece[]} */
function apart(pass, t, predicted) {
  return [
    text(" and predicts "),
    ...numbers(predicted),
    text(" where "),
    ...numbers(pass.truth(t) ?? []),
    text(" is true. The loss is half the squared difference: "),
  ];
}

/** @param {Pass} pass @param {number} t @returns {Piece[]} */
function uncounted(pass, t) {
  return pass.counts(t) ? [] : [text(" It does not count: only the last loss does.")];
}
