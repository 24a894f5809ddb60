/** Vectors as strips and matrices as maps: values on their scale, gradients in magenta. */

import { gradientColor } from "../palette.js";
import { paint } from "../raster.js";

/** @import { Theme } from "../palette.js" */
/** Numbers as they come. @typedef {ArrayLike<number | bigint>} Values */
/** What a picture is painted with: full colour is `most`. @typedef {{ theme: Theme, most: number }} Look */

/** How wide a strip is, and one of gradients, whose bars go to both sides of its middle. */
export const STRIP = 15;
export const BARS = 34;
/** A cell of fewer pixels than this has no room for a sign. */
const SIGNED = 7;
/** From so many pixels on bands and bars are set apart by a hair. */
const APART = 4;

/**
 * How long a vector of so many numbers is: whole pixels a number where it can be.
 * @param {number} size @param {{ unit: number, longest: number }} room pixels a number, and for all of them
 */
export function extent(size, { unit, longest }) {
  const each = Math.min(unit, longest / size);
  return Math.round(size * (each >= 2 ? Math.floor(each) : each));
}

/** The largest magnitude among numbers that are numbers; more than 0. @param {Values[]} all */
export function largestOf(...all) {
  let most = 0;
  for (const values of all)
    for (let i = 0; i < values.length; i++) {
      const size = Math.abs(Number(values[i]));
      if (size > most && size < Number.POSITIVE_INFINITY) most = size;
    }
  return most || 1;
}

/** A canvas of so many points on the page, each of so many of its own. @param {number} width @param {number} height @param {number} [points] */
function canvasOf(width, height, points = 1) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * points));
  canvas.height = Math.max(1, Math.round(height * points));
  return canvas;
}

/** @param {HTMLCanvasElement} canvas @param {number} width @param {number} height */
function sized(canvas, width, height) {
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  // Of more numbers than pixels each pixel is a mean of some, and none is left out.
  if (canvas.width > width || canvas.height > height) canvas.classList.add("dense");
  return canvas;
}

/** @param {HTMLCanvasElement} canvas */
function pen(canvas) {
  return /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
}

/** A matrix of values, or a strip where it has one column or one row. @param {Values} values @param {number} rows @param {number} columns @param {number} width @param {number} height @param {Look} look */
export function valueMap(values, rows, columns, width, height, { theme, most }) {
  const canvas = canvasOf(columns, rows);
  const numbers = /** @type {ArrayLike<number>} */ (values);
  paint(pen(canvas), numbers, { x: 0, y: 0, rows, columns, scale: most, theme });
  return sized(canvas, width, height);
}

/** A matrix turned over. @param {Values} values @param {number} rows @param {number} columns @returns {Values} */
export function turned(values, rows, columns) {
  return Array.from({ length: rows * columns }, (_, i) =>
    Number(values[(i % rows) * columns + Math.floor(i / rows)]),
  );
}

/**
 * A vector of gradients: a bar a number, to the left where it is negative, the longer and stronger
 * the larger it is.
 * @param {Values} values @param {number} width @param {number} height @param {Look} look
 */
export function bars(values, width, height, { theme, most }) {
  const points = Math.max(1, Math.ceil(devicePixelRatio));
  const canvas = canvasOf(width, height, points);
  const context = pen(canvas);
  context.scale(points, points);
  const [middle, each] = [width / 2, height / values.length];
  for (let i = 0; i < values.length; i++) {
    const value = Number(values[i]);
    if (value === 0 || Number.isNaN(value)) continue;
    const size = Math.min(1, Math.abs(value) / most);
    const length = Math.max(1, size * (middle - 1));
    context.fillStyle = gradientColor(size, theme);
    const x = value < 0 ? middle - length : middle;
    context.fillRect(x, i * each, length, each >= APART ? each - 1 : each);
  }
  canvas.classList.add("bars");
  return sized(canvas, width, height);
}

/**
 * A matrix of gradients, the stronger the larger; a dash is in what is negative where there is
 * room for one, and what is exactly nothing stays clear.
 * @param {Values} values @param {number} rows @param {number} columns @param {number} width
 * @param {number} height @param {Look} look
 */
export function gradientMap(values, rows, columns, width, height, look) {
  const side = Math.floor(Math.min(width / columns, height / rows));
  const each = side >= SIGNED ? side : 1;
  const canvas = canvasOf(columns * each, rows * each);
  const image = pen(canvas).createImageData(columns * each, rows * each);
  const colors = shades(look.theme);
  for (let i = 0; i < rows * columns; i++) {
    const value = Number(values[i]);
    if (value === 0 || Number.isNaN(value)) continue;
    const shade = Math.round(Math.min(1, Math.abs(value) / look.most) * (colors.length - 1));
    const [x, y] = [(i % columns) * each, Math.floor(i / columns) * each];
    fill(image, x, y, each, colors[shade]);
    // A dash is as much stronger than its cell, or fainter, as half of all shades.
    const other = (shade + colors.length / 2) % colors.length;
    if (value < 0 && each > 1) dash(image, x, y, each, colors[other]);
  }
  pen(canvas).putImageData(image, 0, 0);
  return sized(canvas, width, height);
}

/** @param {ImageData} image @param {number} x @param {number} y @param {number} each @param {number[]} color */
function fill(image, x, y, each, [red, green, blue]) {
  for (let row = y; row < y + each; row++)
    for (let column = x; column < x + each; column++) {
      const at = 4 * (row * image.width + column);
      image.data[at] = red;
      image.data[at + 1] = green;
      image.data[at + 2] = blue;
      image.data[at + 3] = 255;
    }
}

/** A dash in the middle of a cell, which tells itself from the cell. @param {ImageData} image @param {number} x @param {number} y @param {number} each @param {number[]} color */
function dash(image, x, y, each, [red, green, blue]) {
  const row = y + Math.floor((each - 1) / 2);
  for (let column = x + 3; column < x + each - 3; column++) {
    const at = 4 * (row * image.width + column);
    image.data[at] = red;
    image.data[at + 1] = green;
    image.data[at + 2] = blue;
  }
}

/** How many shades of magenta are told apart. */
const SHADES = 256;
/** @type {Map<Theme, number[][]>} */
const known = new Map();

/** @param {Theme} theme */
function shades(theme) {
  const found =
    known.get(theme) ??
    Array.from({ length: SHADES }, (_, i) =>
      (gradientColor(i / (SHADES - 1), theme).match(/\d+/g) ?? []).map(Number),
    );
  known.set(theme, found);
  return found;
}
