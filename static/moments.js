/** The moments of a pass in order, made from its plan; and where each granularity stops. */

import { joined } from "./joined.js";

/** @import { Granularity, Line, Moment, Phase, Plan } from "./types.js" */

/** @type {Phase[]} */
export const PHASES = ["forward", "loss", "backward", "sum", "update"];

/**
 * Every moment: for each t and layer each forward equation, then readout and loss; `grad.o` for all
 * t; then from T back to 1 the merge, each backward equation, each share, the hand-over; the sum;
 * clipping where there is any; the update.
 * @param {Plan} plan
 * @returns {Moment[]}
 */
export function moments(plan) {
  /** @type {Moment[]} */
  const list = [];
  const add = adder(list);
  const { T, L } = plan.sizes;
  for (let t = 0; t < T; t++) forward(plan, t, L, add);
  for (const line of plan.equations.output) add("loss", null, null, "output", line);
  for (let t = T - 1; t >= 0; t--)
    for (let layer = L - 1; layer >= 0; layer--) backward(plan, t, layer, add);
  add("sum", null, null, "sum", null);
  if (plan.spec.clip_norm !== null) add("sum", null, null, "clip", null);
  add("update", null, null, "update", null);
  return list;
}

/** @typedef {(phase: Phase, t: number | null, layer: number | null, kind: string, line: Line | null) => void} Add */

/** @param {Moment[]} list @returns {Add} */
function adder(list) {
  return (phase, t, layer, kind, line) => {
    list.push({ index: list.length, phase, t, layer, kind, line });
  };
}

/** @param {Plan} plan @param {number} t @param {number} layers @param {Add} add */
function forward(plan, t, layers, add) {
  for (let layer = 0; layer < layers; layer++)
    for (const line of plan.equations.forward)
      add("forward", t, layer, "line", joined(plan, line, layer));
  for (const line of plan.equations.readout)
    add("forward", t, null, line.target === "loss" ? "loss" : "readout", line);
}

/** @param {Plan} plan @param {number} t @param {number} layer @param {Add} add */
function backward(plan, t, layer, add) {
  for (const line of plan.equations.backward) {
    // What goes on to x ends there; only between layers does it arrive anywhere.
    // What goes to the output before is told where it arrives: all layers' at once.
    if (line.kind === "below" && (layer === 0 || line.target === "grad.y_prev")) continue;
    add("backward", t, layer, line.kind, joined(plan, line, layer));
  }
}

/**
 * The indices at which the arrows stop. `equation`: every moment. `timestep`: the end of each
 * forward step, the loss, the top layer's merge of each backward step, the sum, clipping, the
 * update. `pass`: the end of each phase.
 * @param {Moment[]} list @param {Granularity} granularity
 * @returns {number[]}
 */
export function stops(list, granularity) {
  if (granularity === "equation") return list.map((moment) => moment.index);
  const stop = granularity === "timestep" ? stepStop(list) : phaseEnd(list);
  return list.filter(stop).map((moment) => moment.index);
}

/** @param {Moment[]} list @returns {(moment: Moment) => boolean} */
function stepStop(list) {
  return (moment) => {
    if (moment.phase === "forward") return moment.kind === "loss";
    if (moment.phase === "backward") return moment.t !== list[moment.index - 1].t;
    return true;
  };
}

/** @param {Moment[]} list @returns {(moment: Moment) => boolean} */
function phaseEnd(list) {
  return (moment) => list[moment.index + 1]?.phase !== moment.phase;
}

/** @param {Moment} moment @param {Wanted} wanted */
function isThat({ phase, t, layer, kind, line }, wanted) {
  const same = phase === wanted.phase && t === wanted.t && layer === wanted.layer;
  return same && kind === wanted.kind && (line?.target ?? null) === wanted.target;
}

/** What is meant by a step where no more is said. */
const USUAL = new Set(["loss", "merge"]);

/** @typedef {{ phase: string, t: number | null, layer: number | null, kind: string, target: string | null }} Wanted */

/**
 * Where the moment that best matches `wanted` is: the same phase, timestep, layer, kind and line
 * as far as this pass has them.
 * @param {Moment[]} list @param {Wanted} wanted @param {number} [guess] where it may well be: a long pass has many moments
 */
export function find(list, wanted, guess = 0) {
  if (list[guess] && isThat(list[guess], wanted)) return guess;
  const inPhase = list.filter((moment) => moment.phase === wanted.phase);
  if (inPhase.length === 0) return 0;
  const last = Math.max(...inPhase.map((moment) => moment.t ?? 0));
  const t = wanted.t === null ? null : Math.min(wanted.t, last);
  const score = (/** @type {Moment} */ moment) =>
    16 * Number(moment.t === t) +
    4 * Number(wanted.kind === "" ? USUAL.has(moment.kind) : moment.kind === wanted.kind) +
    2 * Number(moment.line?.target === (wanted.target ?? undefined)) +
    Number(moment.layer === wanted.layer);
  return inPhase.reduce((best, moment) => (score(moment) > score(best) ? moment : best)).index;
}
