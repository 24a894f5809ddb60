/** How high everything in the columns of a diagram lies, so that as many wires as can be are straight. */

import { isCarried, isRound } from "./circuit.js";

/** @import { Item, Layers, Link } from "./layers.js" */
/** How far an item reaches up and down from its wire, and where its inputs enter, from there too. @typedef {{ up: number, down: number, ports: Map<import("./circuit.js").Input, number> }} Extent */
/** Items that lie on one straight wire: each so far below the block's own height. @typedef {{ items: Map<Item, number>, at: number }} Block */

const ROUNDS = 120;
/** Wires on their way lie closer to each other than nodes do. */
const WIRES = 0.75;
/** How much straighter a long wire wants to be than a short one. */
const LONG = 6;
/** A state's own wire is made straight before all others. */
const FIRST = 100;
/** Of more wires than this only those that most want it are made straight: each costs a look at all. */
const MANY = 600;

/**
 * @param {Layers} layers @param {Map<Item, Extent>} extents @param {number} gap between items @param {number} height
 * @returns {Map<Item, number>}
 */
export function places(layers, extents, gap, height) {
  const blocks = new Blocks(layers, extents, gap, height);
  blocks.straighten(layers.links.flat());
  blocks.settle();
  return blocks.heights();
}

/**
 * How high all is at the least; `straight`: with every state's own wire straight through the cell.
 * @param {Layers} layers @param {Map<Item, Extent>} extents @param {number} gap @param {boolean} straight
 */
export function leastHeight(layers, extents, gap, straight) {
  const blocks = new Blocks(layers, extents, gap, Number.POSITIVE_INFINITY);
  if (straight) blocks.straighten(layers.links.flat().filter(isState));
  return blocks.least();
}

/** Blocks of items that move up and down together, kept in their order and apart. */
class Blocks {
  /** @type {Map<Item, Block>} */
  #of = new Map();

  /** @param {Layers} layers @param {Map<Item, Extent>} extents @param {number} gap @param {number} height */
  constructor({ columns }, extents, gap, height) {
    this.columns = columns;
    this.extents = extents;
    this.gap = gap;
    this.height = height;
    for (const item of columns.flat()) this.#of.set(item, { items: new Map([[item, 0]]), at: 0 });
  }

