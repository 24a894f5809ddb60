/** What the second of two experiments has more than the first: their figures, one less the other. */

import { drawnLate, sized } from "../drawing.js";
import { drawFigure } from "../plot.js";
import { difference } from "../plots/alike.js";
import { theme } from "../store.js";
import { html, render } from "../vendor/lit-html/lit-html.js";
import { signal } from "../vendor/signals-core/signals-core.mjs";
import { shownOf } from "./graph.js";

/** @import { Figure } from "../figure.js" */
/** @import { Pass } from "../pass.js" */
/** @import { Plot } from "../plots/catalogue.js" */
/** @import { Moment } from "../types.js" */
/** @typedef {{ plot: Plot, passes: [Pass, Pass], moments: [Moment, Moment] }} Two */

const size = signal({ width: 0, height: 0, text: 12 });

/** @param {HTMLElement} element @param {() => Two | null} two */
export function mount(element, two) {
  render(
    html`<div class="plot-sheet"><div class="graph plot" role="img"></div></div><p class="reading"></p>`,
    element,
  );
  const plot = /** @type {HTMLElement} */ (element.querySelector(".plot"));
  const text = () => Number.parseFloat(getComputedStyle(plot).fontSize);
  sized(plot, (width, height) => (size.value = { width, height, text: text() }));
  drawnLate(
    () => made(two()),
    (now) => now && draw(element, plot, now),
  );
}

/** Both figures, and the word for what they are. @param {Two | null} two */
function made(two) {
  if (!two || size.value.width === 0) return null;
  const { plot, passes, moments } = two;
  const room = size.value;
  const [one, other] = passes.map((pass, i) =>
    shownOf({ plot, pass, moment: moments[i], peers: passes }, room),
  );
  return { plot, figures: [one.figure(), other.figure()], look: theme.value };
}

/** @param {HTMLElement} element @param {HTMLElement} host @param {NonNullable<ReturnType<typeof made>>} now */
function draw(element, host, { plot, figures: [one, other], look }) {
  const figure = one && other ? difference(one, other, look) : null;
  host.classList.toggle("empty", figure === null);
  element.classList.toggle("square", figure?.square === true);
  if (figure) drawFigure(host, figure, size.peek(), look);
  render(
    one && other ? told(plot, figure) : "",
    /** @type {HTMLElement} */ (element.querySelector(".reading")),
  );
}

/** @param {Plot} plot @param {Figure | null} figure */
function told({ word }, figure) {
  if (!figure) return "They are not of the same steps and units, so nothing can be subtracted.";
  const isSame = figure.marks.every((mark) => {
    const values = mark.kind === "map" ? mark.z.flatMap((row) => Array.from(row)) : mark.y;
    return values.every((value) => !value);
  });
  if (isSame) return `${word}: no difference at all.`;
  return `${word}, the second less the first: blue or up is more, orange or down less.`;
}
