/** The now line: what happens at this moment, in one sentence. */

import { drawn } from "../drawing.js";
import { moment, playing } from "../playhead.js";
import { sentence } from "../sentence.js";
import { chosen, pass } from "../store.js";
import { html, render } from "../vendor/lit-html/lit-html.js";

/** @import { Piece } from "../piece.js" */

/** @param {HTMLElement} element */
export function mount(element) {
  drawn(
    () => {
      pass.value?.arrived.value;
      return { now: pass.value, at: moment.value, selected: chosen.value, spoken: !playing.value };
    },
    ({ now, at, selected, spoken }) => {
      element.setAttribute("aria-live", spoken ? "polite" : "off");
      render(now && at ? sentence(now, at, selected).map(piece) : html`&nbsp;`, element);
    },
  );
}

/** @param {Piece} given */
function piece(given) {
  if (given.kind === "title") return html`<b class="title">${given.text}</b>`;
  if (given.kind === "number")
    return html`<span class="number ${given.gradient ? "gradient" : ""}" title=${given.exact}>${given.text}</span>`;
  if (given.kind === "symbol")
    return html`<span class="symbol ${given.base.length > 1 ? "upright" : ""}">${given.base}<sub>${given.sub}</sub></span>`;
  return given.text;
}
