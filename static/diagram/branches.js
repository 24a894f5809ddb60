/** What goes back along every wire of a diagram: the gradient of the value on it, of each branch its own part. */

import { ACTIVATIONS } from "../activations.js";
import { traceName } from "../names.js";
import { length } from "../vector.js";
import { gradientBack } from "./gradients.js";

/** @import { Input, Node } from "./circuit.js" */
/** @import { Pass } from "../pass.js" */
/** @import { Piece } from "./routes.js" */
/** @import { Timeline } from "../timeline.js" */
/** @import { Tree } from "../types.js" */
/** A name of the trace and the timestep where that stands; -1 is before the first. @typedef {{ name: string, t: number }} Place */
/** @typedef {Float64Array} Vector of all sequences, one after the other */

/** The gradients on the wires of one layer's diagram in one pass, from its trace; a part that has no name there is made of those that have. */
export class Branches {
  /** @type {Map<string, number | null>} */
  #logs = new Map();

  /** @param {Pass} pass @param {Timeline} timeline @param {number} layer */
  constructor(pass, timeline, layer) {
    this.pass = pass;
    this.timeline = timeline;
    this.layer = layer;
    /** States that get something from their own step beside what comes from the next, under the same name. */
    this.fed = new Set(
      pass.plan.equations.backward
        .filter(({ kind, target }) => kind === "line" && target.endsWith(".from_future"))
        .map(({ target }) => target.slice("grad.".length, -".from_future".length)),
    );
  }

  /** Where the whole gradient of a value stands; null where nothing goes back to it. @param {Node} node @param {number} t @returns {Place | null} */
  whole({ kind, name, readout }, t) {
    if (readout) return name === "o" ? { name: "grad.o", t } : null;
    if (name === null || name === "y_prev") return null;
    if (kind === "given" && name === "x")
      return this.layer === 0
        ? null
        : { name: traceName("grad.x", this.layer, this.pass.sizes.L), t };
    if (kind === "given") return this.#future(name.slice(0, -"_prev".length), t - 1);
    return { name: `grad.layer${this.layer}.${name}`, t };
  }

