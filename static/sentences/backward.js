/** Sentences of the way back: grad.o, the merge, a line, a share, the hand-over. */

import { count } from "../number.js";
import {
  gradient,
  norm,
  number,
  parameter as parameterPiece,
  quantity,
  symbol,
  text,
} from "../piece.js";
import { cosineOf, largest, length } from "../vector.js";
import { sourceOf, word } from "../words.js";
import { place } from "./place.js";

/** @import { Pass } from "../pass.js" */
/** @import { Piece } from "../piece.js" */
/** @import { Chosen, Moment, Parameter } from "../types.js" */

/** Below this cosine two vectors are called at right angles: 78 to 102 degrees. */
const ACROSS = 0.2;

/** @param {Pass} pass @returns {Piece[]} */
export function output(pass) {
  const { T, B } = pass.sizes;
  const counted = pass.plan.spec.loss_at === "last_step" ? B : T * B;
  const sizes = Array.from({ length: T }, (_, t) => length(pass.value("grad.o", t)));
  const worst = largest(sizes);
  return [
    text("The gradient at every output is known at once: prediction minus truth, divided by "),
    text(`${count(counted)}. It is largest at step ${worst + 1}: norm `),
    gradient(sizes[worst]),
    text("."),
  ];
}

/** @param {Pass} pass @param {Moment} moment @returns {Piece[]} */
export function merge(pass, moment) {
  const { local, t, name } = place(pass, moment);
  const state = local.slice("grad.".length);
  const [above, future, sum] = [`${name}.from_above`, `${name}.from_future`, name].map((n) =>
    pass.logNorm(n, t),
  );
  const start = [text("The gradient of "), quantity(state, t), text(" is what ")];
  const sender = text(`${sourceOf(pass, moment, state)} sends (`);
  if (t === pass.sizes.T - 1)
    return [
      ...start,
      sender,
      norm(above),
      text("), and nothing more: no step comes after this one."),
    ];
  return [
    ...start,
    sender,
    norm(above),
    text(`) plus what step ${t + 2} sends back (`),
    norm(future),
    text("). "),
    ...pull(pass, name, t),
    norm(sum),
    text("."),
  ];
}

/** Whether the two arrivals pull together, from their cosine. @param {Pass} pass @param {string} name @param {number} t */
function pull(pass, name, t) {
  const above = pass.value(`${name}.from_above`, t);
  const future = pass.value(`${name}.from_future`, t);
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
    text(`. Unit ${unit + 1} gets `),
    gradient(values[unit]),
    text("."),
  ];
}

/** @param {Pass} pass @param {Moment} moment @returns {Piece[]} */
export function share(pass, moment) {
  const { local, t } = place(pass, moment);
  const own = local.slice("grad.".length);
  const name = `layer${moment.layer}.${own}`;
  const parameter = /** @type {Parameter} */ (pass.parameters.get(name));
  const total = norm(pass.logNorm(`contribution.${name}`, t));
  if (parameter.role !== "matrix" || !parameter.input)
    return [
      parameterPiece(own),
      text(` takes its share of step ${t + 1}: the gradient where it is added, norm `),
      total,
      text("."),
    ];
  const delta = pass.steps.get(`factor.${name}.delta`)?.[t];
  const z = pass.steps.get(`factor.${name}.z`)?.[t];
  return [
    parameterPiece(own),
    text(` takes its share of step ${t + 1}: the gradient where it acts (norm `),
    gradient(length(/** @type {Float64Array} */ (delta?.data ?? null))),
    text(") times what it was given (norm "),
    number(length(/** @type {Float64Array} */ (z?.data ?? null))),
    text("), every unit with every input. Norm "),
    total,
    text("."),
  ];
}

/** @param {Pass} pass @param {Moment} moment @returns {Piece[]} */
export function handover(pass, moment) {
  const { local, t } = place(pass, moment);
  const state = local.slice("grad.".length, -"_prev".length);
  const name = `grad.layer${moment.layer}.${state}`;
  if (t === 0) {
    const rest = pass.whole.get(`${name}.initial`);
    return [
      text("Step 1 is the first: what is left, norm "),
      gradient(length(/** @type {Float64Array} */ (rest?.data ?? null))),
      text(`, would belong to the ${word(state)} before it.`),
    ];
  }
  const [had, sent] = [pass.logNorm(name, t), pass.logNorm(`${name}.from_future`, t - 1)];
  return [
    text(`Step ${t + 1} hands back to step ${t} a gradient of norm `),
    norm(sent),
    text(": "),
    gradient(10 ** ((sent ?? 0) - (had ?? 0))),
    text(" times what it had itself."),
  ];
}

/** @param {Pass} pass @param {Moment} moment @returns {Piece[]} */
export function below(pass, moment) {
  const { t, name } = place(pass, moment);
  return [
    text(`To layer ${moment.layer} below it sends, for `),
    symbol("h", t + 1),
    text(", a gradient of norm "),
    norm(pass.logNorm(name, t)),
    text("."),
  ];
}
