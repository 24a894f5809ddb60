/** What is no ordinary number: where it is on a map, and where it was first. */

import { PLOT } from "../palette.js";

/** @import { MapMark } from "../figure.js" */

/**
 * The places of a map that are infinite, or not a number, as a map of their own: what is NaN
 * because it is not there at all is left out by `there`.
 * @param {MapMark} map @param {"light" | "dark"} theme @param {(row: number, column: number) => boolean} [there]
 * @returns {MapMark[]}
 */
export function odd(map, theme, there = () => true) {
  let any = false;
  const z = map.z.map((values, row) =>
    Array.from(values, (value, column) => {
      const isOdd = !Number.isFinite(Number(value)) && there(row, column);
      any ||= isOdd;
      return isOdd ? 1 : Number.NaN;
    }),
  );
  const { alarm } = PLOT[theme];
  const scale = /** @type {import("../palette.js").Scale} */ ([
    [0, alarm],
    [1, alarm],
  ]);
  return any ? [{ ...map, z, scale, range: [0, 1] }] : [];
}

/** The sentence that names the first step at which a number is infinite or none, empty where all are ordinary. @param {number} steps @param {(t: number) => boolean} isOdd @param {string} word */
export function firstOdd(steps, isOdd, word) {
  for (let t = 0; t < steps; t++)
    if (isOdd(t)) return ` From step ${t + 1} on the ${word} is no longer finite.`;
  return "";
}

/** The same for what is made on the way back, of log10 norms that are all here. @param {Iterable<number>} logs @param {string} words what they are of, and "is" or "are" */
export function firstOddBack(logs, words) {
  const isOdd = (/** @type {number} */ log) =>
    Number.isNaN(log) || log === Number.POSITIVE_INFINITY;
  const t = [...logs].findLastIndex(isOdd);
  return t < 0 ? "" : ` On the way back ${words} not finite from step ${t + 1} on.`;
}
