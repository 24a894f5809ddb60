/** The bands of the stage: every value of the steps in view as a cell of one heatmap. */

import { middle, timesteps } from "../geometry.js";
import { VALUE_SCALE } from "../palette.js";
import { drawMap, recolorMap } from "../plot.js";

/** @import { Geometry } from "../geometry.js" */
/** @import { Row } from "../types.js" */
/** @import { Scene } from "./scene.js" */

/** What each map was drawn for, and its cells: where that is the same only the colours are new. @type {WeakMap<HTMLElement, { key: string, cells: Float32Array[] }>} */
const maps = new WeakMap();

/** @param {HTMLElement} map @param {Scene} now */
export function drawBands(map, now) {
  const { g, pass: current } = now;
  const key = [current.plan.id, now.theme, g.width, g.height, g.columns, g.strip].join();
  const before = maps.get(map);
  const cells = before?.key === key ? before.cells : emptyCells(g);
  const changed = fill(cells, now);
  if (before?.key === key) {
    if (changed) recolorMap(map, cells);
    return;
  }
  maps.set(map, { key, cells });
  const { x, y } = edges(g);
  drawMap(map, { x, y, z: cells, width: g.width, height: g.height, scale: VALUE_SCALE[now.theme] });
}

/** A row of cells for every band and every gap; a column for every strip and every gap. @param {Geometry} g */
function emptyCells(g) {
  const rows = g.strips.reduce((sum, strip) => sum + strip.row.size, 0) + g.strips.length - 1;
  return Array.from({ length: rows }, () => new Float32Array(2 * g.columns - 1).fill(Number.NaN));
}

/** The pixel edges of those cells. @param {Geometry} g */
function edges(g) {
  const x = timesteps(g).flatMap((t) => [middle(g, t) - g.strip / 2, middle(g, t) + g.strip / 2]);
  const y = g.strips.flatMap(({ top, height, row }) =>
    Array.from({ length: row.size + 1 }, (_, unit) => top + (height * unit) / row.size),
  );
  return { x, y };
}

/** Put every known value into its cell; whether any cell is another than before. @param {Float32Array[]} z @param {Scene} now */
function fill(z, { g, pass: current, line, moment: at }) {
  let [row, changed] = [0, false];
  for (const { row: quantity } of g.strips) {
    const scale = scaleOf(quantity, current.largest.get(quantity.name) ?? 0);
    for (const [column, t] of timesteps(g).entries()) {
      const known = at.index >= line.earned(quantity.name, t) || quantity.kind === "input";
      const values = known ? current.value(quantity.name, t) : null;
      for (let unit = 0; unit < quantity.size; unit++) {
        const value = values ? Math.fround(bounded(values[unit] / scale)) : Number.NaN;
        changed ||= !Object.is(z[row + unit][2 * column], value);
        z[row + unit][2 * column] = value;
      }
    }
    row += quantity.size + 1;
  }
  return changed;
}

/** What counts as full colour: 1 where values are bounded by it, else the largest there is. @param {Row} row @param {number} largest */
export function scaleOf(row, largest) {
  return row.bounds ? 1 : Math.max(1, largest);
}

/** @param {number} value */
function bounded(value) {
  return Number.isNaN(value) ? value : Math.max(-1, Math.min(1, value));
}
