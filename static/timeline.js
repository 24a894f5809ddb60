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
    if (moment.kind === "output") this.#earnOutput(moment.index);
    if (moment.t === null || !moment.line) return;
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

  /** grad.o of all t at once brings what the readout sends down, and its own parameters' shares. */
  /** @param {number} index */
  #earnOutput(index) {
    const { L, T } = this.plan.sizes;
    for (let t = 0; t < T; t++)
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
