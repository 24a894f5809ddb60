/** What becomes of a parameter's gradient: clipping as bars, the update as maps of old and new. */

import { parameter as parameterTex } from "../notation.js";
import { full, short } from "../number.js";
import { html } from "../vendor/lit-html/lit-html.js";
import { shortName } from "../words.js";
import { gradients } from "./accounts.js";
import { former } from "./arrival.js";
import { gradientSymbol, operand, signOf, symbolOf } from "./pictorial.js";
import { extent, largestOf, STRIP, valueMap } from "./strips.js";

/** @import { Pass } from "../pass.js" */
/** @import { Moment, Selection } from "../types.js" */
/** @import { Account } from "./accounts.js" */
/** @import { Scale } from "./pictorial.js" */
/** @import { Values } from "./strips.js" */
/** A parameter and its chosen entry. @typedef {{ now: Pass, name: string, step: number | null, rows: number, columns: number, row: number, column: number }} Chosen */

/** The norm of the whole gradient before and after, against the limit. @param {Account} account @param {Scale} scale */
export function clip({ now }, { longest }) {
  const limit = now.plan.spec.clip_norm ?? 1;
  const [before, after] = [now.gradNorm, now.gradNorm * now.clipScale];
  if (Number.isNaN(before)) return null;
  const wide = longest * 2;
  const place = (/** @type {number} */ value) => (wide * value) / (Math.max(before, limit) * 1.04);
  const bar = (/** @type {string} */ word, /** @type {number} */ value) => html`<span>${word}</span>
    <span class="track" style="width:${wide}px"><span class="bar ${word === "limit" ? "bound" : ""}" style="width:${place(value)}px"></span><span class="limit" style="left:${place(limit)}px"></span></span>
    <b class=${word === "limit" ? "" : "gradient"} data-name=${word} title=${full(value)}>${short(value)}</b>`;
  return html`<span class="clip">${bar("before", before)}${bar("limit", limit)}${bar("after", after)}</span>`;
}

/** The weights, what is taken from them, and what they are then. @param {Account} account @param {Scale} scale */
export function update({ now, at, selected }, scale) {
  const chosen = chosenOf(now, at, selected);
  const { name, step } = chosen;
  const [old, fresh] = [now.parameter(name, step)?.data, now.updated(name, step)?.data];
  if (!old || !fresh || !now.gradient(name, step)) return null;
  const most = largestOf(old, fresh);
  const [local, tex] = [shortName(name), parameterTex(shortName(name), step)];
  const made = (/** @type {Values} */ all) => valuesOf(chosen, all, most, scale);
  const after = made(fresh);
  after.dataset.gathers = "";
  former.set(after, () => [made(old)]);
  return html`${caption(chosen)}
    ${entry(chosen, local, symbolOf(tex), made(old), old)}
    ${taken(chosen, old, fresh, scale)}
    ${signOf("=")}
    ${entry(chosen, `updated.${local}`, html`<span class="words">new</span> ${symbolOf(tex)}`, after, fresh)}`;
}

/** @param {Pass} now @param {Moment} at @param {Selection} selected @returns {Chosen} */
function chosenOf(now, at, { parameter: name, row, column }) {
  const [rows, columns = 1] = now.shapeOf(name);
  return {
    now,
    name,
    step: now.ownStep(at),
    rows,
    columns,
    row,
    column: Math.min(column, columns - 1),
  };
}

/** What is taken: of gradient descent the rate times the gradient, else what the rule made of it. @param {Chosen} chosen @param {Values} old @param {Values} fresh @param {Scale} scale */
function taken(chosen, old, fresh, scale) {
  const { now, name, step } = chosen;
  const { kind, learning_rate: rate } = now.plan.spec.optimizer;
  if (kind !== "sgd") {
    const change = Float64Array.from(old, (value, i) => Number(value) - Number(fresh[i]));
    const canvas = valuesOf(chosen, change, largestOf(change), scale);
    canvas.dataset.flies = "";
    const head = html`<span class="words">step of ${kind}</span>`;
    return html`${signOf("−")}${entry(chosen, "change", head, canvas, change)}`;
  }
  const gradient = /** @type {Values} */ (now.gradient(name, step)?.data);
  const factor = now.clipScale === 1 ? "" : ` × ${short(now.clipScale)}`;
  const canvas = gradients(now, name, gradient, largestOf(gradient), scale);
  canvas.dataset.flies = "";
  const head = gradientSymbol(shortName(name), step);
  return html`${signOf(`− ${full(rate)}${factor} ×`)}${entry(chosen, `grad.${shortName(name)}`, head, canvas, gradient)}`;
}

/** A map with the chosen entry framed, and its number under it. @param {Chosen} chosen @param {string} name @param {unknown} head @param {HTMLCanvasElement} canvas @param {Values} all */
function entry({ name: parameter, rows, columns, row, column }, name, head, canvas, all) {
  const value = Number(all[row * columns + column]);
  const share = (/** @type {number} */ part, /** @type {number} */ of) => `${(100 * part) / of}%`;
  const box = `left:${share(column, columns)};top:${share(row, rows)};width:${share(1, columns)};height:${share(1, rows)}`;
  const gradient = name.startsWith("grad.");
  return operand({
    name,
    lit: { name: parameter, t: null, unit: null },
    head,
    canvas: html`<span class="framed">${canvas}<i style=${box}></i></span>`,
    size: null,
    gradient,
    foot: html`<b title=${full(value)}>${short(value, { digits: gradient ? 3 : 5 })}</b>`,
  });
}

/** A parameter's values as a map, or as a strip. @param {Chosen} chosen @param {Values} all @param {number} most @param {Scale} scale */
function valuesOf({ now, name, rows, columns }, all, most, scale) {
  const matrix = now.parameters.get(name)?.role === "matrix";
  const width = matrix ? extent(columns, scale) : STRIP * scale.wide;
  return valueMap(all, rows, columns, width, extent(rows, scale), { theme: scale.theme, most });
}

/** Which entry the numbers are of. @param {Chosen} chosen */
function caption({ now, name, row, column }) {
  const matrix = now.parameters.get(name)?.role === "matrix";
  const place = matrix ? `${row + 1}, ${column + 1}` : `${row + 1}`;
  return html`<span class="piece caption"><span></span><span></span><span class="size">entry ${place}</span></span>`;
}
