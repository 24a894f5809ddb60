/** The rows of the stage by name: symbol, word, and the parameters that make each. */

import { head, parameter as letters, symbol, typeset, typesetAll } from "../notation.js";
import { book, chosen, copies, lit, selection } from "../store.js";
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import { firstOf, parameterTitle, shortName } from "../words.js";
import { rowOf, toldOf } from "./copies.js";

/** @import { Geometry, Strip } from "../geometry.js" */
/** @import { Parameter } from "../types.js" */
/** @import { Scene } from "./scene.js" */

/** A row lower than this has no room for its word, one lower than the other not for letters of ordinary size. */
const LOW = 44;
const TINY = 12;
/** A row with room under its word for the letters of its parameters. */
const TALL = 62;
/** What the names were drawn for. */
let drawnFor = "";

/** The rows' names, which stay in view where the sheet scrolls. @param {HTMLElement} element @param {Scene} now */
export function drawRows(element, now) {
  const { g, pass, copies: shown } = now;
  const box = [g.width, g.height, g.first, g.scale];
  const key = [pass.plan.id, ...box, shown, book.peek()].join();
  if (key === drawnFor) return;
  drawnFor = key;
  element.style.width = `${g.left - 8}px`;
  element.style.height = `${g.height}px`;
  render([windowOf(now), g.strips.map((strip, i) => label(now, strip, i))], element);
  for (const [i, { row }] of g.strips.entries()) {
    const target = /** @type {HTMLElement} */ (element.querySelector(`[data-row="${i}"] .symbol`));
    const layer = isLayered(g) && row.kind === "state" ? (row.layer ?? 0) + 1 : null;
    typeset(target, symbol(row.local, null, layer));
  }
  typesetAll(element);
}

/** Which steps are in view, or which sequence, where that is not all there is. @param {Scene} now */
function windowOf({ g, pass }) {
  const { T } = pass.sizes;
  if (g.columns < T)
    return html`<div class="window">steps ${g.first + 1}–${g.first + g.columns}<br />of ${T}</div>`;
  const which = firstOf(pass);
  return which ? html`<div class="window">${which}</div>` : nothing;
}

/** @param {Scene} now @param {Strip} strip @param {number} i */
function label(now, { row, top, height }, i) {
  const { g, pass } = now;
  const [low, tall] = [height < LOW * g.scale, height >= TALL * g.scale];
  const tiny = height < TINY * Math.max(1, 0.65 * g.scale);
  const size = tiny ? "tiny" : low ? "low" : "";
  const own = pass.plan.parameters.filter(
    ({ name, layer }) => layer === row.layer && rowOf(pass.plan, name, layer) === row,
  );
  // The letters of other books are too wide to stand beside a name.
  const short = low && book.peek() === "goodfellow";
  const shown = own.length > 0 && (short || tall) && !tiny;
  return html`<div class="row-label ${size}" data-row=${i}
    style="top:${top}px;height:${height}px;width:${g.left - 16}px">
    <span class="symbol" aria-hidden="true"></span>
    ${low ? nothing : html`<span class="word">${row.word}</span>`}
    ${shown ? html`<span class="parameters">${own.map((one) => parameter(now, one))}</span>` : nothing}
  </div>`;
}

/** A parameter's letter: pointed at, its copies light up; clicked, they stay lit. @param {Scene} now @param {Parameter} one */
function parameter({ pass, copies: shown }, { name }) {
  const light = () => (lit.value = { name, t: null, unit: null });
  const leave = () => (lit.value = null);
  const title = `${parameterTitle(pass, name)}: ${pass.shapeOf(name).join(" × ")}; where it is used`;
  return html`<button class="letter ${name === shown ? "lit" : ""}" title=${title} aria-pressed=${name === copies.peek()}
    @pointerenter=${light} @pointerleave=${leave} @focus=${light} @blur=${leave} @click=${() => keep(name)}><span data-tex=${head(name)} aria-hidden="true"></span><span class="hidden-text">${title}</span></button>`;
}

/** @param {string} name of the parameter whose copies are to stay lit, or no longer */
function keep(name) {
  copies.value = copies.peek() === name ? null : name;
  selection.value = { ...selection.peek(), ...chosen.peek(), parameter: name };
}

/** What the copies that are lit are, told under their row. @param {HTMLElement} element @param {Scene} now */
export function drawCopiesTold(element, now) {
  const { g, pass, copies: shown } = now;
  const row = shown
    ? rowOf(pass.plan, shown, pass.parameters.get(shown)?.layer ?? null)
    : undefined;
  const strip = g.strips.find((one) => one.row === row);
  element.hidden = !shown || !strip;
  if (!shown || !strip) return;
  element.style.left = `${g.left}px`;
  element.style.top = `${strip.top + strip.height + 1}px`;
  const letter = letters(shortName(shown), null);
  render(html`<span data-tex=${letter}></span> ${toldOf(now)}`, element);
  typesetAll(element);
}

/** Whether there are several layers, so that a row must tell which is its. @param {Geometry} g */
export function isLayered(g) {
  return g.strips.some(({ row }) => (row.layer ?? 0) > 0);
}
