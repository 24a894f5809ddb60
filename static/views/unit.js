/** What one unit's value is made of, drawn from band to band: its path through the stage. */

import { inView, middle } from "../geometry.js";
import { joined } from "../joined.js";
import { traceName } from "../names.js";
import { VALUE_SCALE } from "../palette.js";
import { nothing, svg } from "../vendor/lit-html/lit-html.js";

/** @import { Strip } from "../geometry.js" */
/** @import { Tree } from "../types.js" */
/** @import { Scene } from "./scene.js" */
/** A vector that a value reads: through a matrix, or unit by unit. @typedef {{ local: string, matrix: string | null, part: string | null }} Source */
/** A band: which unit of which strip at which step. @typedef {{ strip: Strip, t: number, unit: number }} Band */
/** A line from a band to the one it goes into, and what it brings. @typedef {{ from: Band, brings: number }} Edge */

/** Of more lines than this only the strongest are drawn: an eye follows no more. */
const MOST = 48;

/** The path of a band's value. @param {Scene} now @param {Band} band */
export function pathOf(now, band) {
  const name = band.strip.row.name;
  if (now.moment.index < now.line.earned(name, band.t)) return nothing;
  const found = edgesTo(now, band).filter(({ brings }) => brings !== 0);
  const strongest = found.sort((a, b) => Math.abs(b.brings) - Math.abs(a.brings)).slice(0, MOST);
  const largest = Math.abs(strongest[0]?.brings ?? 1);
  return svg`<g class="path">${strongest.map((edge) => drawEdge(now, edge, band, largest))}</g>`;
}

/** @param {Scene} now @param {Band} band @returns {Edge[]} */
function edgesTo(now, band) {
  const { local, layer } = band.strip.row;
  return sources(now, local, layer).flatMap((source) => edgesFrom(now, source, layer, band));
}

/** The rows that a row's line reads, through lines that have no row of their own. @param {Scene} now @param {string} local @param {number | null} layer @returns {Source[]} */
function sources(now, local, layer) {
  const { forward, readout } = now.pass.plan.equations;
  const line = (layer === null ? readout : forward).find(({ target }) => target === local);
  if (!line) return [];
  const { tree } = joined(now.pass.plan, line, layer);
  return read(now, tree).flatMap((source) => throughLines(now, source, layer));
}

/** @param {Scene} now @param {Source} source @param {number | null} layer @returns {Source[]} */
function throughLines(now, source, layer) {
  const hidden = source.matrix === null && !stripOf(now, source.local, layer);
  return hidden ? sources(now, source.local, layer) : [source];
}

/** The vectors in a tree, each with the matrix before it; `part` is the name of what the matrix is given, where that is more than one vector. @param {Scene} now @param {Tree} tree @returns {Source[]} */
function read(now, tree) {
  if (typeof tree === "string") return [{ local: tree, matrix: null, part: null }];
  if (typeof tree === "number") return [];
  const [operator, ...parts] = tree;
  if (operator === "@") {
    const matrix = parts[0];
    const operand = /** @type {Tree} */ (parts[1]);
    const isPart = typeof operand === "object" && operand[0] !== "join";
    const part = isPart ? partOf(now, operand) : null;
    return read(now, operand).map((source) => ({ ...source, matrix, part }));
  }
  const inner = /** @type {Tree[]} */ (operator === "call" ? parts.slice(1) : parts);
  return inner.flatMap((one) => read(now, one));
}

/** The name that the pass has for a part of a line. @param {Scene} now @param {Tree} tree */
function partOf({ pass }, tree) {
  const written = JSON.stringify(tree);
  const same = pass.plan.equations.parts.find((line) => JSON.stringify(line.tree) === written);
  return same?.target ?? null;
}

/** @param {Scene} now @param {string} local @param {number | null} layer */
function stripOf({ g, pass }, local, layer) {
  const stem = isBefore(local) ? local.slice(0, -"_prev".length) : local;
  const name = traceName(stem, layer, pass.sizes.L);
  return g.strips.find(({ row }) => row.name === name);
}

/** @param {Scene} now @param {Source} source @param {number | null} layer @param {Band} band @returns {Edge[]} */
function edgesFrom(now, source, layer, { t, unit }) {
  const strip = stripOf(now, source.local, layer);
  const before = isBefore(source.local);
  const at = before ? t - 1 : t;
  if (!strip || !inView(now.g, at) || (before && !now.pass.carries)) return [];
  const values = source.part
    ? now.pass.value(traceName(source.part, layer, now.pass.sizes.L), t)
    : now.pass.value(strip.row.name, at);
  if (!values) return [];
  if (!source.matrix) return [{ from: { strip, t: at, unit }, brings: values[unit] }];
  const weights = rowOf(now, source, layer, t, unit);
  return Array.from(values, (value, j) => ({
    from: { strip, t: at, unit: j },
    brings: Number(weights[j]) * value,
  }));
}

/** The weights of one unit for a vector: where the output before stands beside the input, in the columns after it. @param {Scene} now @param {Source} source @param {number | null} layer @param {number} t @param {number} unit */
function rowOf({ pass }, { matrix, local }, layer, t, unit) {
  const name = layer === null ? matrix : `layer${layer}.${matrix}`;
  const weights = pass.parameter(name ?? "", pass.shared ? null : t);
  if (!weights) return [];
  const columns = weights.shape[1];
  const first = local === "y_prev" ? columns - pass.sizes.O : 0;
  return weights.data.subarray(unit * columns + first, (unit + 1) * columns);
}

/** Whether it is a state of the step before. @param {string} local */
function isBefore(local) {
  return local.endsWith("_prev") && local !== "y_prev";
}

/** @param {Scene} now @param {Edge} edge @param {Band} to @param {number} largest */
function drawEdge({ g, theme }, { from, brings }, to, largest) {
  const size = Math.abs(brings) / largest;
  const [x1, y1] = side(g, from, from.t < to.t ? 1 : -1);
  const [x2, y2] = side(g, to, -1);
  const bend = from.t < to.t ? (x2 - x1) / 2 : -18;
  const color = VALUE_SCALE[theme][brings > 0 ? 4 : 0][1];
  return svg`<path d=${`M${x1} ${y1}C${x1 + bend} ${y1} ${from.t < to.t ? x2 - bend : x2 + bend} ${y2} ${x2} ${y2}`}
    stroke=${color} stroke-width=${(0.6 + 2 * size).toFixed(2)} opacity=${(0.25 + 0.7 * size).toFixed(2)}></path>`;
}

/** The middle of a band's left or right edge. @param {Scene["g"]} g @param {Band} band @param {1 | -1} which */
function side(g, { strip, t, unit }, which) {
  const y = strip.top + ((unit + 0.5) * strip.height) / strip.row.size;
  return [middle(g, t) + (which * g.strip) / 2, y];
}
