/** Quantities: numbers by their names, as the lines of one layer at one timestep read them. */

import { isJoined } from "../joined.js";
import { traceName } from "../names.js";
import { derivative, parameter, symbol } from "../notation.js";
import { visible, word } from "../words.js";

/** @import { Pass } from "../pass.js" */
/** @import { Lit, Numbers } from "../types.js" */
/**
 * A number: `tex` writes its name, `words` says it, `lit` is where it stands on the page. `power` is
 * how it enters: squared, or as what is left of 1.
 * @typedef {{ value: number, tex: string, words: string, lit: Lit | null, gradient: boolean, power?: "squared" | "rest" }} Quantity
 */

const ARRIVAL = /\.(from_above|from_future|from_loss)$/;
const ARRIVALS = /** @type {Record<string, string>} */ ({
  from_above: "from above",
  from_future: "from the future",
  from_loss: "from its loss",
});

/** A number without a place of its own. @param {number} value @param {string} [tex] @param {string} [words] @returns {Quantity} */
export function plain(value, tex = "", words = "") {
  return { value, tex, words, lit: null, gradient: false };
}

export class Quantities {
  /** @type {Map<string, Numbers | null>} */
  #vectors = new Map();

  /** @param {Pass} now @param {number} t @param {number | null} layer null for the readout */
  constructor(now, t, layer) {
    this.now = now;
    this.t = t;
    this.layer = layer;
    /** The step whose own parameters these lines have; null where all steps share them. */
    this.own = now.shared ? null : t;
  }

  /** The trace's name. @param {string} local */
  name(local) {
    return traceName(local, this.layer, this.now.sizes.L);
  }

  /** @param {string} local */
  isParameter(local) {
    return this.now.parameters.has(this.name(local));
  }

  /** All numbers of a name, of the first sequence. @param {string} local @returns {Numbers | null} */
  vector(local) {
    const known = this.#vectors.get(local);
    if (known !== undefined) return known;
    const found = this.#find(local);
    this.#vectors.set(local, found);
    return found;
  }

  /** @param {string} local @returns {Numbers | null} */
  #find(local) {
    const { now, t } = this;
    if (this.isParameter(local)) return now.parameter(this.name(local), this.own)?.data ?? null;
    if (local === "y_prev") return now.value("y_prev", t) ?? new Float64Array(now.sizes.O);
    if (local === "y") return now.truth(t);
    const own = now.value(this.name(local), t);
    if (local !== "x" || !this.#isJoined || !own) return own;
    return Float64Array.of(...own, .../** @type {Float64Array} */ (this.vector("y_prev")));
  }

  /** Whether the output before stands under the input. */
  get #isJoined() {
    return this.layer === 0 && isJoined(this.now.plan);
  }

  /** One unit's. @param {string} local @param {number} unit @returns {Quantity} */
  of(local, unit) {
    const value = Number(this.vector(local)?.[unit] ?? Number.NaN);
    const isParameter = this.isParameter(local);
    const place = isParameter ? `[${unit + 1}]` : "";
    return {
      value,
      tex: this.tex(local, place),
      words: this.words(local) + place,
      lit: this.lit(local, unit),
      gradient: local.startsWith("grad."),
    };
  }

  /** An entry of a matrix. @param {string} matrix @param {number} row @param {number} column @returns {Quantity} */
  entry(matrix, row, column) {
    const name = this.name(matrix);
    const tensor = this.now.parameter(name, this.own);
    const columns = tensor?.shape[1] ?? 1;
    return {
      value: Number(tensor?.data[row * columns + column] ?? Number.NaN),
      tex: `${this.tex(matrix)}[${row + 1},${column + 1}]`,
      words: `${matrix}[${row + 1},${column + 1}]`,
      lit: { name, t: null, unit: null },
      gradient: false,
    };
  }

  /** Its symbol, of one of its units where `place` says which. @param {string} local @param {string} [place] */
  tex(local, place = "") {
    if (this.isParameter(local)) return parameter(local, this.own) + place;
    if (local === "x" && this.#isJoined)
      return `[${symbol("x", this.t)};${symbol("y_prev", this.t)}]${place}`;
    if (!local.startsWith("grad.")) return symbol(local, this.t) + place;
    const [from = ""] = ARRIVAL.exec(local) ?? [];
    const of = symbol(local.slice("grad.".length, local.length - from.length), this.t);
    const arrival = from ? `\\text{ ${ARRIVALS[from.slice(1)]}}` : "";
    return derivative(of, true) + place + arrival;
  }

  /** @param {string} local */
  words(local) {
    if (this.isParameter(local)) return local;
    if (!local.startsWith("grad.")) return word(local);
    const [from = ""] = ARRIVAL.exec(local) ?? [];
    const of = word(local.slice("grad.".length, local.length - from.length));
    return `gradient of the ${of}${from ? ` ${ARRIVALS[from.slice(1)]}` : ""}`;
  }

  /** Where a unit of it stands. @param {string} local @param {number} unit @returns {Lit | null} */
  lit(local, unit) {
    if (this.isParameter(local)) return { name: this.name(local), t: null, unit: null };
    const { t } = this;
    const inputs = this.now.sizes.I;
    if (local === "x" && this.#isJoined && unit >= inputs)
      return { name: "y_prev", t, unit: unit - inputs };
    if (!local.endsWith("_prev") || local === "y_prev") return { name: this.name(local), t, unit };
    const name = this.name(local.slice(0, -"_prev".length));
    return t === 0 ? null : { name, t: t - 1, unit };
  }

  /** What a unit of it is called: its number, and of a symbol which it is. @param {string} local @param {number} unit */
  mark(local, unit) {
    const { alphabet } = this.now.plan.columns;
    const joined = local === "x" && this.#isJoined ? this.now.sizes.I : Number.POSITIVE_INFINITY;
    const isSymbol =
      (local === "x" && this.layer === 0) || /^(grad\.)?(y_prev|y_hat|y|o)(\.|$)/.test(local);
    const character = isSymbol ? alphabet?.[unit >= joined ? unit - joined : unit] : undefined;
    return character === undefined ? String(unit + 1) : `${unit + 1}\u00a0“${visible(character)}”`;
  }
}
