/** The labels over and under a column of the stage: what is true, what was guessed, what is read. */

import { middle, SYMBOL_TOP } from "../geometry.js";
import { full, short } from "../number.js";
import { largest } from "../vector.js";
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { visible } from "../words.js";
import { padding } from "./padding.js";

/** @import { Vector } from "../pass.js" */
/** @import { Scene } from "./scene.js" */

/** A column narrower than this has no room for a number; each number under it needs as much. */
const NUMBER = 44;

/** @param {Scene} now @param {number} t */
export function columnLabels(now, t) {
  const { g, pass } = now;
  if (pass.status(t) === "over") return padding(now, t);
  const x = middle(g, t) - g.pitch / 2;
  const place = (/** @type {number} */ top) => `left:${x}px;width:${g.pitch}px;top:${top}px`;
  return html`<div class="true-symbol" style=${place(g.head + SYMBOL_TOP * g.scale)}>${truth(now, t)}</div>
    <div class="guess" style=${place(g.head + 33 * g.scale)}>${guess(now, t)}</div>
    <div class="read-symbol" style=${place(g.height - 27 * g.scale)}>${read(now, t)}</div>`;
}

/** The target: a symbol, a number; a dash where there is none. @param {Scene} now @param {number} t */
function truth({ pass, g }, t) {
  const { target } = pass.plan.columns;
  if (target) return target[t] ? visible(target[t]) : none();
  if (g.pitch < NUMBER * g.scale || !pass.truth(t)) return stepOf(g, t);
  return pass.status(t) === "target" ? numbers(pass.truth(t)) : none();
}

function none() {
  return html`<span class="none" title="no target">–</span>`;
}

/** What is read: a symbol, or numbers where there is room. @param {Scene} now @param {number} t */
function read({ pass, g }, t) {
  const { input } = pass.plan.columns;
  if (input) return visible(pass.symbol(t) ?? "∅");
  const fits = pass.sizes.I * NUMBER * g.scale <= g.pitch;
  return fits && pass.value("x", t) ? numbers(pass.value("x", t)) : stepOf(g, t);
}

/** The number of a step, of every fifth where they are narrow. @param {Scene["g"]} g @param {number} t */
function stepOf(g, t) {
  return g.full || (t + 1) % 5 === 0 || t === 0 ? t + 1 : "";
}

/** @param {Vector | null} values */
function numbers(values) {
  const all = Array.from(values ?? []);
  const title = all.map(full).join(", ");
  return html`<span class="numeric" title=${title}>${all.map(written).join(" · ")}</span>`;
}

/** Two digits; of a whole number none that it has not. @param {number} value */
function written(value) {
  return short(value, { digits: Number.isInteger(value) && Math.abs(value) < 10 ? 1 : 2 });
}

/** What was predicted, once it is known: whether the likeliest symbol was the true one, or the number. @param {Scene} now @param {number} t */
function guess({ pass, line, moment: at, g }, t) {
  const { alphabet } = pass.plan.columns;
  const predicted = at.index >= line.earned("y_hat", t) ? pass.value("y_hat", t) : null;
  if (!predicted || !g.full || pass.status(t) !== "target") return nothing;
  if (!alphabet) return html`<span class="wrong">${numbers(predicted)}</span>`;
  const best = largest(predicted);
  if (best === pass.target(t)) return html`<span class="right">✓</span>`;
  return html`<span class="wrong">not ${visible(alphabet[best])}</span>`;
}
