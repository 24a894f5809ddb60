/** A moment's arithmetic: every operation on two numbers that makes one unit's value, or one weight's, and the sum. */

import { handover, later, merge } from "./arithmetic/arrivals.js";
import { backward, forward } from "./arithmetic/lines.js";
import { loss, output, readout } from "./arithmetic/outputs.js";
import { clip, update } from "./arithmetic/updates.js";
import { pinned, share, sum, titleOf } from "./arithmetic/weights.js";
import { traceName } from "./names.js";
import { firstOf, visible } from "./words.js";

/** @import { Step } from "./arithmetic/steps.js" */
/** @import { Weight } from "./arithmetic/weights.js" */
/** @import { Pass } from "./pass.js" */
/** @import { Chosen, Moment } from "./types.js" */
/** The sums one after the other, the last of which makes the moment's number; and whose they are. @typedef {{ steps: Step[], whose: string }} Arithmetic */

/** The arithmetic of a moment; null where its numbers are not here yet. `worst` is the step where the gradient at the output is largest. @param {Pass} now @param {Moment} at @param {Chosen} chosen @param {number} worst @returns {Arithmetic | null} */
export function arithmetic(now, at, chosen, worst) {
  if (!isHere(now, at)) return null;
  return KINDS[at.kind](now, at, chosen, worst);
}

/** Whether what the moment makes has arrived: all it is made of came before. @param {Pass} now @param {Moment} at */
function isHere(now, at) {
  const { T, L } = now.sizes;
  if (at.phase === "forward")
    return now.value(traceName(at.line?.target ?? "", at.layer, L), at.t ?? 0) !== null;
  if (at.phase === "backward") return now.value(`grad.layer${at.layer}.h`, at.t ?? 0) !== null;
  if (at.phase === "loss")
    return now.value(now.freeRunning ? "grad.o.from_loss" : "grad.o", T - 1) !== null;
  return now.plan.parameters.every(
    ({ name }) => (at.phase === "sum" ? now.gradient(name) : now.updated(name)) !== null,
  );
}

/** @typedef {(now: Pass, at: Moment, chosen: Chosen, worst: number) => Arithmetic} Kind */

/** @type {Record<string, Kind>} */
const KINDS = {
  line: (now, at, { unit }) => {
    if (at.phase === "forward") return ofUnit(now, at, unit, forward(now, at, unit));
    const own = at.line?.target.endsWith(".from_future") ? later : backward;
    return ofUnit(now, at, unit, own(now, at, unit));
  },
  merge: (now, at, { unit }) => ofUnit(now, at, unit, merge(now, at, unit)),
  handover: (now, at, { unit }) => ofUnit(now, at, unit, handover(now, at, unit)),
  below: (now, at, { unit }) => ofUnit(now, at, unit, backward(now, at, unit)),
  readout: (now, at, { unit }) => {
    const one = marked(now, at.t ?? 0, unit);
    return { steps: readout(now, at, one), whose: ofOutput(now, one) };
  },
  loss: (now, at) => ({ steps: loss(now, at), whose: firstOf(now) }),
  output: (now, _, { unit }, worst) => {
    const one = marked(now, worst, unit);
    return { steps: output(now, worst, one), whose: `step ${worst + 1}, ${ofOutput(now, one)}` };
  },
  share: (now, at, chosen) => {
    const weight = sharing(now, at, chosen);
    return { steps: share(now, at, weight), whose: titleOf(now, weight) };
  },
  sum: (now, at, chosen) => ofWeight(now, at, chosen, sum),
  clip: (now, at, chosen) => ({ ...ofWeight(now, at, chosen, clip), whose: "all parameters" }),
  update: (now, at, chosen) => ofWeight(now, at, chosen, update),
};

/** @param {Pass} now @param {Moment} at @param {number} unit @param {Step[]} steps @returns {Arithmetic} */
function ofUnit(now, at, unit, steps) {
  const layer = now.sizes.L > 1 ? `layer ${(at.layer ?? 0) + 1}` : "";
  return { steps, whose: [`unit ${unit + 1}`, layer, firstOf(now)].filter(Boolean).join(", ") };
}

/** @param {Pass} now @param {number} output */
function ofOutput(now, output) {
  const { alphabet } = now.plan.columns;
  const which = alphabet ? `“${visible(alphabet[output])}”` : `output ${output + 1}`;
  return [which, firstOf(now)].filter(Boolean).join(", ");
}

/** @param {Pass} now @param {Moment} at @param {Chosen} chosen @param {(now: Pass, weight: Weight) => Step[]} made @returns {Arithmetic} */
function ofWeight(now, at, chosen, made) {
  const weight = pinned(now, at, chosen);
  return { steps: made(now, weight), whose: titleOf(now, weight) };
}

/** The output that is written out: the true symbol, or the pinned unit's number. @param {Pass} now @param {number} t @param {number} unit */
function marked(now, t, unit) {
  return now.target(t) ?? Math.min(unit, now.sizes.O - 1);
}

/** The weight of a parameter whose share is told: the chosen one; of another the pinned unit's, where it was given anything. @param {Pass} now @param {Moment} at @param {Chosen} chosen */
function sharing(now, at, chosen) {
  const name = traceName(at.line?.target.slice("grad.".length) ?? "", at.layer, now.sizes.L);
  if (name === chosen.parameter) return pinned(now, at, chosen);
  const [, columns = 1] = now.shapeOf(name);
  const z = now.steps.get(`factor.${name}.z`)?.[at.t ?? 0];
  const given = Array.from(z?.data.subarray(0, columns) ?? [], Number);
  const wanted = Math.min(chosen.column, columns - 1);
  const best = given.reduce(
    (top, value, i) => (Math.abs(value) > Math.abs(given[top]) ? i : top),
    wanted,
  );
  const column = given[wanted] ? wanted : best;
  return pinned(now, at, { ...chosen, parameter: name, row: chosen.unit, column });
}

export { entryOf, pinned, texOf, titleOf } from "./arithmetic/weights.js";
