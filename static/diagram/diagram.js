/** A cell's diagram: where every node and every wire of its circuit lies, in pixels. Arithmetic only. */

import { circuit, isRound, isStrip } from "./circuit.js";
import { layers } from "./layers.js";
import { leastHeight, places } from "./places.js";
import { pieces, runs } from "./routes.js";
import { bodyOf, extentOf, labelWidth, rowsOf } from "./sizes.js";

/** @import { Circuit, Node } from "./circuit.js" */
/** @import { Item, Layers, Link } from "./layers.js" */
/** @import { Extent } from "./places.js" */
/** @import { Piece, Point, Run } from "./routes.js" */
/** @import { Look } from "./sizes.js" */
/** @import { Plan } from "../types.js" */

/** A node with its place: the middle of its body, on its wire, and how large that is. @typedef {{ node: Node, x: number, y: number, width: number, height: number, rows: number[] }} Placed `rows` are the places of a sum’s terms from the top */
/**
 * @typedef {{
 *   circuit: Circuit, nodes: Placed[], pieces: Piece[], width: number, height: number, scale: number,
 *   frame: { left: number, right: number },
 * }} Diagram `frame` is what the cell itself lies within
 */
/** What is found for a size of type: how high all lies, which ways the wires take. @typedef {{ look: Look, y: Map<Item, number>, gaps: Run[][], columns: number[], least: number, tall: number, straight: boolean }} Trial */

/** The largest type and the smallest, against the page's; below that the sheet is scrolled. */
const LARGEST = 1.5;
const SMALLEST = 0.84;
const STEPS = 14;
/** Strips are this tall at the least, and at most so many times that. */
const STRIP = 34;
const TALLEST = 2.6;
const GAP = 9;
const TRACK = 9;
const BETWEEN = 25;
/** Where there is room the columns go apart by so much at most. */
const LOOSEST = 34;
const MARGIN = 8;

/**
 * @param {Plan} plan @param {number} layer
 * @param {{ width: number, height: number, scale: number, letters: Look["letters"] }} room
 * @returns {Diagram}
 */
export function diagram(plan, layer, room) {
  const made = circuit(plan, layer);
  const all = layers(made);
  const trial = best(all, room);
  return assemble(made, all, trial, columnsAt(trial, room.width));
}

/** The largest type with which all fits. @param {Layers} all @param {{ width: number, height: number, scale: number, letters: Look["letters"] }} room */
function best(all, room) {
  const scaleAt = (/** @type {number} */ step) =>
    room.scale * (SMALLEST + ((LARGEST - SMALLEST) * step) / STEPS);
  let [low, high] = [0, STEPS];
  let found = attempt(all, room, scaleAt(0), true);
  if (found.tall > room.height) found = attempt(all, room, scaleAt(0), false);
  const { straight } = found;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const tried = attempt(all, room, scaleAt(middle), straight);
    if (tried.least <= room.width && tried.tall <= room.height) [low, found] = [middle, tried];
    else high = middle - 1;
  }
  return found;
}

/** @param {Layers} all @param {{ height: number, letters: Look["letters"] }} room @param {number} scale @param {boolean} straight @returns {Trial} */
function attempt(all, { height, letters }, scale, straight) {
  const look = { scale, strip: STRIP * scale, letters };
  const tall = leastHeight(all, extents(all, look), GAP * scale, straight);
  // What is left of the height goes to the strips first.
  const few = Math.max(
    ...all.columns.map((column) => column.filter(({ node }) => node && isStrip(node)).length),
  );
  const spare = Math.max(0, height - tall) / few;
  look.strip = Math.min(look.strip * TALLEST, look.strip + spare * 0.8);
  const sizes = extents(all, look);
  const y = places(all, sizes, GAP * scale, Math.max(height, tall));
  const gaps = runs(all, y, (link, from) => heightOf(all, sizes, y, link, from));
  const columns = all.columns.map((column) =>
    Math.max(...column.map((item) => widthOf(item, look))),
  );
  const least =
    columns.reduce((sum, one) => sum + one, 2 * MARGIN) + sum(gaps.map((gap) => gapOf(gap, scale)));
  return { look, y, gaps, columns, least, tall, straight };
}

/**
 * How high a wire is that goes into a node: at its port; into a round one from above or below right
 * from where it comes, if nothing is in the way.
 * @param {Layers} all @param {Map<Item, Extent>} sizes @param {Map<Item, number>} y @param {Link} link @param {number} from
 */
function heightOf({ columns }, sizes, y, { to, input }, from) {
  const at = y.get(to) ?? 0;
  const port = (input && sizes.get(to)?.ports.get(input)) || 0;
  const beyond = (from - at) * Math.sign(port) > Math.abs(port);
  if (!to.node || !isRound(to.node) || !beyond) return at + port;
  const isBetween = (/** @type {Item} */ item) => {
    const { up, down } = /** @type {Extent} */ (sizes.get(item));
    const place = y.get(item) ?? 0;
    if (!item.node) return Math.abs(place - from) < up + down;
    return place - up < Math.max(at, from) && place + down > Math.min(at, from);
  };
  return columns[to.column].some((item) => item !== to && isBetween(item)) ? at + port : from;
}

