/** When in a pass each number is earned: what may be on screen at a moment, and what may not yet. */

import { moments, stops } from "./moments.js";
import { traceName } from "./names.js";

/** @import { Granularity, Moment, Plan } from "./types.js" */

export class Timeline {
  /** @type {Map<string, number>} */
  #earned = new Map();
  /** @type {Map<Granularity, number[]>} */
  #stops = new Map();

  /** @param {Plan} plan */
  constructor(plan) {
    this.plan = plan;
    this.list = moments(plan);
    for (const moment of this.list) this.#earn(moment);
  }

  /** Where the arrows stop, as indices of moments. @param {Granularity} granularity */
  stops(granularity) {
    const found = this.#stops.get(granularity) ?? stops(this.list, granularity);
    this.#stops.set(granularity, found);
    return found;
  }

  /**
   * The index of the moment that makes a value (`layer0.h`, `grad.layer0.h.from_future`,
   * `share.layer0.W`, ...) of timestep t; Infinity where none does.
   * @param {string} name @param {number} t
   */
  earned(name, t) {
    return this.#earned.get(`${name}@${t}`) ?? Number.POSITIVE_INFINITY;
  }

  /** @param {Moment} moment */
  #earn(moment) {
    const { L, T } = this.plan.sizes;
    const { feedback } = this.plan.spec;
    const free = feedback.source === "output" && feedback.mode === "free";
    if (moment.kind === "output" && !free) this.#earnOutput(moment.index);
    // A prediction that was fed back has its whole gradient when the step after has been passed.
    if (free && moment.phase === "backward" && moment.layer === L - 1)
      this.#earnOutputAt(moment.t ?? 0, moment.index);
    if (moment.t === null || !moment.line) return;
    if (moment.phase === "forward") this.#set("y_prev", moment.t, moment.index);
    const local = moment.line.target;
    if (moment.kind === "share") {
      const parameter = local.slice("grad.".length);
      this.#set(`share.layer${moment.layer}.${parameter}`, moment.t, moment.index);
    } else if (moment.kind === "handover") {
      const state = local.slice("grad.".length, -"_prev".length);
      this.#set(`grad.layer${moment.layer}.${state}.from_future`, moment.t - 1, moment.index);
    } else {
      this.#set(traceName(local, moment.layer, L), moment.t, moment.index);
    }
    // Nothing comes from beyond the end: that is known from the start of the way back.
    if (moment.kind === "merge" && moment.t === T - 1) this.#end(local, moment);
  }

  /** grad.o of all t at once. @param {number} index */
  #earnOutput(index) {
    for (let t = 0; t < this.plan.sizes.T; t++) this.#earnOutputAt(t, index);
  }

  /** grad.o brings what the readout sends down, and its own parameters' shares. @param {number} t @param {number} index */
  #earnOutputAt(t, index) {
    const { L } = this.plan.sizes;
    for (const name of ["grad.o", `grad.layer${L - 1}.h.from_above`, "share.V", "share.c"])
      this.#set(name, t, index);
  }

  /** @param {string} local @param {Moment} moment */
  #end(local, moment) {
    const { L, T } = this.plan.sizes;
    this.#set(`${traceName(local, moment.layer, L)}.from_future`, T - 1, moment.index);
  }

  /** @param {string} name @param {number} t @param {number} index */
  #set(name, t, index) {
    const key = `${name}@${t}`;
    if (!this.#earned.has(key)) this.#earned.set(key, index);
  }
}
