/** The tabs of a card: which of its faces shows, and that face's own tools beside them. */

import { drawn } from "../drawing.js";
import { FACES, show, showNext } from "../faces.js";
import { faces } from "../store.js";
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";

/** @import { Face } from "../faces.js" */
/** @import { Faces } from "../types.js" */

/** More tabs than this have no room for all their words. */
const MOST = 3;

/** @param {HTMLElement} element the head of a card @param {keyof Faces} card */
export function mount(element, card) {
  render(frame(card), element);
  drawn(
    () => faces.value[card],
    (shown) => draw(element, card, shown),
  );
}

/** The place in a card's head for a face's own tools. @param {string} panel @returns {HTMLElement} */
export function toolsOf(panel) {
  return /** @type {HTMLElement} */ (document.getElementById(`${panel}-tools`));
}

/** @param {keyof Faces} card */
function frame(card) {
  const panels = [...new Set(FACES[card].map(({ panel }) => panel))];
  return html`<div class="tabs" role="tablist" @keydown=${(/** @type {KeyboardEvent} */ event) => turn(event, card)}></div>
    ${panels.map((panel) => html`<div class="card-tools" id=${`${panel}-tools`}></div>`)}`;
}

/** @param {HTMLElement} element @param {keyof Faces} card @param {string} shown */
function draw(element, card, shown) {
  const list = /** @type {HTMLElement} */ (element.querySelector(".tabs"));
  render(
    FACES[card].map((face) => tab(card, face, face.name === shown)),
    list,
  );
  const open = FACES[card].find(({ name }) => name === shown)?.panel;
  for (const { panel, name } of FACES[card]) {
    const host = /** @type {HTMLElement} */ (document.getElementById(panel));
    host.hidden = panel !== open;
    toolsOf(panel).hidden = panel !== open;
    host.setAttribute("role", "tabpanel");
    if (name === shown) host.setAttribute("aria-labelledby", `${name}-tab`);
  }
}

/** @param {keyof Faces} card @param {Face} face @param {boolean} selected */
function tab(card, { name, word, panel, key }, selected) {
  // Of many only the one that shows has its word; the others are known by their keys.
  const isShort = FACES[card].length > MOST && !selected;
  return html`<button class="tab ${isShort ? "short" : ""}" role="tab" id=${`${name}-tab`} aria-controls=${panel} aria-selected=${selected}
    tabindex=${selected ? 0 : -1} title=${key ? `${word} (${key})` : word} @click=${() => show(card, name)} aria-label=${isShort ? `${key}, ${word}` : nothing}>${isShort ? key : word}</button>`;
}

/** Arrows go from tab to tab, as in any list of tabs, and not through the pass. @param {KeyboardEvent} event @param {keyof Faces} card */
function turn(event, card) {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!by) return;
  event.preventDefault();
  event.stopPropagation();
  showNext(card, by);
  document.getElementById(`${faces.peek()[card]}-tab`)?.focus();
}
