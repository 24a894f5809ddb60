/** Folds: which lines of a moment's sums show, the smaller ones of a long sum as one line. */

import { signal } from "../vendor/signals-core/signals-core.mjs";

/** @import { Entry, Step } from "../arithmetic/steps.js" */
/** @import { Group, Row } from "../arithmetic/terms.js" */
/**
 * A line of the ledger: a row may stand under a head; `product` and `sum` are what it has in the two
 * columns on the right, of which the latter adds up. A fold hides `hidden` rows, or none where it is open.
 * A result is the last operation itself where that is a function alone.
 * @typedef {{ kind: "title", step: Step }
 *   | { kind: "head", group: Group, id: string, hidden: number }
 *   | { kind: "row", row: Row, under: boolean, product: number | null, sum: number | null }
 *   | { kind: "fold", id: string, hidden: number, product: number | null, sum: number | null }
 *   | { kind: "entry", entry: Entry, id: string, isOpen: boolean }
 *   | { kind: "note", text: string }
 *   | { kind: "result", step: Step, row: Row | null }
 *   | { kind: "aside", row: Row }} Line
 */

/** Of more rows than this only so many of the largest show, until the others are asked for. */
const MOST = 12;
const LARGEST = 8;

/** The folds that were turned, by their names: so they stay from moment to moment. */
export const turned = signal(/** @type {ReadonlySet<string>} */ (new Set()));

/** @param {string} id */
export function turn(id) {
  const next = new Set(turned.peek());
  if (!next.delete(id)) next.add(id);
  turned.value = next;
}

/** The lines of a sum above its result, with what else is reckoned from the same numbers. @param {Step} step @returns {Line[]} */
export function linesOf(step) {
  const { entries, note, asides } = step;
  const groups = lastFunction(step) ? [] : step.groups;
  /** @type {Line[]} */
  const lines = entries.length > 0 ? [{ kind: "title", step }, ...entryLines(step)] : [];
  if (note) lines.push({ kind: "note", text: note });
  for (const group of groups)
    lines.push(...groupLines(group, `${step.id}/${group.from ?? ""}${group.id}`));
  for (const row of asides) if (row.right) lines.push({ kind: "aside", row });
  return lines;
}

/** The result, and what becomes of it. @param {Step} step @returns {Line[]} */
export function resultLines(step) {
  if (step.groups.length === 0) return [];
  const after = step.asides.filter(({ right }) => !right);
  return [
    { kind: "result", step, row: lastFunction(step) },
    ...after.map((row) => /** @type {Line} */ ({ kind: "aside", row })),
  ];
}

/** The function that a step is, where it is no more than that. @param {Step} step @returns {Row | null} */
function lastFunction({ groups: [group, ...others] }) {
  if (!group || group.head || group.list || others.length > 0 || group.rows.length > 1) return null;
  const [row] = group.rows;
  return !row.left && row.right ? row : null;
}

/** @param {Group} group @param {string} id @returns {Line[]} */
function groupLines(group, id) {
  if (!group.head && !group.list) return chainLines(group);
  const { list, rows } = group;
  const isTurned = turned.value.has(id);
  const shown = shownOf(group, isTurned);
  const line = (/** @type {Row} */ row) =>
    rowLine(row, !list, list ? null : row.value, list ? row.value : null);
  const hidden = rows.length - shown.length;
  const isFoldable = rows.length > MOST && !group.closed;
  const lines = shown.map(line);
  if (isFoldable) lines.push(foldLine(group, id, shown));
  return list ? lines : [{ kind: "head", group, id, hidden }, ...lines];
}

/** @param {Row} row @param {boolean} under @param {number | null} product @param {number | null} sum @returns {Line} */
function rowLine(row, under, product, sum) {
  return { kind: "row", row, under, product, sum };
}

/** The rows that show, in their order. @param {Group} group @param {boolean} isTurned */
function shownOf({ rows, closed }, isTurned) {
  if (closed) return isTurned ? rows : [];
  if (isTurned || rows.length <= MOST) return rows;
  const largest = new Set([...rows].sort(bySize).slice(0, LARGEST));
  return rows.filter((row) => largest.has(row));
}

/** What is kept comes first, then the largest. @param {Row} a @param {Row} b */
function bySize(a, b) {
  return Number(b.keep ?? false) - Number(a.keep ?? false) || size(b) - size(a);
}

/** What is no number is as large as any. @param {Row} row */
function size({ value }) {
  return Number.isNaN(value) ? Number.MAX_VALUE : Math.min(Math.abs(value), Number.MAX_VALUE);
}

/** The rows that do not show, and what they come to. @param {Group} group @param {string} id @param {Row[]} shown @returns {Line} */
function foldLine({ rows, list }, id, shown) {
  const there = new Set(shown);
  const rest = rows.filter((row) => !there.has(row));
  const together = rest.reduce((sum, { value }) => sum + value, 0);
  const value = rest.length > 0 ? together : null;
  return {
    kind: "fold",
    id,
    hidden: rest.length,
    product: list ? null : value,
    sum: list ? value : null,
  };
}

/** Operations one after the other: only what the last gives is added. @param {Group} group @returns {Line[]} */
function chainLines({ rows, value, minus }) {
  return rows.map((row, i) => {
    const isLast = i === rows.length - 1;
    return rowLine(row, false, isLast && !minus ? null : row.value, isLast ? value : null);
  });
}

/** The entries of a vector, each with its operations. @param {Step} step @returns {Line[]} */
function entryLines({ id, entries }) {
  const all = `${id}/entries`;
  const shown =
    entries.length <= MOST || turned.value.has(all) ? entries : entries.slice(0, LARGEST);
  const lines = shown.flatMap((entry) => entryLine(entry, `${id}/${entry.mark}`));
  if (entries.length > MOST)
    lines.push({
      kind: "fold",
      id: all,
      hidden: entries.length - shown.length,
      product: null,
      sum: null,
    });
  return lines;
}

/** @param {Entry} entry @param {string} id @returns {Line[]} */
function entryLine(entry, id) {
  if (!entry.long) return shortEntry(entry);
  const isOpen = turned.value.has(id);
  const lines = isOpen ? entry.groups().flatMap((group, i) => groupLines(group, `${id}/${i}`)) : [];
  return [{ kind: "entry", entry, id, isOpen }, ...lines];
}

/** All operations of an entry, which the title names; the last line has what it comes to. @param {Entry} entry @returns {Line[]} */
function shortEntry({ mark, groups }) {
  const made = groups();
  const rows = made.flatMap((group) => group.rows);
  const whole = made.reduce((sum, { value }) => sum + value, 0);
  return rows.map((row, i) => {
    const isLast = i === rows.length - 1;
    const told = { ...row, tex: "", mark: i === 0 ? mark : "" };
    return rowLine(
      told,
      true,
      isLast && made.length === 1 ? null : row.value,
      isLast ? whole : null,
    );
  });
}
