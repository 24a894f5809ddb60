/** What the server has found out of a pass beside it, as its frames arrive: matrices by name, whole or in parts. */

import { signal } from "./vendor/signals-core/signals-core.mjs";

/** @import { Pass } from "./pass.js" */
/** @import { Frame, Tensor } from "./types.js" */
/** What can be asked for. @typedef {"flow" | "inputs" | "jacobians" | "signals" | "axes"} What */

/** What a finding is kept by. @param {Pass} pass @param {What} what */
export function keyOf({ plan }, what) {
  return `${plan.id} ${what}`;
}

export class Finding {
  /** @param {What} what @param {number} steps of the pass @param {(name: string) => boolean} isWhole of a quantity: it belongs to no timestep */
  constructor(what, steps, isWhole) {
    this.what = what;
    this.steps = steps;
    this.isWhole = isWhole;
    /** @type {Map<string, Tensor>} */
    this.arrays = new Map();
    /** For how many timesteps it is here; the views are told by it. */
    this.arrived = signal(0);
    /** Whether it is all here, or is not going to come. */
    this.complete = signal(false);
    /** Why it does not come, where it does not. @type {string | null} */
    this.problem = null;
  }

  /** Take in one frame. @param {Frame} frame */
  add({ metadata, arrays }) {
    const [first, count] = [Number(metadata.first), Number(metadata.count)];
    for (const [name, tensor] of arrays) {
      if (name.startsWith("flow.")) this.#addColumns(name, tensor, first, count);
      else if (this.#isOverSteps(name)) this.#addRows(name, tensor, first);
      else this.arrays.set(name, tensor);
    }
    this.arrived.value += count;
  }

  /** The last frame is here. */
  end() {
    this.arrived.value = this.steps;
    this.complete.value = true;
  }

  /** It does not come. @param {string} problem */
  fail(problem) {
    this.problem = problem;
    this.complete.value = true;
  }

  /** Whether an array has a part for each timestep. @param {string} name */
  #isOverSteps(name) {
    return this.what === "jacobians" && !this.isWhole(name.slice(name.indexOf(".") + 1));
  }

  /** @param {string} name @param {Tensor} tensor @param {number} first @param {number} count */
  #addColumns(name, { data }, first, count) {
    const whole = this.#whole(name, [this.steps, this.steps]);
    for (let t = 0; t < this.steps; t++)
      for (let k = 0; k < count; k++)
        whole[t * this.steps + first + k] = Number(data[t * count + k]);
  }

  /** @param {string} name @param {Tensor} tensor @param {number} first */
  #addRows(name, { shape, data }, first) {
    const [, ...rest] = shape;
    const size = rest.reduce((product, one) => product * one, 1);
    const whole = this.#whole(name, [this.steps, ...rest]);
    for (let i = 0; i < data.length; i++) whole[first * size + i] = Number(data[i]);
  }

  /** An array that comes in parts, NaN where it is not here yet. @param {string} name @param {number[]} shape */
  #whole(name, shape) {
    const known = this.arrays.get(name);
    if (known) return /** @type {Float64Array} */ (known.data);
    const data = new Float64Array(shape.reduce((product, one) => product * one, 1)).fill(
      Number.NaN,
    );
    this.arrays.set(name, { shape, data });
    return data;
  }
}
