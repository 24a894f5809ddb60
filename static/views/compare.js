/** Side by side: the page's experiment and its rivals, which differ from it in one thing, under one playhead. */

import { drawn } from "../drawing.js";
import { comparing, difference, faces, options, pass, rivalPasses, rivals } from "../store.js";
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import { all, momentOf, passOf, plotOf, SIDES, two } from "./contenders.js";
import * as apart from "./difference.js";
import { Graph } from "./graph.js";
import * as stage from "./sidestage.js";
import { headOf, versus } from "./versus.js";

/** @param {HTMLElement} element */
export function mount(element) {
  render(frameOf(), element);
  drawn(
    () => [
      comparing.value,
      rivals.value,
      pass.value,
      faces.value.plots,
      options.value,
      difference.value,
      rivalPasses.value,
      // A loss is told after the last of its pass is here.
      ...all().map((one) => one.meanLoss.value),
    ],
    () => drawHead(element),
  );
  for (let side = 0; side < SIDES; side++) mountSide(element, side);
  apart.mount(part(element, "compared.apart .side-plot"), two);
}

/** @param {HTMLElement} element @param {number} side */
function mountSide(element, side) {
  const host = part(element, `compared:nth-child(${side + 1})`);
  stage.mount(/** @type {HTMLElement} */ (host.querySelector(".side-stage")), side);
  const plot = /** @type {HTMLElement} */ (host.querySelector(".side-plot"));
  new Graph(plot, () => {
    const [own, at, shown] = [passOf(side), momentOf(side), plotOf()];
    return own && at && comparing.value
      ? { plot: shown, pass: own, moment: at, peers: all() }
      : null;
  });
}

/** @param {HTMLElement} element @param {string} name @returns {HTMLElement} */
function part(element, name) {
  return /** @type {HTMLElement} */ (element.querySelector(`.${name}`));
}

function frameOf() {
  const sides = Array.from(
    { length: SIDES },
    () => html`<section class="compared" hidden>
    <header class="side-head"></header><div class="side-stage"></div><div class="side-plot face"></div></section>`,
  );
  return html`<div class="versus"></div>
    <div class="compared-all">${sides}<section class="compared apart" hidden><header class="side-head"></header><div class="side-plot face"></div></section></div>`;
}

const LESS = html`<b>difference</b> <span class="quiet">second less first</span>`;

/** @param {HTMLElement} element */
function drawHead(element) {
  const own = pass.peek();
  if (!own || !comparing.peek()) return;
  const wanted = rivals.peek();
  render(versus(own, wanted), part(element, "versus"));
  const sides = /** @type {NodeListOf<HTMLElement>} */ (element.querySelectorAll(".compared"));
  for (const [side, host] of sides.entries()) {
    const isApart = side === SIDES;
    host.hidden = isApart ? !difference.peek() || wanted.length !== 1 : side > wanted.length;
    const head = isApart ? LESS : headOf(own, wanted, side);
    render(
      host.hidden ? nothing : head,
      /** @type {HTMLElement} */ (host.querySelector(".side-head")),
    );
  }
}
