/** A plot as data: what is drawn on which axes, and where its numbers lie in pixels. */

/** @import { Scale } from "./palette.js" */
/**
 * An axis from left to right, or from bottom to top; where `range` falls, the other way round. On a
 * `log` axis positions are logarithms to base 10. `ticks` are drawn as given.
 * @typedef {{ range: [number, number], word: string, ticks: Tick[], grid?: boolean }} Axis
 * @typedef {{ at: number, text: string }} Tick
 *
 * @typedef {{ kind: "map", x: number[], y: number[], z: ArrayLike<number>[], scale: Scale, range: [number, number] }} MapMark
 * @typedef {{ kind: "bars", x: number[], y: (number | null)[], color: string | string[], base?: number | number[], lying?: boolean, width?: number }} Bars
 * @typedef {{ kind: "line", x: (number | null)[], y: (number | null)[], color: string, dash?: boolean, width?: number, dots?: boolean }} LineMark
 * @typedef {{ kind: "dots", x: number[], y: number[], color: string | string[], size: number }} Dots
 * @typedef {{ kind: "area", x: number[], y: number[], color: string }} Area a polygon, hatched
 * @typedef {{ kind: "words", x: number[], y: number[], text: string[], color: string, align?: "left" | "center" | "right" }} Words
 * @typedef {MapMark | Bars | LineMark | Dots | Area | Words} Mark
 * @typedef {{ marks: Mark[], x: Axis, y: Axis, square?: boolean }} Figure
 *
 * What is in a box of the plot, in its own numbers. @typedef {{ x: [number, number], y: [number, number] }} Region
 * @typedef {{ width: number, height: number, text: number }} Size in pixels; `text` of its letters
 * @typedef {{ left: number, top: number, width: number, height: number }} Box
 */

/** From this height on, in letters, there is room for the words of the axes. */
const WORDED = 15;

/** Whether the words of the axes are written. @param {Size} size */
export function isWorded({ height, text }) {
  return height >= WORDED * text;
}

/** Where the numbers of a figure lie in a plot of a size: what is left beside ticks and words. @param {Figure} figure @param {Size} size @returns {Box} */
export function boxOf({ x, y, square = false }, size) {
  const { width, height, text } = size;
  const words = isWorded(size) ? 1.5 * text : 0;
  const longest = Math.max(0, ...y.ticks.map((tick) => tick.text.length));
  const left = Math.min(width / 3, (longest * 0.62 + 0.9) * text + words);
  const bottom = (x.ticks.length ? 1.6 * text : 4) + words;
  const [top, right] = [0.5 * text, 0.7 * text];
  const room = { left, top, width: width - left - right, height: height - top - bottom };
  if (!square) return room;
  const side = Math.max(1, Math.min(room.width, room.height));
  return { left: left + (room.width - side) / 2, top, width: side, height: side };
}

/** The pixels of a position, from the left and from the top. @param {Figure} figure @param {Box} box @param {number} x @param {number} y */
export function pixelOf(figure, box, x, y) {
  return {
    left: box.left + part(figure.x, x) * box.width,
    top: box.top + (1 - part(figure.y, y)) * box.height,
  };
}

/** The position of pixels; null beside the box. @param {Figure} figure @param {Box} box @param {number} left @param {number} top */
export function positionOf(figure, box, left, top) {
  const [right, down] = [(left - box.left) / box.width, (top - box.top) / box.height];
  if (right < 0 || right > 1 || down < 0 || down > 1) return null;
  const [x, y] = [figure.x.range, figure.y.range];
  return { x: x[0] + right * (x[1] - x[0]), y: y[0] + (1 - down) * (y[1] - y[0]) };
}

/** A region in pixels, kept within the box. @param {Figure} figure @param {Box} box @param {Region} region @returns {Box} */
export function regionBox(figure, box, region) {
  const corners = region.x.map((x, i) => pixelOf(figure, box, x, region.y[i]));
  const [left, right] = ends(
    corners.map((one) => one.left),
    box.left,
    box.left + box.width,
  );
  const [top, bottom] = ends(
    corners.map((one) => one.top),
    box.top,
    box.top + box.height,
  );
  return { left, top, width: right - left, height: bottom - top };
}

