/** Sentences of the way forward: a line of the cell, the readout, the loss. */

import { number, quantity, symbol, text } from "../piece.js";
import { largest } from "../vector.js";
import { listed, quoted, word } from "../words.js";
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
    (source) => !pass.parameters.has(`layer0.${source}`),
  );
  return [
    text(`The ${word(local)} `),
    quantity(local, t),
    text(
      ` is made from ${listed(sources.map((source) => `the ${word(source)}`))}. Unit ${unit + 1} of ${values.length} is `,
    ),
    number(values[unit]),
    text("."),
  ];
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
  if (local === "y_hat")
    return [text("As probabilities: "), ...guess(pass, best), number(values[best]), text(".")];
  return [
    text("The readout turns "),
    symbol("h", t + 1),
    text(` into ${values.length} numbers, one for each output. The largest is `),
    number(values[best]),
    text(`${called(pass, best)}.`),
  ];
}

/** @param {Pass} pass @param {number} best @returns {Piece[]} */
function guess(pass, best) {
  const symbols = pass.plan.columns.alphabet;
  return [
    text(symbols ? `${quoted(symbols[best])} is the likeliest, with ` : `output ${best + 1} has `),
  ];
}

/** @param {Pass} pass @param {number} best */
function called(pass, best) {
  const symbols = pass.plan.columns.alphabet;
  return symbols ? `, for ${quoted(symbols[best])}` : "";
}

/** @param {Pass} pass @param {Moment} moment @returns {Piece[]} */
export function loss(pass, moment) {
  const { t } = place(pass, moment);
  const [price, predicted, target] = [pass.loss(t), pass.value("y_hat", t), pass.target(t)];
  const { alphabet, input } = pass.plan.columns;
  if (price === null || !predicted) return [];
  if (!alphabet || !input || target === null)
    return [text("The prediction costs "), number(price), text(".")];
  const best = largest(predicted);
  const other = best === target ? "" : `, less than to ${quoted(alphabet[best])}`;
  return [
    text(
      `It reads ${quoted(input[t])} and gives the true next character, ${quoted(alphabet[target])}, the probability `,
    ),
    number(predicted[target]),
    text(`${other}. The loss is its negative logarithm: `),
    number(price),
    text("."),
  ];
}
