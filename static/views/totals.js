/** Every parameter at the sum, or at the update: the norms of what becomes of it. */

import { full, short } from "../number.js";
import { chosen, selection } from "../store.js";
import { length } from "../vector.js";
import { html } from "../vendor/lit-html/lit-html.js";
import { parameterTitle } from "../words.js";

/** @import { Pass } from "../pass.js" */
/** @import { Moment, Tensor } from "../types.js" */

const HEADS = { update: ["before", "change", "after"], sum: ["shares end to end", "gradient"] };

/** A row for every parameter; a click chooses one. @param {Pass} now @param {Moment} at @param {string} parameterName the chosen one */
export function totals(now, at, parameterName) {
  const step = now.ownStep(at);
  const heads = at.phase === "update" ? HEADS.update : step === null ? HEADS.sum : ["gradient"];
  const norms = at.phase === "update" ? updateNorms : sumNorms;
  return html`<table class="numbers">
    <thead>
      <tr><th scope="col">${step === null ? "norm of" : `norm of step ${step + 1}’s`}</th>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr>
    </thead>
    <tbody>
      ${now.plan.parameters.map(
        ({ name }) => html`<tr class=${name === parameterName ? "current" : ""}>
          <th scope="row"><button class="unit" title="choose ${parameterTitle(now, name)}" @click=${() => choose(name)}>${parameterTitle(now, name)}</button></th>
          ${norms(now, name, step).map((norm) => html`<td title=${full(norm)}>${short(norm)}</td>`)}
        </tr>`,
      )}
    </tbody>
  </table>`;
}

/** @param {string} name */
function choose(name) {
  selection.value = { ...selection.peek(), ...chosen.peek(), parameter: name };
}

/** @param {Pass} now @param {string} name @param {number | null} step */
function sumNorms(now, name, step) {
  const gradient = length(dataOf(now.gradient(name, step)));
  if (step !== null) return [gradient];
  const shares = Array.from(
    { length: now.sizes.T },
    (_, t) => now.norm(`contribution.${name}`, t) ?? 0,
  );
  return [shares.reduce((sum, norm) => sum + norm, 0), gradient];
}

/** @param {Pass} now @param {string} name @param {number | null} step */
function updateNorms(now, name, step) {
  const [before, after] = [dataOf(now.parameter(name, step)), dataOf(now.updated(name, step))];
  return [length(before), length(after.map((value, i) => value - before[i])), length(after)];
}

/** @param {Tensor | null} tensor */
function dataOf(tensor) {
  return Array.from(tensor?.data ?? [], Number);
}
