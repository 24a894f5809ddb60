/** A pass as its frames arrive: every value by its name and timestep. */

import { signal } from "./vendor/signals-core/signals-core.mjs";

/** @import { Frame, Parameter, Plan, Tensor } from "./types.js" */

/** The numbers of one sequence at one timestep. @typedef {Float64Array | Float32Array} Vector */

export class Pass {
  /** @param {Plan} plan */
  constructor(plan) {
    this.plan = plan;
    this.sizes = plan.sizes;
    this.total = plan.total;
    /** How many frames have arrived. */
    this.arrived = signal(0);
    /** Whether every frame is here. */
    this.complete = false;
    /** Norm of the whole gradient before clipping, and what clipping multiplied it by. */
    this.gradNorm = Number.NaN;
    this.clipScale = 1;
    /** @type {Map<string, (Tensor | undefined)[]>} arrays of a timestep, by name and t */
    this.steps = new Map();
    /** @type {Map<string, Tensor>} arrays of the whole pass */
    this.whole = new Map();
    /** @type {Map<string, Float64Array>} log10 norms over t, NaN where not here yet */
    this.norms = new Map();
    this.parameters = new Map(plan.parameters.map((parameter) => [parameter.name, parameter]));
    /** @type {Map<string, number>} the largest magnitude of a named value so far */
    this.largest = new Map();
  }

  /** Take in one step frame. @param {Frame} frame */
  add({ metadata, arrays }) {
    const t = metadata.t === undefined ? null : Number(metadata.t);
    for (const [name, tensor] of arrays) {
      if (name === "log10_norms") this.#addNorms(Number(metadata.layer), t ?? 0, tensor);
      else if (t === null || this.parameters.has(name) || name.endsWith(".initial"))
        this.whole.set(name, tensor);
      else this.#addStep(name, t, tensor);
    }
    if (metadata.grad_norm !== undefined) this.gradNorm = Number(metadata.grad_norm);
    if (metadata.clip_scale !== undefined) this.clipScale = Number(metadata.clip_scale);
    this.arrived.value += 1;
    this.complete = this.arrived.value >= this.total;
  }

  /** @param {string} name @param {number} t @param {Tensor} tensor */
  #addStep(name, t, tensor) {
    const steps = this.steps.get(name) ?? new Array(this.sizes.T);
    this.steps.set(name, steps);
    steps[t] = tensor;
    let largest = this.largest.get(name) ?? 0;
    for (const value of this.value(name, t) ?? []) {
      const magnitude = Math.abs(Number(value));
      if (magnitude > largest && Number.isFinite(magnitude)) largest = magnitude;
    }
    this.largest.set(name, largest);
  }

  /** @param {number} layer @param {number} t @param {Tensor} tensor */
  #addNorms(layer, t, tensor) {
    this.plan.norms[layer].forEach((name, place) => {
      const norms = this.norms.get(name) ?? new Float64Array(this.sizes.T).fill(Number.NaN);
      this.norms.set(name, norms);
      norms[t] = Number(tensor.data[place]);
    });
  }

  /**
   * The vector of the first sequence at t, or null where it is not here yet. `grad.o` came whole,
   * and a name ending in `_prev` is its state one step earlier, zero before the first.
   * @param {string} name @param {number} t
   * @returns {Vector | null}
   */
  value(name, t) {
    if (name.endsWith("_prev") && !name.startsWith("grad.")) return this.#before(name, t);
    const whole = this.whole.get(name);
    if (whole && whole.shape.length === 3) {
      const [, batch, size] = whole.shape;
      return /** @type {Vector} */ (whole.data.subarray(t * batch * size, t * batch * size + size));
    }
    const tensor = this.steps.get(name)?.[t];
    if (!tensor) return null;
    return /** @type {Vector} */ (tensor.data.subarray(0, tensor.shape[1] ?? 1));
  }

  /** @param {string} name @param {number} t */
  #before(name, t) {
    const state = name.slice(0, -"_prev".length);
    return t === 0 ? new Float64Array(this.sizes.H) : this.value(state, t - 1);
  }

  /** The true symbol at t, as its place in the alphabet. @param {number} t */
  target(t) {
    const tensor = this.steps.get("y")?.[t];
    return tensor ? Number(tensor.data[0]) : null;
  }

  /** The loss of the first sequence at t. @param {number} t */
  loss(t) {
    return this.value("loss", t)?.[0] ?? null;
  }

  /** log10 of a norm at t; -Infinity for zero, null where it is not here yet. @param {string} name @param {number} t */
  logNorm(name, t) {
    const log = this.norms.get(name)?.[t];
    return log === undefined || Number.isNaN(log) ? null : log;
  }

  /** A norm at t. @param {string} name @param {number} t */
  norm(name, t) {
    const log = this.logNorm(name, t);
    return log === null ? null : 10 ** log;
  }

  /** A parameter before the update. @param {string} name */
  parameter(name) {
    return this.whole.get(name) ?? null;
  }

  /** A parameter's whole gradient. @param {string} name */
  gradient(name) {
    return this.whole.get(`grad.${name}`) ?? null;
  }

  /** A parameter after the update. @param {string} name */
  updated(name) {
    return this.whole.get(`updated.${name}`) ?? null;
  }

  /**
   * One entry of a parameter's share at t, from its factors, with the two numbers that were
   * multiplied (of the first sequence; the share is summed over the batch).
   * @param {string} name @param {number} t @param {number} row @param {number} column
   * @returns {{ share: number, delta: number, z: number } | null}
   */
  share(name, t, row, column) {
    const delta = this.steps.get(`factor.${name}.delta`)?.[t];
    const z = this.steps.get(`factor.${name}.z`)?.[t];
    if (!delta) return null;
    const matrix = this.parameters.get(name)?.role === "matrix";
    const place = matrix ? column : row;
    let share = 0;
    for (let b = 0; b < delta.shape[0]; b++) {
      const right = z ? Number(z.data[b * z.shape[1] + place]) : 1;
      share += Number(delta.data[b * delta.shape[1] + row]) * right;
    }
    return {
      share,
      delta: Number(delta.data[row]),
      z: z ? Number(z.data[place]) : 1,
    };
  }

  /**
   * The share of one timestep in full, row by row; null where it is not here yet.
   * @param {string} name @param {number} t
   */
  shares(name, t) {
    const parameter = /** @type {Parameter} */ (this.parameters.get(name));
    if (!this.steps.get(`factor.${name}.delta`)?.[t]) return null;
    const [rows, columns = 1] = parameter.shape;
    const made = new Float64Array(rows * columns);
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++)
        made[row * columns + column] = this.share(name, t, row, column)?.share ?? 0;
    return made;
  }
}
