/** What the rolled-up network says beside itself: the step, and how often its parameters are used. */

import { parameter } from "../notation.js";
import { count } from "../number.js";
import { picture } from "../store.js";
import { html, nothing } from "../vendor/lit-html/lit-html.js";

/** @import { Fold } from "../diagram/fold.js" */
/** @import { Pass } from "../pass.js" */

/** So many parameters are listed by name. */
const FEW = 8;

/** @param {{ pass: Pass, f: Fold, t: number }} now */
export function told({ pass: now, f, t }) {
  const { left, top, width } = f.text;
  return html`<div class=${left > width / 4 ? "rolled-told beside" : "rolled-told"} style=${`left:${left}px;top:${top}px;width:${width}px`}>
    <p class="rolled-step">step <b>${t + 1}</b> of ${now.sizes.T}</p>
    <p class="rolled-sentence">${sentence(now)}</p>
    ${now.carries ? html`<p class="rolled-note"><svg viewBox="0 0 10 10" aria-hidden="true"><rect width="10" height="10"></rect></svg> what goes round comes in one step later</p>` : html`<p class="rolled-note">No state goes from step to step: there is no loop.</p>`}
    <button class="plain rolled-unroll" @click=${() => (picture.value = "unrolled")}>Unroll the ${now.sizes.T} steps</button>
  </div>`;
}

/** @param {Pass} now */
function sentence(now) {
  const { T } = now.sizes;
  const total = now.plan.parameters.reduce((sum, one) => sum + one.count, 0);
  if (!now.shared)
    return html`Each of the ${T} steps has ${names(now, " of its own")}: ${T} times as many numbers, ${count(total)}.`;
  return html`The same ${names(now, "")} at each of the ${T} steps: ${count(total)} numbers, used ${T} times.`;
}

/** @param {Pass} now @param {string} rest */
function names(now, rest) {
  const all = now.plan.parameters.map(({ name }) => name);
  if (all.length > FEW) return html`<b>${all.length} matrices and vectors</b>${rest}`;
  return all
    .map(
      (name, i) =>
        html`${i === 0 ? nothing : i === all.length - 1 ? " and " : ", "}<span class="rolled-letter" data-tex=${parameter(name)}></span>`,
    )
    .concat(html`${rest}`);
}
