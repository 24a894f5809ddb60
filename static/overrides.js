/** What is changed by hand: the overrides of the experiment, as they are made, taken back and named. */

import { full } from "./number.js";
import { number, text } from "./piece.js";
import { experiment, offers, pass } from "./store.js";
import { signal } from "./vendor/signals-core/signals-core.mjs";
import { quoted, shortName, word } from "./words.js";

/** @import { Pass } from "./pass.js" */
/** @import { Piece } from "./piece.js" */
/** @import { Change, Override } from "./types.js" */

/** The lines that a preset holds, and at what. @typedef {Record<string, number>} Lines */
/** Overrides that are one change to who made them: a preset's lines, an input's entries. @typedef {{ overrides: Override[], preset: string | null }} Group */

/** Arrays whose names have no layer; every other such name is a line's. */
const ARRAYS = ["x", "V", "c"];
const INITIAL = ".initial";
/** The changes that no longer fitted what else is asked for, why the last of them, and the experiment without them. */
export const leftOut = signal(
  /** @type {{ names: string[], message: string, spec: Change } | null} */ (null),
);

/** The change made last, and whether it goes on with the one before. */
let touched = { key: "", again: false };

/** Say what is changed next, and in which gesture of a hand: a slider that is dragged is one entry of the browser's history. @param {Override[]} added @param {number | null} gesture */
export function touch(added, gesture) {
  const key = gesture === null ? "" : `${gesture} ${added.map(placeOf)}`;
  touched = { key, again: key !== "" && key === touched.key };
}

/** Whether the change being made goes on with the one before, and so takes its place in the history. */
export function goesOn() {
  const { again } = touched;
  touched = { ...touched, again: false };
  return again;
}

/** @param {Change} spec @returns {Override[]} */
export function overridesOf({ overrides }) {
  return Array.isArray(overrides) ? overrides : [];
}

/** What an override changes, whatever its value. @param {Pick<Override, "name" | "index">} override */
function placeOf({ name, index = [] }) {
  return `${name}[${index}]`;
}

/** Whether an override holds a line of the cell, and does not set entries of an array. @param {Override} override */
export function holds({ name }) {
  return !name.includes(".") && !ARRAYS.includes(name);
}

/** The override of a place, if it has one. @param {Change} spec @param {string} name @param {number[]} [index] */
export function overrideOf(spec, name, index = []) {
  const wanted = placeOf({ name, index });
  return overridesOf(spec).find((one) => placeOf(one) === wanted);
}

/** The experiment with other overrides. @param {Change} spec @param {Override[]} overrides @returns {Change} */
function withAll(spec, overrides) {
  const { overrides: _, ...rest } = spec;
  return overrides.length ? { ...rest, overrides } : rest;
}

/**
 * The experiment with overrides put last, in the place of those that `gone` names and of their own earlier values.
 * @param {Change} spec @param {Override[]} added @param {(one: Override) => boolean} [gone]
 */
export function withOverrides(spec, added, gone = () => false) {
  const places = added.map(placeOf);
  const kept = overridesOf(spec).filter((one) => !places.includes(placeOf(one)) && !gone(one));
  return withAll(spec, [...kept, ...added]);
}

/** @param {Change} spec @param {Override[]} taken */
export function withoutOverrides(spec, taken) {
  const places = taken.map(placeOf);
  return withOverrides(spec, [], (one) => places.includes(placeOf(one)));
}

/** @param {Override[]} taken */
export function undo(taken) {
  touched = { key: "", again: false };
  experiment.value = withoutOverrides(experiment.peek(), taken);
}

export function undoAll() {
  undo(overridesOf(experiment.peek()));
}

/** Undo the last change, where there is one. */
export function undoLast() {
  const last = groupsOf(overridesOf(experiment.peek()), presets()).at(-1);
  if (last) undo(last.overrides);
}

