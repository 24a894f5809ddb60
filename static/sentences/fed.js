/** What a step is given of the output before, where that came from, and whether a gradient passes. */

import { number, text } from "../piece.js";
import { largest } from "../vector.js";
import { quoted } from "../words.js";

/** @import { Pass, Vector } from "../pass.js" */
/** @import { Piece } from "../piece.js" */

/** Whether the output is fed back. @param {Pass} pass */
export function feeds(pass) {
  return pass.plan.spec.feedback.source === "output";
}

/** "Fed back is the truth of step 2, “e”; no gradient goes back through it." @param {Pass} pass @param {number} t @returns {Piece[]} */
export function fed(pass, t) {
  const given = pass.value("y_prev", t);
  if (!feeds(pass) || !given) return [];
  if (t === 0) return [text(" No output came before, so none is fed back.")];
  if (given.every((value) => value === 0) && pass.status(t - 1) !== "target")
    return [text(` Fed back is nothing: step ${t} has no target.`)];
  return [text(" Fed back is "), ...source(pass, given, t), text(`; ${way(pass, t)}.`)];
}

/** Whether a gradient goes back through what is fed back. @param {Pass} pass @param {number} t */
function way(pass, t) {
  if (!pass.freeRunning) return "no gradient goes back through it";
  const cut = pass.cut(t - 1);
  if (!cut) return "a gradient goes back through it";
  return cut.rest
    ? "a gradient goes back through it, less what is cut"
    : "its gradient is cut here";
}

/** @param {Pass} pass @param {Vector} given @param {number} t @returns {Piece[]} */
function source(pass, given, t) {
  const { mode, probability } = pass.plan.spec.feedback;
  const truth = [text(`the truth of step ${t}, `), ...called(pass, given)];
  if (mode === "teacher") return truth;
  if (mode === "free")
    return [text(`its own prediction of step ${t}, `), ...likeliest(pass, given)];
  const drawn = [text(`a draw from its prediction of step ${t}, `), ...called(pass, given)];
  if (mode === "sampled") return drawn;
  const odds = text(` (the truth with chance ${probability}, else a draw)`);
  return pass.fedFrom(t) === "target" ? [...truth, odds] : [...drawn, odds];
}

/** A symbol, or the numbers. @param {Pass} pass @param {Vector} given @returns {Piece[]} */
function called(pass, given) {
  const { alphabet } = pass.plan.columns;
  return alphabet ? [text(quoted(alphabet[largest(given)]))] : numbers(given);
}

/** @param {Pass} pass @param {Vector} given @returns {Piece[]} */
function likeliest(pass, given) {
  const { alphabet } = pass.plan.columns;
  if (!alphabet) return numbers(given);
  const best = largest(given);
  return [text(`likeliest ${quoted(alphabet[best])} with `), number(given[best])];
}

/** Numbers with commas between them. @param {ArrayLike<number>} values @returns {Piece[]} */
export function numbers(values) {
  return Array.from(values).flatMap((value, i) =>
    i === 0 ? [number(value)] : [text(", "), number(value)],
  );
}
