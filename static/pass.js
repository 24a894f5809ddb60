/** A pass as its frames arrive: every value by its name and timestep. */

import { cutAfter, windows } from "./truncation.js";
import { signal } from "./vendor/signals-core/signals-core.mjs";

/** @import { Frame, Moment, Plan, Tensor } from "./types.js" */

/** The numbers of one sequence at one timestep. @typedef {Float64Array | Float32Array} Vector */
/** Those of all sequences, one after the other, `size` each. @typedef {{ data: import("./types.js").Numbers, size: number } | null} Batch */

/** How many milliseconds pass between two times that the views are told of new frames. */
const NEWS = 100;

/** The first step of which a task of real numbers asks something; of symbols the plan tells. @param {import("./types.js").Task} task */
function firstAsked({ kind, gap = 0, length = 1 }) {
  return kind === "adding" ? length - 1 : gap;
}

export class Pass {
  /** @param {Plan} plan */
  constructor(plan) {
    this.plan = plan;
    this.sizes = plan.sizes;
    this.total = plan.total;
    /** How many frames are here; `arrived` is how many the views were told of. */
    this.here = 0;
    this.arrived = signal(0);
    this.told = Number.NEGATIVE_INFINITY;
    /** Whether every frame is here. */
    this.complete = false;
    /** The loss of the whole pass; null where it is not known yet, or not finite. */
    this.meanLoss = signal(/** @type {number | null} */ (null));
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
    this.windows = windows(plan.spec.algorithm, plan.sizes.T);
    /** Whether all steps have the same parameters; else each has its own. */
    this.shared = plan.spec.weights_shared;
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
    this.here += 1;
    this.complete = this.here >= this.total;
    this.#tell(performance.now());
  }

  /** Of a long pass the views are told now and then: drawing every frame would hold up those to come. @param {number} now */
  #tell(now) {
    if (!this.complete && now - this.told < NEWS) return;
    this.told = now;
    this.arrived.value = this.here;
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
   * The vector of the first sequence at t, or null where it is not here yet. `grad.o` may come
   * whole, and a name ending in `_prev` is its state one step earlier, before the first zero or what was set by hand.
   * @param {string} name @param {number} t
   * @returns {Vector | null}
   */
  value(name, t) {
    const found = this.#batch(name, t);
    if (!found) return null;
    return /** @type {Vector} */ (found.data.subarray(0, found.size));
  }

  /** The vectors of all sequences at t, one after the other. @param {string} name @param {number} t */
  all(name, t) {
    return /** @type {Vector | null} */ (this.#batch(name, t)?.data ?? null);
  }

  /** @param {string} name @param {number} t @returns {Batch} */
  #batch(name, t) {
    if (name.endsWith("_prev") && name.startsWith("layer")) return this.#before(name, t);
    const whole = this.whole.get(name);
    if (whole && whole.shape.length === 3 && !this.parameters.has(name)) {
      const [, batch, size] = whole.shape;
      return { data: whole.data.subarray(t * batch * size, (t + 1) * batch * size), size };
    }
    const tensor = this.steps.get(name)?.[t];
    return tensor ? { data: tensor.data, size: tensor.shape[1] ?? 1 } : null;
  }

