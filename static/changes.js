/** What has changed: the numbers of a pass against those of the same experiment without its overrides. */

import { full } from "./number.js";
import { norm, number, text } from "./piece.js";
import { baseline, pass } from "./store.js";

/** @import { Pass } from "./pass.js" */
/** @import { Piece } from "./piece.js" */

/** @type {WeakMap<Pass, string>} */
const experiments = new WeakMap();
/** The changed units by quantity and timestep, of a pass against the one that it was held against. @type {WeakMap<Pass, { base: Pass, bands: Map<string, Uint8Array | null> }>} */
const compared = new WeakMap();

/** What is computed, but for overrides. @param {Pass} one */
function experimentOf(one) {
  const known = experiments.get(one);
  if (known !== undefined) return known;
  const { overrides: _, ...rest } = one.plan.spec;
  const made = JSON.stringify(rest);
  experiments.set(one, made);
  return made;
}

/** Whether two passes are of the same experiment but for overrides. @param {Pass | null} one @param {Pass | null} other */
export function isSameBut(one, other) {
  return one !== null && other !== null && experimentOf(one) === experimentOf(other);
}

/** The pass on the page and the one without overrides; null where there is nothing to compare, or not all of it yet. */
export function pair() {
  const [now, base] = [pass.value, baseline.value];
  if (!now?.plan.spec.overrides.length || !base?.complete || !isSameBut(now, base)) return null;
  return { now, base };
}

/**
 * A number as it was without the overrides; null where it is the same to the last bit, or not there.
 * @param {(one: Pass) => number | null | undefined} read takes the number from a pass
 */
export function before(read) {
  const two = pair();
  if (!two) return null;
  const [value, old] = [read(two.now), read(two.base)];
  if (value == null || old == null || !differs(value, old)) return null;
  return old;
}

/** What a unit of a quantity was at a timestep; null where it has not changed. @param {string} name of the trace @param {number} t @param {number} [unit] */
export function was(name, t, unit = 0) {
  return before((one) => one.value(name, t)?.[unit]);
}

/** What an entry of a parameter was; null where it has not changed. @param {string} name @param {number} place row by row @param {number | null} [step] whose own it is */
export function wasParameter(name, place, step = null) {
  return before((one) => {
    const tensor = one.parameter(name, step);
    return tensor ? Number(tensor.data[place]) : null;
  });
}

/** Which units of a quantity have changed at a timestep, 1 for each that has; null for none. @param {string} name of the trace @param {number} t */
export function changedBands(name, t) {
  const two = pair();
  if (!two) return null;
  const { now, base } = two;
  const known = compared.get(now);
  const bands = known?.base === base ? known.bands : new Map();
  if (known?.base !== base) compared.set(now, { base, bands });
  const key = `${name}@${t}`;
  const found = bands.get(key);
  if (found !== undefined) return found;
  const [values, old] = [now.value(name, t), base.value(name, t)];
  if (!values || !old) return null;
  const changed = Uint8Array.from(values, (value, unit) => Number(differs(value, old[unit])));
  const made = changed.includes(1) ? changed : null;
  bands.set(key, made);
  return made;
}

/** @param {number} value @param {number} old */
function differs(value, old) {
  return value !== old && !Object.is(value, old);
}

/** A number in full, and what it was. @param {number} value @param {number | null} old */
export function inFull(value, old) {
  return old === null ? full(value) : `${full(value)}, was ${full(old)}`;
}

/** What came of the changes, in a sentence: the loss, how much gradient reaches the first step, what is used no more. @returns {Piece[]} */
export function outcome() {
  const two = pair();
  if (!two?.now.complete) return [];
  const { now, base } = two;
  const [loss, lossBefore] = [now.meanLoss.value, base.meanLoss.value];
  const name = "grad.layer0.h";
  const place = now.sizes.L > 1 ? "h of layer 1 at step 1" : "h at step 1";
  const [log, logBefore] = [now.logNorm(name, 0), base.logNorm(name, 0)];
  const unused = base.plan.parameters.filter(({ name: one }) => !now.parameters.has(one));
  return [
    ...(loss === null || lossBefore === null
      ? []
      : compare("Loss: ", number(loss), number(lossBefore))),
    ...(log === null || logBefore === null
      ? []
      : [text(". "), ...compare(`Gradient of ${place}: `, norm(log), norm(logBefore))]),
    text(unused.length ? `. ${gone(unused.length)}.` : "."),
  ];
}

/** @param {string} words @param {Piece} value @param {Piece} old @returns {Piece[]} */
function compare(words, value, old) {
  const same = "exact" in value && "exact" in old && value.exact === old.exact;
  return [text(words), value, ...(same ? [text(", as before")] : [text(", was "), old])];
}

/** @param {number} parameters */
function gone(parameters) {
  return parameters === 1 ? "1 parameter is not used" : `${parameters} parameters are not used`;
}