/** @param {number[]} values */
function sum(values) {
  return values.reduce((all, one) => all + one, 0);
}

/** @param {Layers} all @param {Look} look */
function extents(all, look) {
  return new Map(all.columns.flat().map((item) => [item, extentOf(item, look)]));
}

/** @param {Item} item @param {Look} look */
function widthOf({ node }, look) {
  return node ? Math.max(bodyOf(node, look).width, labelWidth(node, look)) : 0;
}

/** @param {Run[]} gap @param {number} scale */
function gapOf(gap, scale) {
  const tracks = 1 + Math.max(-1, ...gap.map(({ track }) => track));
  return Math.max(BETWEEN, 16 + TRACK * (tracks - 1)) * scale;
}

/** Where every column's middle is, and where the tracks of the gap after it begin. @param {Trial} trial @param {number} width */
function columnsAt({ columns, gaps, look, least }, width) {
  const more = Math.max(
    0,
    Math.min(LOOSEST * look.scale, (width - least) / Math.max(1, gaps.length)),
  );
  const total = least + more * gaps.length;
  let at = MARGIN + Math.max(0, (width - total) / 2);
  const middles = [];
  const tracks = [];
  for (const [i, wide] of columns.entries()) {
    middles.push(at + wide / 2);
    at += wide;
    if (i === gaps.length) break;
    const gap = gapOf(gaps[i], look.scale) + more;
    const count = Math.max(1, 1 + Math.max(-1, ...gaps[i].map(({ track }) => track)));
    const pitch = Math.min(TRACK * 1.6 * look.scale, gap / (count + 1));
    tracks.push({ from: at + (gap - pitch * (count - 1)) / 2, pitch, middle: at + gap / 2 });
    at += gap;
  }
  return { middles, tracks, width: Math.max(width, total) };
}

/** @param {Circuit} made @param {Layers} all @param {Trial} trial @param {ReturnType<typeof columnsAt>} x @returns {Diagram} */
function assemble(made, all, trial, { middles, tracks, width }) {
  const sizes = extents(all, trial.look);
  const placed = placedAt(all, trial, sizes, middles);
  const where = {
    leaves: (/** @type {Item} */ item) => rightOf(placed.get(item)),
    trackAt: (/** @type {number} */ gap, /** @type {number} */ track) =>
      track < 0 ? tracks[gap].middle : tracks[gap].from + tracks[gap].pitch * track,
    entry: (/** @type {Link} */ link, /** @type {number} */ height) =>
      entryOf(/** @type {Placed} */ (placed.get(link.to)), height),
  };
  const feet = [...trial.y].map(([item, at]) => at + (sizes.get(item)?.down ?? 0));
  const own = [...placed].filter(([, { node }]) => node.line !== null && !node.readout);
  const last = Math.max(...own.map(([{ column }]) => column));
  return {
    circuit: made,
    nodes: [...placed.values()],
    pieces: pieces(trial.gaps, where),
    width,
    height: Math.max(trial.tall, ...feet),
    scale: trial.look.scale,
    frame: { left: tracks[0].middle, right: tracks[Math.min(last, tracks.length - 1)].middle },
  };
}

/** @param {Layers} all @param {Trial} trial @param {Map<Item, Extent>} sizes @param {number[]} middles */
function placedAt({ columns }, { look, y }, sizes, middles) {
  /** @type {Map<Item, Placed>} */
  const placed = new Map();
  for (const column of columns)
    for (const item of column) {
      const { node } = item;
      if (!node) continue;
      const { height } = bodyOf(node, look);
      const [x, width] = [middles[item.column], bodyWidth(column, node, look)];
      const rows = rowsOf(node, sizes.get(item)?.ports ?? new Map());
      placed.set(item, { node, x, y: y.get(item) ?? 0, width, height, rows });
    }
  return placed;
}

/** The boxes of a column are alike. @param {Item[]} column @param {Node} node @param {Look} look */
function bodyWidth(column, node, look) {
  if (node.kind !== "sum") return bodyOf(node, look).width;
  const boxes = column.filter((item) => item.node?.kind === "sum");
  return Math.max(...boxes.map((item) => bodyOf(/** @type {Node} */ (item.node), look).width));
}

/** @param {Placed | undefined} placed */
function rightOf(placed) {
  return placed ? placed.x + placed.width / 2 : 0;
}

/** The last corners of a wire into a node: from the side, or into a round one from above or below. @param {Placed} placed @param {number} from how high it comes @returns {Point[]} */
function entryOf({ node, x, y, width, height }, from) {
  if (!isRound(node) || from === y) return [[x - width / 2, from]];
  return [
    [x, from],
    [x, y + (Math.sign(from - y) * height) / 2],
  ];
}

export { Branches } from "./branches.js";
export { fold } from "./fold.js";
export { operation } from "./operation.js";
export { ROW, signOf } from "./sizes.js";
