/** The gradient at every output at once: prediction and truth of each step, and what they make. */

import { symbol } from "../notation.js";
import { full } from "../number.js";
import { length } from "../vector.js";
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { symbolOf } from "./pictorial.js";
import { bars, extent, largestOf, valueMap } from "./strips.js";

/** @import { Pass } from "../pass.js" */
/** @import { Account } from "./accounts.js" */
/** @import { Scale } from "./pictorial.js" */

/** How wide the columns of two strips may be. */
const WIDEST = 34;
const NARROWEST = 11;

/** @param {Account} account @param {Scale & { width: number }} scale */
export function outputs({ now }, scale) {
  const name = now.freeRunning ? "grad.o.from_loss" : "grad.o";
  const { T } = now.sizes;
  const fit = Math.min(T, Math.floor(scale.width / (NARROWEST + 4)));
  const wide = Math.min(WIDEST, Math.floor(scale.width / fit) - 6);
  const steps = Array.from({ length: fit }, (_, t) => t);
  const all = steps.map((t) => now.value(name, t));
  if (all.some((one) => one === null)) return null;
  const most = largestOf(...all.map((one) => one ?? []));
  const small = { ...scale, unit: scale.unit * 0.7, longest: scale.longest * 0.55 };
  return html`<span class="outputs">
    <span class="output-names"><span></span><span>${symbolOf(`${symbol("y_hat", null)},\\ ${symbol("y", null)}`)}</span>
      <span>${symbolOf(`\\frac{\\partial L}{\\partial ${symbol("o", null)}}`)}</span></span>
    ${steps.map((t) => column(now, name, t, wide, most, small))}
    ${fit < T ? html`<span class="words">${T - fit} more</span>` : nothing}
  </span>`;
}

/** @param {Pass} now @param {string} name @param {number} t @param {number} wide @param {number} most @param {Scale} small */
function column(now, name, t, wide, most, small) {
  const [predicted, truth, gradient] = [now.value("y_hat", t), now.truth(t), now.value(name, t)];
  if (!predicted || !truth || !gradient) return nothing;
  const high = extent(predicted.length, small);
  const half = Math.max(3, Math.floor(wide / 2) - 1);
  const one = { theme: small.theme, most: largestOf(predicted, truth, [1]) };
  const known = now.status(t) === "target";
  const made = bars(gradient, wide, high, { theme: small.theme, most });
  made.title = `step ${t + 1}: norm ${full(length(gradient))}`;
  return html`<span class="output-column" data-step=${t + 1}>
    <span class="words">${t + 1}</span>
    <span class="pair">
      <span data-name="y_hat" data-lit=${`y_hat@${t}`}>${valueMap(predicted, predicted.length, 1, half, high, one)}</span>
      <span data-name="y">${known ? valueMap(truth, truth.length, 1, half, high, one) : nothing}</span>
    </span>
    <span class="gradient" data-name="grad.o" data-lit=${`grad.o@${t}`}>${made}</span>
  </span>`;
}
