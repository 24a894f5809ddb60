/** A question of the What if panel: what it is asked of, and the fields that all questions have. */

import { overrideOf, overridesOf, undo, valueAt } from "../overrides.js";
import { html } from "../vendor/lit-html/lit-html.js";
import { drawAmount } from "./amount.js";
import { override } from "./draft.js";

/** @import { Pass } from "../pass.js" */
/** @import { Change, Chosen, Moment, Problem } from "../types.js" */

/**
 * What the panel is drawn from: `base` is the pass without overrides, where it is here.
 * @typedef {{
 *   now: Pass, base: Pass | null, at: Moment, draft: Change, wrong: Problem | null, selected: Chosen, state: string,
 *   line: string,
 * }} Question
 */

/** What is wrong with the override of a place, null for nothing. @param {Question} question @param {string} name @param {number[]} [index] */
export function wrongWith({ draft, wrong }, name, index) {
  const one = overrideOf(draft, name, index);
  const place = one ? overridesOf(draft).indexOf(one) : -1;
  const said = wrong?.field ?? "";
  return said === `overrides.${place}` || said.startsWith(`overrides.${place}.`)
    ? (wrong?.message ?? null)
    : null;
}

/**
 * An entry of an array as an amount.
 * @param {Question} question @param {string} id @param {string} label @param {string} name @param {number[]} index @param {[number, number]} range
 */
export function entry(question, id, label, name, index, range) {
  const { now, base, draft } = question;
  const made = overrideOf(draft, name, index);
  const value = made ? made.value : valueAt(now, { name, index });
  return drawAmount({
    id,
    label,
    value,
    range,
    old: made && base ? valueAt(base, { name, index }) : null,
    wrong: wrongWith(question, name, index),
    set: (next, how) => override([{ name, index, value: next }], how),
    undo: made ? () => undo([made]) : null,
  });
}

/** A place, counted from 1. @param {string} id @param {string} label @param {number} value from 0 @param {number} most @param {(value: number) => void} set */
export function count(id, label, value, most, set) {
  const chose = (/** @type {Event} */ event) => {
    const input = /** @type {HTMLInputElement} */ (event.target);
    const place = Math.min(most, Math.max(1, Math.round(Number(input.value) || 1)));
    input.value = String(place);
    set(place - 1);
  };
  return html`<span><label for=${id}>${label}</label>
    <input id=${id} type="number" min="1" max=${most} .value=${String(value + 1)} @change=${chose} /></span>`;
}