/** The presets of the cell that shows. @returns {Record<string, Lines>} */
export function presets() {
  const cell = offers.value.cells.find(({ name }) => name === pass.value?.plan.spec.cell);
  return cell?.presets ?? {};
}

/**
 * Leave out an override that the server refuses because something else was changed: one that it took before, or that
 * came with a link. One just made is not left out; whoever made it is told what is wrong with it.
 * @param {{ message: string, field: string | null }} refusal @param {Override[] | null} accepted those of the last pass, null for none
 */
export function leaveOut({ message, field }, accepted) {
  const place = /^overrides\.(\d+)/.exec(field ?? "")?.[1];
  const all = overridesOf(experiment.peek());
  const refused = all[Number(place ?? -1)];
  if (!refused || !(accepted?.some((one) => isSame(one, refused)) ?? true)) return false;
  const [before, name] = [leftOut.peek(), nameOf(refused, pass.peek())];
  const names = before?.spec === experiment.peek() ? [...before.names, name] : [name];
  const kept = all.filter((one) => one !== refused);
  touched = { ...touched, again: true };
  experiment.value = withAll(experiment.peek(), kept);
  leftOut.value = { names, message, spec: experiment.peek() };
  return true;
}

/** @param {Override} one @param {Override} other */
function isSame(one, other) {
  return placeOf(one) === placeOf(other) && one.value === other.value;
}

/** The preset whose lines are all held at its values, the one of most lines; null for none. @param {Override[]} overrides @param {Record<string, Lines>} all */
export function presetOf(overrides, all) {
  const held = new Map(overrides.map(({ name, value }) => [name, value]));
  const matching = Object.entries(all).filter(([, lines]) =>
    Object.entries(lines).every(([line, value]) => held.get(line) === value),
  );
  const size = (/** @type {[string, Lines]} */ [, lines]) => Object.keys(lines).length;
  return matching.sort((a, b) => size(b) - size(a))[0]?.[0] ?? null;
}

/** Overrides as the changes they are, the last made last. @param {Override[]} overrides @param {Record<string, Lines>} all the presets of the cell @returns {Group[]} */
export function groupsOf(overrides, all) {
  const preset = presetOf(overrides, all);
  const lines = Object.keys(all[preset ?? ""] ?? {});
  /** @type {Map<string, Group>} */
  const groups = new Map();
  for (const one of overrides) {
    const inPreset = lines.includes(one.name);
    const key = inPreset
      ? "preset"
      : one.name === "x"
        ? `x ${one.index?.slice(0, 2)}`
        : placeOf(one);
    const group = groups.get(key) ?? { overrides: [], preset: inPreset ? preset : null };
    groups.delete(key);
    groups.set(key, { ...group, overrides: [...group.overrides, one] });
  }
  return [...groups.values()];
}

/** A change in words, with what was there before where that is known. @param {Group} group @param {Pass} now @param {Pass | null} base @returns {Piece[]} */
export function told({ overrides, preset }, now, base) {
  const [first] = overrides;
  const start = preset ? [text(`${preset}: `)] : [];
  if (holds(first)) return [...start, ...overrides.flatMap(held)];
  if (first.name === "x") return input(overrides, now, base);
  return [text(nameOf(first, now)), text(" is "), number(first.value), ...before(first, base)];
}

/** "forget gate held at 1". @param {Override} override @param {number} i @returns {Piece[]} */
function held({ name, value }, i) {
  const words = `${i > 0 ? ", " : ""}${word(name)} held at `;
  return [
    text(words),
    { kind: "number", text: full(value), exact: String(value), gradient: false },
  ];
}