/** @param {number[]} two @param {number} least @param {number} most */
function ends(two, least, most) {
  const kept = two.map((one) => Math.min(most, Math.max(least, one)));
  return [Math.min(...kept), Math.max(...kept)];
}

/** How far along an axis, 0 to 1. @param {Axis} axis @param {number} at */
function part({ range: [from, to] }, at) {
  return to === from ? 0.5 : (at - from) / (to - from);
}

/** Every so many: 1, 2, 5, 10, ..., so that at most `most` of `count` are told. @param {number} count @param {number} most */
function everyOf(count, most) {
  const steps = [1, 2, 5, 10, 20, 50, 100, 200, 500];
  return steps.find((every) => count / every <= Math.max(2, most)) ?? 1000;
}

/**
 * An axis of things counted from 1, a unit wide each.
 * @param {number} count @param {number} most labels there is room for @param {string} word
 * @param {(place: number) => string} [name] what stands at a place, from 0
 * @returns {Axis}
 */
export function counted(count, most, word, name = (place) => String(place + 1)) {
  const every = everyOf(count, most);
  const places = Array.from({ length: count }, (_, i) => i).filter(
    (i) => every === 1 || (i + 1) % every === 0 || (i === 0 && every > 2),
  );
  const ticks = places.map((i) => ({ at: i + 1, text: name(i) }));
  return { range: [0.5, count + 0.5], word, ticks };
}

/** The same, from top to bottom. @param {Axis} axis @returns {Axis} */
export function downwards({ range: [from, to], ...axis }) {
  return { ...axis, range: [to, from] };
}

/** No axis goes farther: Plotly takes what is near the end of what a number can hold for none. */
export const FARTHEST = 1e300;

/** An axis of sizes from `least` to `most`, with a few round numbers. @param {number} least @param {number} most @param {string} word @param {number} [few] @returns {Axis} */
export function sizes(least, most, word, few = 4) {
  const [from, to] = [Math.max(least, -FARTHEST), Math.min(most, FARTHEST)];
  const [low, high] = from === to ? [from - 1, to + 1] : [from, to];
  const each = roundUp((high - low) / few);
  const ticks = [];
  for (let at = Math.ceil(low / each - 1e-9); at * each <= high + each * 1e-9; at++)
    ticks.push({ at: at * each, text: tidy(at * each) });
  return { range: [low, high], word, ticks, grid: true };
}

/** An axis of logarithms, told as powers of ten. @param {number} least @param {number} most @param {string} word @param {number} [few] @returns {Axis} */
export function decades(least, most, word, few = 4) {
  const [low, high] = most - least < 1 ? [least - 0.5, most + 0.5] : [least, most];
  const every = Math.max(1, everyOf(Math.ceil(high - low), few));
  const ticks = [];
  for (let at = Math.ceil(low / every); at * every <= high; at++)
    ticks.push({ at: at * every, text: power(at * every) });
  return { range: [low, high], word, ticks, grid: true };
}

/** @param {number} size */
function roundUp(size) {
  const unit = 10 ** Math.floor(Math.log10(size));
  return unit * ([1, 2, 2.5, 5, 10].find((one) => one * unit >= size * 0.999) ?? 10);
}

/** @param {number} value */
function tidy(value) {
  const rounded = Number(value.toPrecision(6));
  return Math.abs(rounded) >= 1e5 || (rounded !== 0 && Math.abs(rounded) < 1e-3)
    ? rounded.toExponential().replace("e+", "e").replace("-", "−")
    : String(rounded).replace("-", "−");
}

const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** @param {number} exponent */
function power(exponent) {
  if (exponent === 0) return "1";
  const digits = [...String(Math.abs(exponent))].map((digit) => RAISED[Number(digit)]).join("");
  return `10${exponent < 0 ? "⁻" : ""}${digits}`;
}
