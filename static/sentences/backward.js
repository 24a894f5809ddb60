/** Sentences of the way back: grad.o, the merge, a line, a share, the hand-over. */

import { count } from "../number.js";
import { gradient, norm, number, parameter as parameterPiece, quantity, text } from "../piece.js";
import { cosineOf, largest, length } from "../vector.js";
import { allOf, silence, sourceOf, stepsFrom, word } from "../words.js";
import { place } from "./place.js";

/** @import { Pass } from "../pass.js" */
/** @import { Piece } from "../piece.js" */
/** @import { Chosen, Moment, Parameter } from "../types.js" */

/** Below this cosine two vectors are called at right angles: 78 to 102 degrees. */
const ACROSS = 0.2;

/** @param {Pass} pass @returns {Piece[]} */
export function output(pass) {
  const { T, B } = pass.sizes;
  const name = pass.freeRunning ? "grad.o.from_loss" : "grad.o";
  const sizes = Array.from({ length: T }, (_, t) => length(pass.all(name, t)));
  const worst = largest(sizes);
  const counted = countedLosses(pass, name, worst);
  const what = pass.freeRunning
    ? "What every output gets from its own loss"
    : "The gradient at every output";
  return [
    text(`${what} is known at once: prediction minus truth`),
    text(counted ? `, divided by the ${count(counted)} that count` : ""),
    text(`. It is largest at step ${worst + 1}: norm `),
    gradient(sizes[worst]),
    text(B > 1 ? `, over ${allOf(pass)}.` : "."),
    text(pass.freeRunning ? " What comes back through the next step is added on the way." : ""),
  ];
}

/**
 * How many losses the loss of the pass is the mean of, as the gradient itself tells: N in (y_hat − y)/N.
 * @param {Pass} pass @param {string} name @param {number} t where the gradient is largest
 */
function countedLosses(pass, name, t) {
  const { O } = pass.sizes;
  const [all, predicted, y] = [pass.all(name, t), pass.all("y_hat", t), pass.steps.get("y")?.[t]];
  if (!all || !predicted || !y) return null;
  const place = largest(Array.from(all, Math.abs));
  const symbol = pass.target(t) === null ? null : Number(y.data[Math.floor(place / O)]);
  const truth = symbol === null ? Number(y.data[place]) : Number(symbol === place % O);
  const counted = Math.round((predicted[place] - truth) / all[place]);
  return Number.isFinite(counted) && counted > 0 ? counted : null;
}

/** @param {Pass} pass @param {Moment} moment @returns {Piece[]} */
export function merge(pass, moment) {
  const { local, t, name } = place(pass, moment);
  const state = local.slice("grad.".length);
  const [above, future, sum] = [`${name}.from_above`, `${name}.from_future`, name].map((n) =>
    pass.logNorm(n, t),
  );
  const start = [
    text("The gradient of "),
    quantity(state, t),
    text(` is what ${sourceOf(pass, moment, state)} sends (`),
    norm(above),
  ];
  const end = fedShares(pass, moment, state);
  const silent = silence(pass, t);
  if (isUnpaid(pass, moment, state))
    return [text(`Step ${t + 1} has no loss that counts`), ...only(pass, state, t, future), ...end];
  if (silent) return [...start, text(`), and nothing more: ${silent}.`), ...end];
  return [
    ...start,
    text(`) plus what step ${t + 2} sends back (`),
    norm(future),
    text(`)${unsent(pass, t)}. `),
    ...pull(pass, name, t),
    norm(sum),
    text("."),
    ...end,
  ];
}

/** Whether a state's own step sends it nothing, as no loss of it counts. @param {Pass} pass @param {Moment} moment @param {string} state */
function isUnpaid(pass, moment, state) {
  const t = moment.t ?? 0;
  if (state !== "h" || moment.layer !== pass.sizes.L - 1 || pass.counts(t)) return false;
  return pass.all("grad.o", t)?.every((value) => Number(value) === 0) ?? false;
}

/** The one arrival there is, or that there is none. @param {Pass} pass @param {string} state @param {number} t @param {number | null} future @returns {Piece[]} */
function only(pass, state, t, future) {
  const silent = silence(pass, t);
  if (silent)
    return [text(`, and ${silent}: the gradient of `), quantity(state, t), text(" is 0.")];
  return [
    text(": the gradient of "),
    quantity(state, t),
    text(` is only what step ${t + 2} sends back (`),
    norm(future),
    text(`)${unsent(pass, t)}.`),
  ];
}

/** What truncation leaves out of what comes back. @param {Pass} pass @param {number} t */
function unsent(pass, t) {
  const cut = pass.cut(t);
  return cut ? `, without the losses of ${stepsFrom(cut.first, cut.end)}, cut here` : "";
}

/** Of an output that was fed back: what its own loss sends, and what the step it was given to. @param {Pass} pass @param {Moment} moment @param {string} state @returns {Piece[]} */
function fedShares(pass, moment, state) {
  const t = moment.t ?? 0;
  const top = state === "h" && moment.layer === pass.sizes.L - 1;
  const back = pass.all("grad.o.from_future", t);
  if (!top || !pass.freeRunning || !back || t === pass.sizes.T - 1) return [];
  return [
    text(" At the output its loss gives "),
    gradient(length(pass.all("grad.o.from_loss", t))),
    text(`, step ${t + 2} through the prediction it was given `),
    gradient(length(back)),
    text("."),
  ];
}

