/** Vectors: their length, the angle between two, their largest entry. */

/** @param {ArrayLike<number> | null} vector */
export function length(vector) {
  return Math.hypot(...Array.from(vector ?? [], Number));
}

/** @param {ArrayLike<number> | null} a @param {ArrayLike<number> | null} b */
export function cosineOf(a, b) {
  const [left, right] = [a, b].map((vector) => Array.from(vector ?? [], Number));
  const scale = length(left) * length(right);
  return scale === 0
    ? Number.NaN
    : left.reduce((sum, value, i) => sum + value * right[i], 0) / scale;
}

/** @param {ArrayLike<number>} values */
export function largest(values) {
  return Array.from(values).reduce(
    (best, value, place, all) => (value > all[best] ? place : best),
    0,
  );
}