/** What an override changes, in words: "W[3,4] of layer 2", "h before step 1, unit 2". @param {Override} override @param {Pass | null} now */
export function nameOf({ name = "", index = [] }, now) {
  const layer = (now?.sizes.L ?? 1) > 1 && /^layer(\d+)\./.exec(name)?.[1];
  const of = layer ? ` of layer ${Number(layer) + 1}` : "";
  const local = shortName(name);
  if (name === "x") return index.length ? `x of step ${index[0] + 1}${entry(index)}` : "x";
  if (local.endsWith(INITIAL))
    return `${word(local.slice(0, -INITIAL.length))}${of} before step 1${unit(index)}`;
  if (now?.shared === false && index.length)
    return `${local}${places(index.slice(1))} of step ${index[0] + 1}${of ? `,${of.slice(3)}` : ""}`;
  return `${local}${places(index)}${of}`;
}

/** @param {number[]} index */
function places(index) {
  return index.length ? `[${index.map((one) => one + 1)}]` : "";
}

/** Whose entry of an input it is, where that is not plain. @param {number[]} index */
function entry([, sequence = 0, place]) {
  const of = sequence > 0 ? `, sequence ${sequence + 1}` : "";
  return `${of}${place === undefined ? "" : `, input ${place + 1}`}`;
}

/** @param {number[]} index */
function unit([sequence = 0, place]) {
  const of = sequence > 0 ? `, sequence ${sequence + 1}` : "";
  return `${of}${place === undefined ? "" : `, unit ${place + 1}`}`;
}

/** @param {Override} override @param {Pass | null} base @returns {Piece[]} */
function before(override, base) {
  const value = base && valueAt(base, override);
  return value === null ? [] : [text(", was "), number(value)];
}

/** What a pass has at an override's place, where that is one entry. @param {Pass} pass @param {Pick<Override, "name" | "index">} override @returns {number | null} */
export function valueAt(pass, { name, index = [] }) {
  if (name.endsWith(INITIAL)) {
    if (index.length < 2) return null;
    return Number(pass.whole.get(name)?.data[index[0] * pass.sizes.H + index[1]] ?? 0);
  }
  if (name === "x") {
    const [t, sequence, place] = index;
    return pass.all("x", t)?.[sequence * pass.sizes.I + place] ?? null;
  }
  const tensor = pass.parameter(name);
  if (!tensor || tensor.shape.length !== index.length) return null;
  return Number(tensor.data[index.reduce((at, one, axis) => at * tensor.shape[axis] + one, 0)]);
}

/** An input as it is read: another symbol, nothing, or its numbers. @param {Override[]} overrides @param {Pass} now @param {Pass | null} base @returns {Piece[]} */
function input(overrides, now, base) {
  const [t, sequence = 0] = overrides[0].index ?? [];
  if (t === undefined) return entries(overrides, base);
  const place = nameOf({ name: "x", index: [t, sequence], value: 0 }, now);
  const { alphabet } = now.plan.columns;
  const old = sequence === 0 ? base?.plan.columns.input?.[t] : undefined;
  if (overrides.every(({ value }) => value === 0)) return erased(overrides, place, old, base);
  const ones = overrides.filter(({ index = [], value }) => value === 1 && index.length === 3);
  if (alphabet && ones.length === 1 && overrides.length === 2) {
    const was = old === undefined ? [] : [text(`, was ${quoted(old)}`)];
    return [text(`${place} is ${quoted(alphabet[ones[0].index?.[2] ?? 0])}`), ...was];
  }
  return entries(overrides, base);
}

/** @param {Override[]} overrides @param {string} place @param {string | undefined} old @param {Pass | null} base @returns {Piece[]} */
function erased(overrides, place, old, base) {
  const whole = overrides.some(({ index = [] }) => index.length < 3);
  if (!whole) return entries(overrides, base);
  return [text(old === undefined ? `${place} erased` : `${place}, ${quoted(old)}, erased`)];
}

/** @param {Override[]} overrides @param {Pass | null} base @returns {Piece[]} */
function entries(overrides, base) {
  return overrides.flatMap((one, i) => [
    text(`${i > 0 ? "; " : ""}${nameOf(one, base)} is `),
    number(one.value),
    ...before(one, base),
  ]);
}
