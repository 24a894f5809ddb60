/** What things are called in running text: quantities, characters, parameters. */

/** @import { Pass } from "./pass.js" */
/** @import { Moment } from "./types.js" */

const WORDS = /** @type {Record<string, string>} */ ({
  a: "pre-activation",
  h: "hidden state",
  o: "output",
  x: "input",
  y_hat: "prediction",
});

/** A quantity's word, as it stands on the stage. @param {string} local @returns {string} */
export function word(local) {
  if (local in WORDS) return WORDS[local];
  if (local.endsWith("_prev")) return `${word(local.slice(0, -"_prev".length))} before`;
  if (local.endsWith(".a")) return `pre-activation of the ${word(local.slice(0, -2))}`;
  return local.replace(/\.part(\d+)$/, ", part $1").replaceAll("_", " ");
}

/** A character as it is read. @param {string} character */
export function quoted(character) {
  return `“${visible(character)}”`;
}

/** A character that can be seen. @param {string} character */
export function visible(character) {
  const signs = /** @type {Record<string, string>} */ ({
    " ": "␣",
    "\n": "⏎",
    "\t": "⇥",
    "\r": "␍",
  });
  return signs[character] ?? character;
}

/** A parameter without its layer. @param {string} parameter */
export function shortName(parameter) {
  return parameter.replace(/^layer\d+\./, "");
}

/** A parameter with its layer where there are several. @param {Pass} pass @param {string} name */
export function parameterTitle(pass, name) {
  const layer = /^layer(\d+)\./.exec(name)?.[1];
  return pass.sizes.L > 1 && layer !== undefined
    ? `${shortName(name)}, layer ${Number(layer) + 1}`
    : shortName(name);
}

/** Whose gradient comes from above. @param {Pass} pass @param {Moment} moment @param {string} state */
export function sourceOf(pass, moment, state) {
  if (state !== "h") return "this step’s hidden state";
  return moment.layer === pass.sizes.L - 1 ? "its own loss" : "the layer above";
}

/** @param {string[]} words */
export function listed(words) {
  return new Intl.ListFormat("en").format(words);
}