  /** @param {Item} item */
  block(item) {
    return /** @type {Block} */ (this.#of.get(item));
  }

  /** @param {Item} item */
  extent(item) {
    return /** @type {Extent} */ (this.extents.get(item));
  }

  heights() {
    return new Map(
      [...this.#of].map(([item, { at, items }]) => [item, at + (items.get(item) ?? 0)]),
    );
  }

  /** The height that all needs with everything as far up as it can be. */
  least() {
    const top = this.#packed() ?? new Map();
    return Math.max(
      ...[...this.#of.keys()].map(
        (item) => (top.get(this.block(item)) ?? 0) + this.#offset(item) + this.extent(item).down,
      ),
    );
  }

  /** @param {Item} item */
  #offset(item) {
    return this.block(item).items.get(item) ?? 0;
  }

  /** Make links straight, those first that most want it, as far as order and height allow. @param {Link[]} links */
  straighten(links) {
    const wanting = links.filter((link) => this.#canBeStraight(link));
    wanting.sort((a, b) => this.#urge(b) - this.#urge(a));
    const [left, right] = [new Set(), new Set()];
    for (const link of wanting.slice(0, MANY)) {
      if (left.has(link.from) || right.has(link.to)) continue;
      if (!this.#join(link)) continue;
      left.add(link.from);
      right.add(link.to);
    }
  }

  /** Into a round node one wire goes straight, the others come from above and below. @param {Link} link */
  #canBeStraight({ to, input }) {
    return !to.node || !isRound(to.node) || this.#port(to, input) === 0;
  }

  /** @param {Item} to @param {Link["input"]} input */
  #port(to, input) {
    return input ? (this.extent(to).ports.get(input) ?? 0) : 0;
  }

  /** @param {Link} link */
  #urge(link) {
    const { from, to } = link;
    const carried = isState(link) ? FIRST : 0;
    const alone = from.links.after.length === 1 && to.links.before.length === 1 ? 1 : 0;
    return weightOf(link) * 4 + carried + alone - from.column / 1000;
  }

  /** One block of two, where then all still has room. @param {Link} link */
  #join(link) {
    const [kept, gone] = [this.block(link.from), this.block(link.to)];
    if (kept === gone) return false;
    const by = this.#offset(link.from) - (this.#offset(link.to) + this.#port(link.to, link.input));
    const moved = new Map(gone.items);
    for (const [item, offset] of moved) {
      kept.items.set(item, offset + by);
      this.#of.set(item, kept);
    }
    if (this.#fits()) return true;
    for (const item of moved.keys()) {
      kept.items.delete(item);
      this.#of.set(item, gone);
    }
    return false;
  }

  #fits() {
    const top = this.#packed();
    if (!top) return false;
    for (const [item, block] of this.#of)
      if ((top.get(block) ?? 0) + this.#offset(item) + this.extent(item).down > this.height + 0.5)
        return false;
    return true;
  }

  /** Every block as far up as it can be; null where two would have to be above each other. @returns {Map<Block, number> | null} */
  #packed() {
    /** @type {Map<Block, number>} */
    const top = new Map();
    /** @type {Set<Block>} */
    const open = new Set();
    /** @param {Block} block @returns {number} */
    const find = (block) => {
      const known = top.get(block);
      if (known !== undefined) return known;
      if (open.has(block)) return Number.NaN;
      open.add(block);
      let at = Number.NEGATIVE_INFINITY;
      for (const [item, offset] of block.items) {
        const above = this.columns[item.column][item.place - 1];
        const least = above
          ? find(this.block(above)) + this.#offset(above) + this.#apart(above, item)
          : this.extent(item).up;
        if (Number.isNaN(least)) return Number.NaN;
        at = Math.max(at, least - offset);
      }
      top.set(block, at);
      return at;
    };
    for (const block of new Set(this.#of.values())) if (Number.isNaN(find(block))) return null;
    return top;
  }

  /** Every block as far down as it can be. @returns {Map<Block, number>} */
  #sunk() {
    /** @type {Map<Block, number>} */
    const low = new Map();
    /** @param {Block} block @returns {number} */
    const find = (block) => {
      const known = low.get(block);
      if (known !== undefined) return known;
      let at = Number.POSITIVE_INFINITY;
      for (const [item, offset] of block.items) {
        const below = this.columns[item.column][item.place + 1];
        const most = below
          ? find(this.block(below)) + this.#offset(below) - this.#apart(item, below)
          : this.height - this.extent(item).down;
        at = Math.min(at, most - offset);
      }
      low.set(block, at);
      return at;
    };
    for (const block of new Set(this.#of.values())) find(block);
    return low;
  }

  /** How far two neighbours' wires are apart at the least. @param {Item} upper @param {Item} lower */
  #apart(upper, lower) {
    const wires = !upper.node && !lower.node;
    return this.extent(upper).down + this.extent(lower).up + this.gap * (wires ? WIRES : 1);
  }

  /** From half way between as high and as low as can be, every block to where its links would have it. */
  settle() {
    const [top, low] = [this.#packed() ?? new Map(), this.#sunk()];
    const blocks = [...new Set(this.#of.values())];
    for (const block of blocks) block.at = ((top.get(block) ?? 0) + (low.get(block) ?? 0)) / 2;
    for (let round = 0; round < ROUNDS; round++)
      for (const block of round % 2 ? blocks.reverse() : blocks) {
        const [least, most] = this.#freedom(block);
        block.at = Math.max(least, Math.min(most, this.#wanted(block)));
      }
    this.#center(blocks);
  }

  /** What is left of the height is left above and below alike. @param {Block[]} blocks */
  #center(blocks) {
    const items = [...this.#of.keys()];
    const first = Math.min(...items.map((item) => this.#at(item) - this.extent(item).up));
    const last = Math.max(...items.map((item) => this.#at(item) + this.extent(item).down));
    for (const block of blocks) block.at += (this.height - last - first) / 2;
  }

  /** Between which heights a block may be while the others stay. @param {Block} block */
  #freedom({ items }) {
    let [least, most] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (const [item, offset] of items) {
      const column = this.columns[item.column];
      const [above, below] = [column[item.place - 1], column[item.place + 1]];
      const low = above ? this.#at(above) + this.#apart(above, item) : this.extent(item).up;
      const high = below
        ? this.#at(below) - this.#apart(item, below)
        : this.height - this.extent(item).down;
      least = Math.max(least, low - offset);
      most = Math.min(most, high - offset);
    }
    return [least, most];
  }

  /** @param {Item} item */
  #at(item) {
    const { at, items } = this.block(item);
    return at + (items.get(item) ?? 0);
  }

  /** @param {Block} block */
  #wanted({ items, at }) {
    let [sum, weight] = [0, 0];
    const add = (/** @type {number} */ target, /** @type {number} */ how) => {
      sum += how * target;
      weight += how;
    };
    for (const [item, offset] of items) {
      for (const link of item.links.before)
        if (!items.has(link.from))
          add(this.#at(link.from) - this.#port(link.to, link.input) - offset, weightOf(link));
      for (const link of item.links.after)
        if (!items.has(link.to))
          add(this.#at(link.to) + this.#port(link.to, link.input) - offset, weightOf(link));
    }
    return weight ? sum / weight : at;
  }
}

/** Whether a link is of a state's own wire: from the step before, unit by unit through the cell, to the next. @param {Link} link */
function isState({ from, to }) {
  const on = !to.node || to.node.kind === "next";
  const through = on || to.node?.kind === "value" || (to.node !== null && isRound(to.node));
  return (
    (isCarried(from.net) && through) || (on && from.net.to.some(({ kind }) => kind === "next"))
  );
}

/** A long wire is kept straight before a short one, one of a few before one of many. @param {Link} link */
function weightOf({ from, to }) {
  const long = (from.node ? 0 : 1) + (to.node ? 0 : 1);
  return (1 + LONG * long) / Math.max(1, from.links.after.length);
}
