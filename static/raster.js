/** Numbers as a picture: one pixel a number, on the scale of values. */

import { VALUE_SCALE } from "./palette.js";

/** @typedef {import("./palette.js").Theme} Theme */

/** How many colours a scale is cut into: more than an eye tells apart. */
const SHADES = 256;
/** The shades of each theme, as red, green, blue. @type {Map<Theme, Uint8ClampedArray>} */
const shades = new Map();

/** The scale of values in so many shades, from −1 to 1. @param {Theme} theme */
function shadesOf(theme) {
  const found = shades.get(theme) ?? mixed(VALUE_SCALE[theme].map(([, color]) => parts(color)));
  shades.set(theme, found);
  return found;
}

/** @param {string} color #rrggbb */
function parts(color) {
  return [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
}

/** @param {number[][]} stops evenly apart */
function mixed(stops) {
  const all = new Uint8ClampedArray(SHADES * 3);
  for (let i = 0; i < SHADES; i++) {
    const place = (i / (SHADES - 1)) * (stops.length - 1);
    const low = Math.min(stops.length - 2, Math.floor(place));
    for (let part = 0; part < 3; part++)
      all[3 * i + part] =
        stops[low][part] + (stops[low + 1][part] - stops[low][part]) * (place - low);
  }
  return all;
}

/**
 * Paint numbers, row by row; what is not a number stays clear.
 * @param {CanvasRenderingContext2D} canvas @param {ArrayLike<number>} values of −1 to 1, scaled by `scale`
 * @param {{ x: number, y: number, rows: number, columns: number, scale: number, theme: Theme }} how
 */
export function paint(canvas, values, { x, y, rows, columns, scale, theme }) {
  const image = canvas.createImageData(columns, rows);
  const known = shadesOf(theme);
  for (let i = 0; i < rows * columns; i++) {
    const value = Math.max(-1, Math.min(1, Number(values[i]) / scale));
    if (Number.isNaN(value)) continue;
    const shade = 3 * Math.round(((value + 1) / 2) * (SHADES - 1));
    image.data.set(known.subarray(shade, shade + 3), 4 * i);
    image.data[4 * i + 3] = 255;
  }
  canvas.putImageData(image, x, y);
}

/**
 * A matrix as the address of a picture; full colour is its largest magnitude.
 * @param {ArrayLike<number | bigint>} values @param {number} rows @param {number} columns @param {Theme} theme
 */
export function mapOf(values, rows, columns, theme) {
  const sheet = document.createElement("canvas");
  sheet.width = columns;
  sheet.height = rows;
  const canvas = /** @type {CanvasRenderingContext2D} */ (sheet.getContext("2d"));
  const numbers = Float64Array.from(/** @type {ArrayLike<number>} */ (values), Number);
  const scale = numbers.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-300);
  paint(canvas, numbers, { x: 0, y: 0, rows, columns, scale, theme });
  return sheet.toDataURL();
}