  /** What comes to a state from the step after. @param {string} state @param {number} t */
  #future(state, t) {
    return { name: `grad.layer${this.layer}.${state}.from_future`, t };
  }

  /** Where the gradient of one branch stands, if it has a name there. @param {Node} net @param {Input} use @param {number} t @returns {Place | null} */
  part(net, use, t) {
    const to = net.to[net.uses.indexOf(use)];
    if (net.uses.length === 1) return this.whole(net, t);
    const above = { name: `grad.layer${this.layer}.h.from_above`, t };
    if (to.kind === "up" || to.readout) return above;
    if (to.kind === "next" && net.name !== null)
      return this.fed.has(net.name) ? null : this.#future(net.name, t);
    return null;
  }

  /** The moment from which on a piece of wire has its gradient; Infinity where it never has. @param {Piece} piece @param {number} t */
  earned({ net, uses }, t) {
    const place = uses.length === net.uses.length ? this.whole(net, t) : null;
    if (place) return this.timeline.earned(place.name, place.t);
    return Math.max(...uses.map((use) => this.#earnedPart(net, use, t)));
  }

  /** @param {Node} net @param {Input} use @param {number} t @returns {number} */
  #earnedPart(net, use, t) {
    const to = net.to[net.uses.indexOf(use)];
    const place = this.part(net, use, t);
    if (place) return this.timeline.earned(place.name, place.t);
    if (to.kind === "next") return this.timeline.earned(`grad.layer${this.layer}.${net.name}`, t);
    return this.#reached(net, t);
  }

  /** When a node's gradient is reached: of one without a name, with the first that it sends on to. @param {Node} node @param {number} t @returns {number} */
  #reached(node, t) {
    if (node.name === null)
      return Math.min(
        Number.POSITIVE_INFINITY,
        ...node.inputs.map(({ from }) => this.#reached(from, t)),
      );
    const own = this.whole(node, t);
    if (!own) return Number.POSITIVE_INFINITY;
    const above = `${own.name}.from_above`;
    const first = this.timeline.earned(above, own.t);
    return node.name !== "h" && Number.isFinite(first)
      ? first
      : this.timeline.earned(own.name, own.t);
  }

  /** log10 of the norm of what goes back along a piece, over all sequences; null where that is not known. @param {Piece} piece @param {number} t */
  log(piece, t) {
    const { net, uses } = piece;
    const key = [net.id, t, ...uses.map((use) => net.uses.indexOf(use))].join();
    const known = this.#logs.get(key);
    if (known !== undefined) return known;
    const found = this.#find(piece, t);
    if (this.pass.complete) this.#logs.set(key, found);
    return found;
  }

  /** @param {Piece} piece @param {number} t */
  #find({ net, uses }, t) {
    const all = uses.length === net.uses.length;
    const place = all ? this.whole(net, t) : uses.length === 1 ? this.part(net, uses[0], t) : null;
    if (place && !(all && net.kind === "given" && this.#isMixed(net))) return this.logAt(place);
    const vector = total(uses.map((use) => this.#vector(net, use, t)));
    return vector ? Math.log10(length(vector)) : null;
  }

  /** Whether what is handed back stands together with other things. @param {Node} net */
  #isMixed({ name }) {
    return this.fed.has((name ?? "").replace(/_prev$/, ""));
  }

  /** @param {Place} place */
  logAt({ name, t }) {
    const log = t < 0 ? null : this.pass.logNorm(name, t);
    if (log !== null) return log;
    const vector = this.#at({ name, t });
    return vector ? Math.log10(length(vector)) : null;
  }

  /** @param {Place} place @returns {Vector | null} */
  #at({ name, t }) {
    if (t >= 0) return /** @type {Vector | null} */ (this.pass.all(name, t));
    const initial = this.pass.whole.get(name.replace(/\.from_future$/, ".initial"));
    return /** @type {Vector | undefined} */ (initial?.data) ?? null;
  }

  /** @param {Node} net @param {Input} use @param {number} t @returns {Vector | null} */
  #vector(net, use, t) {
    const place = this.part(net, use, t);
    if (place) return this.#at(place);
    const to = net.to[net.uses.indexOf(use)];
    if (to.kind === "next") return this.#rest(net, t);
    const tree = gradientBack(to, use);
    return tree === null ? null : this.#evaluate(tree, t);
  }

  /** What comes from the step after, of a state whose own step adds to that. @param {Node} net @param {number} t */
  #rest(net, t) {
    const all = this.#at(this.#future(net.name ?? "", t));
    const own = net.uses.filter((_, i) => net.to[i].kind !== "next" && !net.to[i].readout);
    const sent = total(own.map((use) => this.#vector(net, use, t)));
    return all && sent ? all.map((value, i) => value - sent[i]) : null;
  }

  /** An expression for all sequences; null where a number of it is not here. @param {Tree} tree @param {number} t @returns {Vector | null} */
  #evaluate(tree, t) {
    const { B } = this.pass.sizes;
    if (typeof tree === "number") return Float64Array.of(tree);
    if (typeof tree === "string") return this.#named(tree, t);
    const [operator, ...parts] = tree;
    if (operator === "@T" || operator === "@") {
      const matrix = this.#parameter(parts[0], t);
      const operand = this.#evaluate(parts[1], t);
      return matrix && operand ? product(matrix, operand, B, operator === "@T") : null;
    }
    if (operator === "call" || operator === "slope") {
      const activation = ACTIVATIONS[parts[0]];
      const argument = this.#evaluate(parts[1], t);
      if (!activation || !argument) return null;
      return argument.map(operator === "call" ? activation.value : activation.slope);
    }
    const values = parts.map((/** @type {Tree} */ part) => this.#evaluate(part, t));
    return together(operator, values);
  }

  /** @param {string} name @param {number} t @returns {Vector | null} */
  #named(name, t) {
    const parameter = this.#parameter(name, t);
    if (parameter) return repeated(/** @type {Vector} */ (parameter.data), this.pass.sizes.B);
    const full = traceName(name, this.layer, this.pass.sizes.L);
    return /** @type {Vector | null} */ (this.pass.all(full, t));
  }

  /** @param {string} name @param {number} t */
  #parameter(name, t) {
    const step = this.pass.shared ? null : t;
    return this.pass.parameter(`layer${this.layer}.${name}`, step);
  }
}

/** @param {Vector} data @param {number} times */
function repeated(data, times) {
  return Float64Array.from({ length: data.length * times }, (_, i) => data[i % data.length]);
}

/** A matrix, or the same turned over, times every sequence's vector. @param {import("../types.js").Tensor} matrix @param {Vector} operand @param {number} sequences @param {boolean} turned */
function product({ shape, data }, operand, sequences, turned) {
  const [rows, columns] = shape;
  const [into, from] = turned ? [columns, rows] : [rows, columns];
  const made = new Float64Array(sequences * into);
  for (let b = 0; b < sequences; b++)
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++) {
        const [to, of] = turned ? [column, row] : [row, column];
        made[b * into + to] += Number(data[row * columns + column]) * operand[b * from + of];
      }
  return made;
}

/** @type {Record<string, (a: number, b: number) => number>} */
const SIGNS = { "+": (a, b) => a + b, "-": (a, b) => a - b, "*": (a, b) => a * b };

/** Entry by entry; a single number goes with every entry. @param {string} operator @param {(Vector | null)[]} values @returns {Vector | null} */
function together(operator, [left, right]) {
  if (!left) return null;
  if (operator === "neg") return left.map((value) => -value);
  const sign = SIGNS[operator];
  if (!right || !sign) return null;
  const size = Math.max(left.length, right.length);
  return Float64Array.from({ length: size }, (_, i) =>
    sign(left[i % left.length], right[i % right.length]),
  );
}

/** @param {(Vector | null)[]} parts @returns {Vector | null} */
function total(parts) {
  return parts.reduce((sum, part) => together("+", [sum, part]));
}
