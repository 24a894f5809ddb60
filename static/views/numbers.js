/** Numbers: the pinned unit's arithmetic at this moment, written out in full, and the pinned weight's gradient. */

import { arithmetic } from "../arithmetic.js";
import { drawn } from "../drawing.js";
import { moment } from "../playhead.js";
import { book, chosen, faces, lit, pass } from "../store.js";
import { html, render } from "../vendor/lit-html/lit-html.js";
import * as copying from "./copying.js";
import { worstStep } from "./entries.js";
import { litKey, litOf } from "./figures.js";
import { turned } from "./folds.js";
import { drawLedger } from "./ledger.js";
import * as pinnedWeight from "./pinnedweight.js";
import { toolsOf } from "./tabs.js";

/** @import { Pass } from "../pass.js" */
/** @import { Chosen, Moment } from "../types.js" */
/** @import { Check } from "./pinnedweight.js" */
/** @typedef {{ now: Pass, at: Moment, selected: Chosen }} State */

/** @param {HTMLElement} element @param {{ check: Check }} actions `check` holds an entry's gradient against central differences */
export function mount(element, { check }) {
  render(
    html`<div class="ledger-box" @pointerover=${point} @pointerleave=${leave} @focusin=${point} @focusout=${leave}></div>
      <div class="pinned-weight"></div>`,
    element,
  );
  const [box, foot] = /** @type {[HTMLElement, HTMLElement]} */ ([...element.children]);
  render(
    html`<span class="copied" role="status"></span><span class="of-what"></span>`,
    toolsOf("numbers"),
  );
  copying.listen(box, say);
  copying.listen(foot, say);
  pinnedWeight.mount(foot, check);
  drawn(read, (state) => state && draw(box, state));
  drawn(
    () => (faces.value.meaning === "numbers" ? lit.value : null),
    () => light(box),
  );
}

/** @returns {State | null} */
function read() {
  if (faces.value.meaning !== "numbers") return null;
  const [now, at] = [pass.value, moment.value];
  now?.arrived.value;
  book.value;
  turned.value;
  return now && at ? { now, at, selected: chosen.value } : null;
}

/** @param {HTMLElement} box @param {State} state */
function draw(box, { now, at, selected }) {
  const made = arithmetic(now, at, selected, at.kind === "output" ? worstStep(now) : 0);
  drawLedger(box, made?.steps ?? []);
  place(".of-what").textContent = made?.whose ?? "";
  const line = `${at.phase} ${at.kind} ${at.line?.target}`;
  if (box.dataset.line !== line) box.scrollTop = 0;
  box.dataset.line = line;
  copying.keepOneStop(box);
  light(box);
}

/** @param {string} selector */
function place(selector) {
  return /** @type {HTMLElement} */ (toolsOf("numbers").querySelector(selector));
}

/** @param {string} words */
function say(words) {
  place(".copied").textContent = words;
}

/** What the pointer or the focus is on. @param {Event} event */
function point(event) {
  const target = /** @type {HTMLElement} */ (event.target).closest("[data-lit]");
  const key = target instanceof HTMLElement ? target.dataset.lit : undefined;
  lit.value = key ? litOf(key) : null;
}

function leave() {
  lit.value = null;
}

/** Tint what is lit, wherever it was pointed at. @param {HTMLElement} box */
function light(box) {
  const key = litKey(lit.peek());
  for (const one of box.querySelectorAll("[data-lit]"))
    one.classList.toggle("lit", isWithin(/** @type {HTMLElement} */ (one).dataset.lit ?? "", key));
}

/** Whether a number is what is lit, or a part of it. @param {string} own @param {unknown} key */
function isWithin(own, key) {
  if (typeof key !== "string" || own === "") return false;
  const [mine, other] = [litOf(own), litOf(key)];
  return (
    mine.name === other.name &&
    (other.t === null || mine.t === other.t) &&
    (other.unit === null || mine.unit === other.unit)
  );
}
