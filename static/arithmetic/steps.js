/** Steps: sums that are written out one after the other, and whether each comes to what the pass has. */

import { plain } from "./quantities.js";
import { total } from "./terms.js";

/** @import { Pass } from "../pass.js" */
/** @import { Quantity } from "./quantities.js" */
/** @import { Group, Row } from "./terms.js" */
/**
 * A vector's entry that is made on the way; `engine` is what the pass has, null where it names no such
 * number. One that is `long` is written out only where that is asked for.
 * @typedef {{ mark: string, engine: number | null, long: boolean, groups: () => Group[] }} Entry
 * A sum: terms that add up to `result`, or the entries of a vector. `engine` is what the pass has for
 * it, null where it has none; `same` whether that is what the terms come to, `apart` by how much not.
 * `asides` follow from it and are not in it.
 * @typedef {{
 *   id: string, groups: Group[], entries: Entry[], result: Quantity, engine: number | null,
 *   same: boolean, apart: number, asides: Row[], note: string,
 * }} Step
 */

/** How far a sum may be from the pass's number, of its largest term: what rounding makes of it. */
const ROUNDING = { exact: 1e-9, single: 1e-4 };

/** @param {Pass} now */
function rounding(now) {
  const isSingle = now.value("y_hat", 0) instanceof Float32Array;
  return isSingle || now.plan.spec.dtype === "float32" ? ROUNDING.single : ROUNDING.exact;
}

/** A sum, held against the pass. @param {Pass} now @param {string} id @param {Group[]} groups @param {Quantity} result what the pass calls it; its value is made here @param {Partial<Step>} [more] @returns {Step} */
export function step(now, id, groups, result, more = {}) {
  const engine = more.engine === undefined ? result.value : more.engine;
  const value = total(groups);
  return {
    id,
    groups,
    entries: [],
    result: { ...result, value },
    asides: [],
    note: "",
    ...more,
    engine,
    ...held(now, groups, value, engine),
  };
}

/** @param {Pass} now @param {Group[]} groups @param {number} value @param {number | null} engine */
function held(now, groups, value, engine) {
  if (engine === null) return { same: false, apart: Number.NaN };
  const largest = Math.max(Math.abs(engine), ...groups.map(largestTerm));
  const apart = Math.abs(value - engine);
  // Of a pass that overflowed both are the same infinity, or no number.
  const same = Object.is(value, engine) || apart <= rounding(now) * largest;
  return { same, apart };
}

/** The largest number that a group adds. @param {Group} group */
function largestTerm({ head, list, rows, value }) {
  if (!head && !list) return Math.abs(value);
  return rows.reduce((most, row) => Math.max(most, Math.abs(row.value)), 0);
}

/** A vector whose entries a later sum reads. @param {string} id @param {Entry[]} entries @param {Quantity} result @returns {Step} */
export function vectorStep(id, entries, result) {
  return {
    id,
    groups: [],
    entries,
    result,
    engine: null,
    same: false,
    apart: Number.NaN,
    asides: [],
    note: "",
  };
}

/** Nothing to add up, and why. @param {string} note @param {Quantity} [result] @returns {Step} */
export function nothingToAdd(note, result = plain(Number.NaN)) {
  return { ...vectorStep("nothing", [], result), note };
}

/** A group of rows that each add by themselves; `noun` is what one of them is. @param {string} id @param {string} noun @param {Row[]} rows @returns {Group} */
export function listOf(id, noun, rows) {
  return { id, head: null, rows, zeros: 0, value: total(rows), minus: false, noun, list: true };
}

/** A group of operations that go on from one to the next. @param {string} id @param {Row[]} rows @returns {Group} */
export function onward(id, rows) {
  return {
    id,
    head: null,
    rows,
    zeros: 0,
    value: rows[rows.length - 1].value,
    minus: false,
    noun: "product",
  };
}
