/** The tip on the stage: what the band under the pointer is, and its value in full. */

import { was } from "../changes.js";
import { full, short } from "../number.js";
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import { visible } from "../words.js";

/** @import { Strip } from "../geometry.js" */
/** @import { Pass } from "../pass.js" */
/** @import { Row } from "../types.js" */
/** @import { Scene } from "./scene.js" */
/** A band under the pointer. @typedef {{ strip: Strip, t: number, unit: number, x: number, y: number }} Hovered */

/** @param {HTMLElement} tip @param {Scene | null} now @param {Hovered | null} at */
export function drawTip(tip, now, at) {
  const shown =
    at &&
    now &&
    (at.strip.row.kind === "input" || now.moment.index >= now.line.earned(at.strip.row.name, at.t));
  tip.hidden = !shown;
  if (!shown) return;
  const { row } = at.strip;
  const value = now.pass.value(row.name, at.t)?.[at.unit] ?? Number.NaN;
  const old = was(row.name, at.t, at.unit);
  tip.style.left = `${Math.min(at.x + 14, now.g.width - 190)}px`;
  tip.style.top = `${Math.min(at.y + 14, now.g.height - 60)}px`;
  render(
    html`<b>${short(value, { signed: true })}</b> ${what(now.pass, row, at.unit)}, step ${at.t + 1}<br />
      <span class="exact">${full(value)}</span>${old === null ? nothing : html`<br />was <span class="changed">${short(old, { signed: true })}</span>`}`,
    tip,
  );
}

/** @param {Pass} current @param {Row} row @param {number} unit */
function what(current, row, unit) {
  const { alphabet } = current.plan.columns;
  if (row.layer !== null) return `${row.word}, unit ${unit + 1}`;
  return alphabet ? `${row.word} “${visible(alphabet[unit])}”` : `${row.word} ${unit + 1}`;
}
