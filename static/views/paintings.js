/** Vectors painted as bands, a unit each, on one sheet that lies over a drawing. */

import { paint } from "../raster.js";

/** @import { Pass } from "../pass.js" */
/** A strip with what is painted on it: `name` is the trace's. @typedef {{ name: string, values: ArrayLike<number>, left: number, top: number, width: number, height: number }} Painting */

/** A column of pixels to paint a vector on, before it is stretched over its strip. */
const column = document.createElement("canvas");
column.width = 1;

/** @param {HTMLCanvasElement} canvas @param {{ width: number, height: number }} sheet @param {Painting[]} all @param {Pass} now @param {"light" | "dark"} theme */
export function drawPaintings(canvas, sheet, all, now, theme) {
  const points = devicePixelRatio;
  const [width, height] = [Math.round(sheet.width * points), Math.round(sheet.height * points)];
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  canvas.style.width = `${sheet.width}px`;
  canvas.style.height = `${sheet.height}px`;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.setTransform(points, 0, 0, points, 0, 0);
  context.clearRect(0, 0, sheet.width, sheet.height);
  context.imageSmoothingEnabled = false;
  for (const { name, values, left, top, width, height } of all) {
    column.height = values.length;
    const pen = /** @type {CanvasRenderingContext2D} */ (column.getContext("2d"));
    const scale = scaleOf(now, name);
    paint(pen, values, { x: 0, y: 0, rows: values.length, columns: 1, scale, theme });
    context.drawImage(column, left, top, width, height);
  }
}

/** What counts as full colour: 1 where values are bounded by it, else the largest there is. @param {Pass} now @param {string} name */
function scaleOf(now, name) {
  const row = now.plan.rows.find((one) => one.name === name);
  return row?.bounds ? 1 : Math.max(1, now.largest.get(name) ?? 0);
}
