/** Figures side by side: the same scales on all of them, and what one has more than another. */

import { VALUE_SCALE } from "../palette.js";

/** @import { Axis, Figure, Mark } from "../figure.js" */

/** The same figures, each axis as far as the farthest of them goes. @param {(Figure | null)[]} figures @returns {(Figure | null)[]} */
export function alike(figures) {
  const there = figures.filter((one) => one !== null);
  if (there.length < 2) return figures;
  const [x, y] = [widest(there.map((one) => one.x)), widest(there.map((one) => one.y))];
  return figures.map((one) => one && { ...one, x, y });
}

/** The axis whose range holds those of all; its ticks are those of the one that goes farthest. @param {Axis[]} axes @returns {Axis} */
function widest(axes) {
  const falls = axes[0].range[0] > axes[0].range[1];
  const least = Math.min(...axes.flatMap(({ range }) => range));
  const most = Math.max(...axes.flatMap(({ range }) => range));
  const span = (/** @type {Axis} */ { range: [from, to] }) => Math.abs(to - from);
  const farthest = axes.reduce((best, one) => (span(one) > span(best) ? one : best));
  return { ...farthest, range: falls ? [most, least] : [least, most] };
}

/** What the second figure has more than the first; null where they are not of the same things. @param {Figure} one @param {Figure} other @param {"light" | "dark"} theme @returns {Figure | null} */
export function difference(one, other, theme) {
  const isMap = one.marks.some(({ kind }) => kind === "map");
  const kinds = isMap ? ["map"] : ["bars", "line", "dots"];
  const [left, right] = [one, other].map(({ marks }) =>
    marks.filter(({ kind }) => kinds.includes(kind)),
  );
  const shown = left
    .map((mark, i) => lessOf(mark, right[i], theme))
    .filter((mark) => mark !== null);
  if (shown.length < (isMap ? 1 : left.length)) return null;
  const heights = shown
    .flatMap((mark) => (mark.kind === "map" ? [] : mark.y))
    .filter((value) => value !== null);
  const most = Math.max(...heights.map(Math.abs), 1e-300);
  const y = isMap
    ? one.y
    : {
        ...one.y,
        range: /** @type {[number, number]} */ ([-most * 1.05, most * 1.05]),
        ticks: around(most),
      };
  return { ...one, marks: isMap ? shown.slice(0, 1) : shown, y };
}

/** @param {number} most */
function around(most) {
  const round = Number(most.toPrecision(2));
  return [-round, 0, round].map((at) => ({ at, text: String(at).replace("-", "−") }));
}

/** @param {Mark} one @param {Mark | undefined} other @param {"light" | "dark"} theme @returns {Mark | null} */
function lessOf(one, other, theme) {
  if (!other || one.kind !== other.kind || one.x.length !== other.x.length) return null;
  if (one.kind === "map" && other.kind === "map") return mapOf(one, other, theme);
  if (one.kind === "map" || one.kind === "words" || one.kind === "area") return one;
  const y = one.y.map((value, i) => {
    const more = other.y[i];
    return value === null || more === null || more === undefined ? null : more - value;
  });
  return /** @type {Mark} */ ({ ...one, y, base: undefined });
}

/** @param {import("../figure.js").MapMark} one @param {import("../figure.js").MapMark} other @param {"light" | "dark"} theme @returns {Mark | null} */
function mapOf(one, other, theme) {
  if (one.z.length !== other.z.length) return null;
  const z = one.z.map((row, i) =>
    Array.from(row, (value, j) => clear(other.z[i][j]) - clear(value)),
  );
  const most = Math.max(...z.flat().map(Math.abs), 1e-300);
  return { ...one, z, scale: VALUE_SCALE[theme], range: [-most, most] };
}

/** What stays clear is nothing. @param {number} value */
function clear(value) {
  return Number.isNaN(value) ? 0 : value;
}
