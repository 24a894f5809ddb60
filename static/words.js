/** What things are called in running text: quantities, characters, parameters. */

import { plainName } from "./letters.js";

/** @import { Pass } from "./pass.js" */
/** @import { Moment } from "./types.js" */

const WORDS = /** @type {Record<string, string>} */ ({
  a: "pre-activation",
  h: "hidden state",
  o: "output",
  x: "input",
  y_hat: "prediction",
  y_prev: "output before",
});

const TARGETS = /** @type {Record<string, string>} */ ({
  text: "next character",
  zen: "next character",
  count: "next symbol",
  reber: "next symbol",
});

/** What the true symbol of a step is. @param {Pass} pass */
export function targetWord({ plan }) {
  return TARGETS[plan.spec.task.kind] ?? "answer";
}

/** A quantity's word, as it stands on the stage. @param {string} local @returns {string} */
export function word(local) {
  if (local in WORDS) return WORDS[local];
  if (local.endsWith("_prev")) return `${word(local.slice(0, -"_prev".length))} before`;
  if (local.endsWith(".from_above"))
    return `${word(local.slice(0, -".from_above".length))}, from above`;
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

/** A parameter in the book’s letters, with its layer where there are several. @param {Pass} pass @param {string} name */
export function parameterTitle(pass, name) {
  const layer = /^layer(\d+)\./.exec(name)?.[1];
  return pass.sizes.L > 1 && layer !== undefined
    ? `${plainName(name)}, layer ${Number(layer) + 1}`
    : plainName(name);
}

/** Whose gradient comes from above. @param {Pass} pass @param {Moment} moment @param {string} state */
export function sourceOf(pass, moment, state) {
  if (state !== "h") return "this step’s hidden state";
  if (moment.layer !== pass.sizes.L - 1) return "the layer above";
  return pass.freeRunning ? "its output" : "its own loss";
}

/** Why a state is sent nothing by the step after; null where it is. @param {Pass} pass @param {number} t */
export function silence(pass, t) {
  if (t === pass.sizes.T - 1) return "no step comes after this one";
  if (!pass.carries) return "no state goes from step to step";
  const cut = pass.cut(t);
  return cut && !cut.rest ? `what step ${t + 2} would send back is cut` : null;
}

/** "sequence 1 of 3", where there are several. @param {Pass} pass */
export function firstOf({ sizes }) {
  return sizes.B > 1 ? `sequence 1 of ${sizes.B}` : "";
}

/** "all 3 sequences", over which norms run. @param {Pass} pass */
export function allOf({ sizes }) {
  return `all ${sizes.B} sequences`;
}

/** Steps from 1: "step 4", "steps 4 to 6". @param {number} first from 0 @param {number} end the one after the last */
export function stepsFrom(first, end) {
  return end === first + 1 ? `step ${end}` : `steps ${first + 1} to ${end}`;
}

/** @param {string[]} words */
export function listed(words) {
  return new Intl.ListFormat("en").format(words);
}
