/** Symbols that carry what they stand for: pointed at or focused they light it, and are lit with it. */

import { drawn } from "../drawing.js";
import { moment } from "../playhead.js";
import { chosen, copies, lit, pass, selection } from "../store.js";

/** @import { Lit } from "../types.js" */

/** What this module has lit, which it alone puts out. @type {Lit | null} */
let ours = null;

/** Light what the symbols in an element stand for, and have them lit. @param {HTMLElement} element */
export function follow(element) {
  const show = (/** @type {Event} */ { target }) => point(meaning(closest(target)));
  element.addEventListener("pointerover", show);
  element.addEventListener("focusin", show);
  element.addEventListener("pointerleave", () => point(null));
  element.addEventListener("focusout", () => point(null));
  element.addEventListener("click", ({ target }) => choose(closest(target)));
  drawn(
    () => lit.value,
    () => light(element),
  );
}

/** Mark the symbols in an element that stand for what is lit. @param {HTMLElement} element */
export function light(element) {
  const shown = lit.peek();
  for (const symbol of element.querySelectorAll("[data-name]"))
    symbol.classList.toggle("lit", shown !== null && isOne(meaning(symbol), shown));
}

/** @param {EventTarget | null} target */
function closest(target) {
  return /** @type {Element} */ (target).closest("[data-name]");
}

/** @param {Lit | null} what */
function point(what) {
  if (what === null && (ours === null || lit.peek() !== ours)) return;
  if (what && same(what, lit.peek())) return;
  ours = what;
  lit.value = what;
}

/** @param {Lit} what @param {Lit | null} other */
function same({ name, t, unit }, other) {
  return name === other?.name && t === other.t && unit === other.unit;
}

/** What a symbol stands for; `from` counts steps from the moment's. @param {Element | null} element @returns {Lit | null} */
function meaning(element) {
  if (!element) return null;
  const { name = "", t, from, unit } = /** @type {HTMLElement} */ (element).dataset;
  const now = moment.peek()?.t ?? null;
  const step = from === undefined || now === null ? null : now + Number(from);
  return {
    name,
    t: t === undefined ? step : Number(t),
    unit: unit === undefined ? null : Number(unit),
  };
}

/** Whether a symbol is of what is lit: of the same step where both have one, and a number of that unit alone. @param {Lit | null} symbol @param {Lit} shown */
function isOne(symbol, shown) {
  if (symbol?.name !== shown.name) return false;
  const step = symbol.t === null || shown.t === null || symbol.t === shown.t;
  return step && (symbol.unit === null || symbol.unit === shown.unit);
}

/** A parameter that is clicked is chosen, and its copies stay lit until it is clicked again. @param {Element | null} symbol */
function choose(symbol) {
  const name = meaning(symbol)?.name;
  if (!name || !pass.peek()?.parameters.has(name) || symbol?.closest(".lines")) return;
  copies.value = copies.peek() === name ? null : name;
  selection.value = { ...selection.peek(), ...chosen.peek(), parameter: name };
}
