/** The now line: what happens at this moment, in one sentence. */

import { drawn } from "../drawing.js";
import { traceName } from "../names.js";
import { moment, playing } from "../playhead.js";
import { sentence } from "../sentence.js";
import { book, chosen, pass } from "../store.js";
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import { follow, light } from "./lighting.js";

/** @import { Pass } from "../pass.js" */
/** @import { Piece } from "../piece.js" */
/** @import { Moment } from "../types.js" */

/** @param {HTMLElement} element */
export function mount(element) {
  follow(element);
  drawn(
    () => {
      pass.value?.arrived.value;
      book.value;
      return { now: pass.value, at: moment.value, selected: chosen.value, spoken: !playing.value };
    },
    ({ now, at, selected, spoken }) => {
      element.setAttribute("aria-live", spoken ? "polite" : "off");
      // Room for the longest sentence of a pass from its start, so that nothing moves on the way.
      element.classList.toggle("long", Boolean(now && isLong(now)));
      const pieces = now && at ? sentence(now, at, selected).map((one) => piece(one, now, at)) : [];
      render(pieces.length ? pieces : html`&nbsp;`, element);
      light(element);
    },
  );
}

/** Whether there is more to say of a pass than of an ordinary one. @param {Pass} now */
function isLong({ plan, shared, sizes }) {
  const { feedback, algorithm, optimizer } = plan.spec;
  const plain = feedback.source === "none" && algorithm.kind === "bptt" && optimizer.kind === "sgd";
  return !plain || !shared || sizes.B > 1;
}

/** @param {Piece} given @param {Pass} now @param {Moment} at */
function piece(given, now, at) {
  if (given.kind === "title") return html`<b class="title">${given.text}</b>`;
  if (given.kind === "number")
    return html`<span class="number ${given.gradient ? "gradient" : ""}" title=${given.exact}>${given.text}</span>`;
  if (given.kind === "symbol")
    return html`<span class="symbol ${given.base.length > 1 ? "upright" : ""}" data-name=${given.name ?? traceName(given.local ?? "", at.layer, now.sizes.L)}
      data-t=${given.t ?? nothing}>${given.base}<sub>${given.sub}</sub></span>`;
  return given.text;
}
