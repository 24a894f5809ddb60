/** The wires of a diagram: which way each goes between two columns, and where it forks. */

/** @import { Input, Node } from "./circuit.js" */
/** @import { Item, Layers, Link } from "./layers.js" */

/** @typedef {[number, number]} Point */
/** One end of a piece of a wire: where it leaves or enters, and the column's edge there. @typedef {{ y: number, link: Link }} End */
/** A wire between two columns: from one height to several; `track` is which way up and down it takes. @typedef {{ net: Node, from: Item, y: number, ends: End[], low: number, high: number, track: number }} Run */
/**
 * A stretch of wire without a fork: its corners, whose value it carries and to which uses; `first`
 * where it begins at the node that makes the value.
 * @typedef {{ net: Node, points: Point[], uses: Input[], first: boolean }} Piece
 */

/** What a wire that lies on another would cost, in crossings. */
const ON_TOP = 60;
/** Wires closer than this at the same way up would touch. */
const NEAR = 5;

/** The wires between each two columns, with their tracks; `heightOf` tells where a link enters that leaves at a height. @param {Layers} layers @param {Map<Item, number>} y @param {(link: Link, from: number) => number} heightOf */
export function runs({ links }, y, heightOf) {
  return links.map((gap) => {
    const all = runsOf(gap, y, heightOf);
    const bent = all.filter(({ low, high }) => high - low > 0.5);
    arrange(bent);
    return all;
  });
}

/** @param {Link[]} gap @param {Map<Item, number>} y @param {(link: Link, from: number) => number} heightOf @returns {Run[]} */
function runsOf(gap, y, heightOf) {
  const sources = [...new Set(gap.map(({ from }) => from))];
  return sources.map((from) => {
    const start = y.get(from) ?? 0;
    const ends = gap
      .filter((link) => link.from === from)
      .map((link) => ({ y: heightOf(link, start), link }));
    const heights = [start, ...ends.map((end) => end.y)];
    const [low, high] = [Math.min(...heights), Math.max(...heights)];
    return { net: from.net, from, y: start, ends, low, high, track: -1 };
  });
}

/** Tracks from left to right: first the order with the fewest crossings, then as few as have room. @param {Run[]} bent */
function arrange(bent) {
  bent.sort((a, b) => a.y - b.y);
  for (let changed = true, round = 0; changed && round < 40; round++) {
    changed = false;
    for (let i = 0; i + 1 < bent.length; i++) {
      if (toll(bent[i], bent[i + 1]) <= toll(bent[i + 1], bent[i])) continue;
      [bent[i], bent[i + 1]] = [bent[i + 1], bent[i]];
      changed = true;
    }
  }
  for (const [i, run] of bent.entries()) {
    const before = bent.slice(0, i).filter((other) => meets(run, other));
    run.track = 1 + Math.max(-1, ...before.map(({ track }) => track));
  }
}

/** What it costs that the first goes up and down left of the second. @param {Run} left @param {Run} right */
function toll(left, right) {
  let found = 0;
  for (const { y } of left.ends) {
    found += Number(y > right.low && y < right.high);
    found += Number(Math.abs(y - right.y) < NEAR) * ON_TOP;
  }
  return found + Number(right.y > left.low && right.y < left.high);
}

/** Whether two cannot share a track, or would change their order. @param {Run} a @param {Run} b */
function meets(a, b) {
  return a.low < b.high + NEAR && b.low < a.high + NEAR;
}

/**
 * Every wire as a tree of pieces. `edge` tells where a column begins or ends, `trackAt` where a
 * track is, `entry` the corners from a column's edge into a node.
 * @param {Run[][]} gaps @param {{ leaves: (item: Item) => number, trackAt: (gap: number, track: number) => number, entry: (link: Link, y: number) => Point[] }} where
 * @returns {Piece[]}
 */
export function pieces(gaps, where) {
  /** @type {Map<Item, { run: Run, gap: number }>} */
  const onward = new Map();
  for (const [gap, all] of gaps.entries())
    for (const run of all) onward.set(run.from, { run, gap });
  /** @type {Piece[]} */
  const found = [];
  for (const { run } of onward.values())
    if (run.from.node) follow(run.from, [[where.leaves(run.from), run.y]], true);
  return found;

  /** @param {Item} item @param {Point[]} points so far @param {boolean} first @returns {Input[]} */
  function follow(item, points, first) {
    const { run, gap } = /** @type {{ run: Run, gap: number }} */ (onward.get(item));
    const x = where.trackAt(gap, run.track);
    const [level, above, below] = [
      run.ends.filter(({ y }) => Math.abs(y - run.y) <= 0.5),
      run.ends.filter(({ y }) => y < run.y - 0.5).sort((a, b) => b.y - a.y),
      run.ends.filter(({ y }) => y > run.y + 0.5).sort((a, b) => a.y - b.y),
    ];
    const ways = [
      ...level.map(
        (end) => (/** @type {Point[]} */ from, /** @type {boolean} */ one) => enter(end, from, one),
      ),
      ...[above, below]
        .filter((side) => side.length > 0)
        .map(
          (side) => (/** @type {Point[]} */ from, /** @type {boolean} */ one) =>
            climb(side, x, from, one),
        ),
    ];
    return fork(ways, points, [x, run.y], first, item.net);
  }

  /**
   * On along one way, or a piece to the fork and the ways from there.
   * @param {((from: Point[], first: boolean) => Input[])[]} ways @param {Point[]} points @param {Point} at @param {boolean} first @param {Node} net
   * @returns {Input[]}
   */
  function fork(ways, points, at, first, net) {
    if (ways.length === 1) return ways[0](points, first);
    const piece = { net, points: [...points, at], uses: /** @type {Input[]} */ ([]), first };
    found.push(piece);
    piece.uses = ways.flatMap((way) => way([at], false));
    return piece.uses;
  }

  /** Up or down a track, letting off one end after the other. @param {End[]} ends @param {number} x @param {Point[]} points @param {boolean} first @returns {Input[]} */
  function climb([end, ...rest], x, points, first) {
    const from = points[points.length - 1];
    const start = from[0] === x ? points : [...points, /** @type {Point} */ ([x, from[1]])];
    const at = /** @type {Point} */ ([x, end.y]);
    if (rest.length === 0) return enter(end, [...start, at], first);
    const net = end.link.from.net;
    const ways = [
      (/** @type {Point[]} */ begin, /** @type {boolean} */ one) => enter(end, begin, one),
      (/** @type {Point[]} */ begin, /** @type {boolean} */ one) => climb(rest, x, begin, one),
    ];
    return fork(ways, start, at, first, net);
  }

  /** Into what the wire ends at, or past it. @param {End} end @param {Point[]} points @param {boolean} first @returns {Input[]} */
  function enter({ y, link }, points, first) {
    if (!link.input) return follow(link.to, points, first);
    const last = points[points.length - 1];
    const level = /** @type {Point[]} */ (last[1] === y ? [] : [[last[0], y]]);
    found.push({
      net: link.from.net,
      points: [...points, ...level, ...where.entry(link, y)],
      uses: [link.input],
      first,
    });
    return [link.input];
  }
}