  /** @param {string} name @param {number} t @returns {Batch} */
  #before(name, t) {
    const state = name.slice(0, -"_prev".length);
    const { B, H } = this.sizes;
    const given = t === 0 ? this.whole.get(`${state}.initial`) : undefined;
    if (given) return { data: given.data, size: H };
    if (t === 0 || !this.carries) return { data: new Float64Array(B * H), size: H };
    return this.#batch(state, t - 1);
  }

  /** Whether states go from step to step. */
  get carries() {
    return this.plan.spec.recurrence !== "none";
  }

  /** Whether a gradient goes back through the prediction that the next step is given. */
  get freeRunning() {
    const { source, mode } = this.plan.spec.feedback;
    return source === "output" && mode === "free";
  }

  /**
   * Where what step t (from 0) of the first sequence is given of the output before came from; null where
   * it is given nothing, or nothing is known of it yet.
   * @param {number} t
   * @returns {"target" | "prediction" | "draw" | null}
   */
  fedFrom(t) {
    const forced = this.value("y_prev.forced", t);
    if (!forced || t === 0 || this.status(t) === "over") return null;
    if (Number(forced[0])) return this.status(t - 1) === "target" ? "target" : null;
    return this.freeRunning ? "prediction" : "draw";
  }

  /** What truncation cuts of what step t + 1 (from 0) would send back to step t; null for nothing. @param {number} t */
  cut(t) {
    return cutAfter(this.windows, t);
  }

  /**
   * What step t of the first sequence has: a target, none ("free"), or padding ("over").
   * @param {number} t
   * @returns {"target" | "free" | "over"}
   */
  status(t) {
    const { input, target } = this.plan.columns;
    if (input && input[t] === "") return "over";
    const asked = target ? target[t] !== "" : t >= firstAsked(this.plan.spec.task);
    return asked ? "target" : "free";
  }

  /** The symbol that the first sequence reads at t, "" on padding; null where it was set by hand to none. @param {number} t */
  symbol(t) {
    const { input } = this.plan.columns;
    const read = this.plan.spec.overrides.some(({ name }) => name === "x")
      ? this.value("x", t)
      : null;
    const isNone =
      read && input?.[t] && (!read.includes(1) || read.some((one) => one !== 0 && one !== 1));
    return isNone ? null : (input?.[t] ?? "");
  }

  /** Whether the loss of step t enters the loss of the pass. @param {number} t */
  counts(t) {
    if (this.plan.spec.loss_at !== "last_step") return this.status(t) === "target";
    const { target } = this.plan.columns;
    return t === (target ? target.findLastIndex((one) => one !== "") : this.sizes.T - 1);
  }

  /** The true symbol at t, as its place in the alphabet; null where it is none. @param {number} t */
  target(t) {
    const tensor = this.steps.get("y")?.[t];
    return tensor && this.plan.columns.alphabet ? Number(tensor.data[0]) : null;
  }

  /** The target of the first sequence at t as a vector: of a symbol, 1 at its place. @param {number} t @returns {Vector | null} */
  truth(t) {
    const target = this.target(t);
    if (target === null) return this.value("y", t);
    return Float64Array.from({ length: this.sizes.O }, (_, i) => Number(i === target));
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

  /** The shape of a parameter: where each step has its own, of one of them. @param {string} name */
  shapeOf(name) {
    const shape = this.parameters.get(name)?.shape ?? [1];
    return this.shared ? shape : shape.slice(1);
  }

  /** The step whose own parameters show at a moment; null where all steps share them. @param {Moment} moment */
  ownStep({ t, phase }) {
    if (this.shared) return null;
    return t ?? (phase === "loss" ? this.sizes.T - 1 : 0);
  }

  /** A parameter before the update: of a step that has its own, or of all. @param {string} name @param {number | null} [step] */
  parameter(name, step = null) {
    return this.#own(name, step);
  }

  /** The largest magnitude of a parameter's entries. @param {string} name */
  largestOf(name) {
    return Array.from(this.whole.get(name)?.data ?? [], Number).reduce(
      (most, value) => Math.max(most, Math.abs(value)),
      0,
    );
  }

  /** A parameter's whole gradient. @param {string} name @param {number | null} [step] */
  gradient(name, step = null) {
    return this.#own(`grad.${name}`, step);
  }

  /** A parameter after the update. @param {string} name @param {number | null} [step] */
  updated(name, step = null) {
    return this.#own(`updated.${name}`, step);
  }

  /** @param {string} name @param {number | null} step @returns {Tensor | null} */
  #own(name, step) {
    const tensor = this.whole.get(name);
    if (!tensor || step === null) return tensor ?? null;
    const [steps, ...shape] = tensor.shape;
    const size = tensor.data.length / steps;
    return { shape, data: tensor.data.subarray(step * size, (step + 1) * size) };
  }

  /**
   * One entry of a parameter's share at t, from its factors: the sum of `products`, of which delta
   * and z are the first; z is null where nothing is multiplied.
   * @param {string} name @param {number} t @param {number} row @param {number} column
   * @returns {{ share: number, delta: number, z: number | null, products: number } | null}
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
      z: z ? Number(z.data[place]) : null,
      products: delta.shape[0],
    };
  }

  /**
   * The share of one timestep in full, row by row; null where it is not here yet.
   * @param {string} name @param {number} t
   */
  shares(name, t) {
    const delta = this.steps.get(`factor.${name}.delta`)?.[t];
    const z = this.steps.get(`factor.${name}.z`)?.[t];
    if (!delta) return null;
    const [rows, columns = 1] = this.shapeOf(name);
    const matrix = this.parameters.get(name)?.role === "matrix";
    const made = new Float64Array(rows * columns);
    for (let product = 0; product < delta.shape[0]; product++)
      for (let row = 0; row < rows; row++) {
        const left = Number(delta.data[product * rows + row]);
        for (let column = 0; column < columns; column++) {
          const place = matrix ? product * columns + column : product * rows + row;
          made[row * columns + column] += left * (z ? Number(z.data[place]) : 1);
        }
      }
    return made;
  }
}
