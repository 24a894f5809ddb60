/** The columns of padding: steps after the end of the sequence that shows. */

import { middle } from "../geometry.js";
import { html, nothing } from "../vendor/lit-html/lit-html.js";

/** @import { Scene } from "./scene.js" */

/** How wide the word is, over a column or over several. */
const WORD = 52;

/** A veil over a column, and the word at its head; over narrow columns once for all of them. @param {Scene} now @param {number} t */
export function padding(now, t) {
  const { g } = now;
  const [top, last] = [g.strips[0].top, g.strips[g.strips.length - 1]];
  const [left, height] = [middle(g, t) - g.strip / 2 - 1, last.top + last.height - top + 2];
  return html`${word(now, t)}
    <div class="padded hatched" data-t=${t + 1} style="left:${left}px;top:${top - 1}px;width:${g.strip + 2}px;height:${height}px"></div>`;
}

/** @param {Scene} now @param {number} t */
function word({ g, pass }, t) {
  const end = g.first + g.columns;
  let begin = end;
  while (begin > g.first && pass.status(begin - 1) === "over") begin -= 1;
  const alone = g.pitch >= WORD * g.scale;
  const wide = alone ? g.pitch : g.pitch * (end - begin);
  if ((!alone && t !== begin) || wide < WORD * g.scale) return nothing;
  const left = middle(g, t) - g.pitch / 2;
  return html`<div class="padding" style="left:${left}px;width:${wide}px;top:${g.head + 14 * g.scale}px">padding</div>`;
}
