/** The line of changes: what is set by hand, each with its undo, and what came of it. */

import { outcome } from "../changes.js";
import { groupsOf, presets, told, undo, undoAll, undoLast } from "../overrides.js";
import { baseline, pass } from "../store.js";
import { html, nothing } from "../vendor/lit-html/lit-html.js";

/** @import { Group } from "../overrides.js" */
/** @import { Pass } from "../pass.js" */
/** @import { Piece } from "../piece.js" */
/** What the line is drawn from. @typedef {{ now: Pass, base: Pass | null, groups: Group[], came: Piece[] }} Changed */

/** What is changed in the pass that shows, null for nothing. @returns {Changed | null} */
export function readChanges() {
  const [now, base] = [pass.value, baseline.value];
  if (!now?.plan.spec.overrides.length) return null;
  now.arrived.value;
  const groups = groupsOf(now.plan.spec.overrides, presets());
  return { now, base, groups, came: outcome() };
}

/** @param {Changed} changed */
export function changeLine({ now, base, groups, came }) {
  return html`<section class="changes" aria-label="What is changed">
    <div class="told-changes"><ul>${groups.map((group) => change(group, now, base))}</ul>
    <p class="came" role="status">${came.map(piece)}</p></div>
    <div class="undoing">
      <button class="button" title="undo the last change (Z)" @click=${undoLast}>Undo</button>
      ${groups.length > 1 ? html`<button class="button" @click=${undoAll}>Undo all</button>` : nothing}
    </div>
  </section>`;
}

/** @param {Group} group @param {Pass} now @param {Pass | null} base */
function change(group, now, base) {
  const words = told(group, now, base);
  const plain = words.map((one) => ("text" in one ? one.text : one.base)).join("");
  return html`<li><span>${words.map(piece)}</span>
    <button class="undo" aria-label="Undo: ${plain}" title="undo this" @click=${() => undo(group.overrides)}>×</button></li>`;
}

/** @param {Piece} given */
function piece(given) {
  if (given.kind === "symbol") return html`<i>${given.base}</i>`;
  return given.kind === "number"
    ? html`<b class=${given.gradient ? "gradient" : ""} title=${given.exact}>${given.text}</b>`
    : given.text;
}