/** Whether the two arrivals pull together, from their cosine. @param {Pass} pass @param {string} name @param {number} t */
function pull(pass, name, t) {
  const above = pass.all(`${name}.from_above`, t);
  const future = pass.all(`${name}.from_future`, t);
  const cosine = cosineOf(above, future);
  const sum = pass.logNorm(name, t) ?? 0;
  const longest = Math.max(
    pass.logNorm(`${name}.from_above`, t) ?? 0,
    pass.logNorm(`${name}.from_future`, t) ?? 0,
  );
  if (Number.isNaN(cosine)) return [text("The sum is ")];
  if (Math.abs(cosine) < ACROSS) return [text("They are almost at right angles; the sum is ")];
  const [way, change] = cosine > 0 ? ["together", sum > longest] : ["apart", sum < longest];
  const effect = change
    ? `, so the sum is ${cosine > 0 ? "longer" : "shorter"}: `
    : "; the sum is ";
  return [text(`They pull ${way}${effect}`)];
}

/** @param {Pass} pass @param {Moment} moment @param {Chosen} chosen @returns {Piece[]} */
export function backwardLine(pass, moment, { unit }) {
  const { local, t, name } = place(pass, moment);
  const reached = local.slice("grad.".length);
  const values = pass.value(name, t);
  if (!values) return [];
  return [
    text(`The gradient reaches the ${word(reached)}: norm `),
    norm(pass.logNorm(name, t)),
    text(
      `${pass.sizes.B > 1 ? ` over all ${pass.sizes.B} sequences` : ""}. Unit ${unit + 1} gets `,
    ),
    gradient(values[unit]),
    text(pass.sizes.B > 1 ? " in sequence 1." : "."),
  ];
}

/** @param {Pass} pass @param {Moment} moment @returns {Piece[]} */
export function share(pass, moment) {
  const { local, t } = place(pass, moment);
  const own = local.slice("grad.".length);
  const name = `layer${moment.layer}.${own}`;
  const parameter = /** @type {Parameter} */ (pass.parameters.get(name));
  const delta = pass.steps.get(`factor.${name}.delta`)?.[t];
  const z = pass.steps.get(`factor.${name}.z`)?.[t];
  const takes = pass.shared
    ? ` takes its share of step ${t + 1}`
    : ` of step ${t + 1} takes its gradient`;
  const total = [norm(pass.logNorm(`contribution.${name}`, t)), text(".")];
  const start = [parameterPiece(name), text(`${takes}: the gradient where it `)];
  const over = pass.sizes.B > 1 ? `, summed over ${pass.sizes.B} sequences` : "";
  if (!z) return [...start, text(`is added${over}, norm `), ...total];
  return [
    ...start,
    text("acts (norm "),
    gradient(length(/** @type {Float64Array} */ (delta?.data ?? null))),
    text(") times what it was given (norm "),
    number(length(/** @type {Float64Array} */ (z.data))),
    text(
      `), ${parameter.role === "matrix" ? "every unit with every input" : "unit by unit"}${over}. Norm `,
    ),
    ...total,
  ];
}

/** @param {Pass} pass @param {Moment} moment @returns {Piece[]} */
export function handover(pass, moment) {
  const { local, t } = place(pass, moment);
  const state = local.slice("grad.".length, -"_prev".length);
  const name = `grad.layer${moment.layer}.${state}`;
  if (t === 0 && !pass.carries) return [text("Step 1 is the first, and was given no state.")];
  if (t === 0) {
    const rest = pass.whole.get(`${name}.initial`);
    return [
      text("Step 1 is the first: what is left, norm "),
      gradient(length(/** @type {Float64Array} */ (rest?.data ?? null))),
      text(`, would belong to the ${word(state)} before it.`),
    ];
  }
  const silent = kept(pass, name, t);
  if (silent) return [text(silent)];
  const [had, sent] = [pass.logNorm(name, t), pass.logNorm(`${name}.from_future`, t - 1)];
  return [
    text(`Step ${t + 1} hands back to step ${t} a gradient of norm `),
    norm(sent),
    text(": "),
    gradient(10 ** ((sent ?? 0) - (had ?? 0))),
    text(` times what it had itself${unsent(pass, t - 1)}.`),
  ];
}

/** Why a step hands nothing back; null where it does. @param {Pass} pass @param {string} name @param {number} t */
function kept(pass, name, t) {
  if (!pass.carries) return `Step ${t + 1} was given no state, so nothing goes back to step ${t}.`;
  if (pass.logNorm(name, t) === Number.NEGATIVE_INFINITY)
    return `Nothing reached step ${t + 1}, so it hands nothing back to step ${t}.`;
  const cut = pass.cut(t - 1);
  if (!cut || cut.rest) return null;
  const losses = stepsFrom(cut.first, cut.end);
  return `Step ${t + 1} hands nothing back to step ${t}: the losses of ${losses} are cut here, ${pass.plan.spec.algorithm.k2} steps from where they set out.`;
}

/** @param {Pass} pass @param {Moment} moment @returns {Piece[]} */
export function below(pass, moment) {
  const { t, name } = place(pass, moment);
  return [
    text(`To layer ${moment.layer} below it sends, for `),
    quantity("h", t, `layer${(moment.layer ?? 1) - 1}.h`),
    text(", a gradient of norm "),
    norm(pass.logNorm(name, t)),
    text("."),
  ];
}
