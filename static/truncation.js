/** Truncation: which losses go back through which steps, and where what comes back is cut. */

/** @import { Algorithm } from "./types.js" */
/** The losses of the steps from `first` to before `end` go back through the steps from `begin` on. @typedef {{ first: number, begin: number, end: number }} Window */

/** The windows of a sequence, in order; the whole of it is one. @param {Algorithm} algorithm @param {number} steps @returns {Window[]} */
export function windows(algorithm, steps) {
  const { k1 = steps, k2 = steps } = algorithm;
  const found = [];
  for (let first = 0; first < steps; first += k1) {
    const end = Math.min(first + k1, steps);
    found.push({ first, begin: Math.max(0, end - k2), end });
  }
  return found;
}

/**
 * What is cut between step t and the one after (from 0): the losses whose gradients end there, and
 * whether any others go on; null where nothing is cut.
 * @param {Window[]} all @param {number} t
 * @returns {{ first: number, end: number, rest: boolean } | null}
 */
export function cutAfter(all, t) {
  const stopped = all.filter(({ begin }) => begin === t + 1);
  if (stopped.length === 0) return null;
  const rest = all.some(({ begin, end }) => begin <= t && end > t + 1);
  return { first: stopped[0].first, end: stopped[stopped.length - 1].end, rest };
}
