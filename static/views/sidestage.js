/** The small stage of a side: its bands and arrows, with letters for names. */

import { drawn, sized } from "../drawing.js";
import { geometry, middle, timesteps } from "../geometry.js";
import { symbol, typesetAll } from "../notation.js";
import { chosen, comparing, lit, shownCopies, theme, zoom } from "../store.js";
import { html, nothing, render, svg } from "../vendor/lit-html/lit-html.js";
import { signal } from "../vendor/signals-core/signals-core.mjs";
import { visible } from "../words.js";
import { arrows } from "./arrows.js";
import { drawBands } from "./bands.js";
import { borders, stops } from "./borders.js";
import { all, momentOf, passOf, timelineOf } from "./contenders.js";
import { feedback } from "./feedback.js";
import { frame, lanes, outlines } from "./marks.js";
import { ownMatrices } from "./own.js";
import { largestNorm } from "./scene.js";

/** @import { Strip } from "../geometry.js" */
/** @import { Scene } from "./scene.js" */

/** A row lower than this has no room for its letter; a wider column than that has room for its number. */
const LOW = 10;
const WIDE = 24;

/** @param {HTMLElement} element @param {number} side */
export function mount(element, side) {
  const size = signal({ width: 0, height: 0 });
  render(
    html`<div class="side-map"></div><div class="side-lines"></div><div class="side-names" aria-hidden="true"></div>`,
    element,
  );
  sized(element, (width, height) => (size.value = { width, height }));
  drawn(
    () => sceneOf(side, size.value),
    (now) => now && draw(element, now),
  );
}

/** @param {number} side @param {{ width: number, height: number }} size @returns {Scene | null} */
function sceneOf(side, { width, height }) {
  const [own, at] = [passOf(side), momentOf(side)];
  if (!comparing.value || !own || !at || width === 0) return null;
  own.arrived.value;
  return {
    pass: own,
    line: timelineOf(own),
    moment: at,
    g: geometry(own.plan, width, height, at.t ?? 0, zoom.value, true),
    theme: theme.value,
    top: Math.max(...all().map(largestNorm)),
    selected: chosen.value,
    lit: lit.value,
    copies: shownCopies.value,
    base: null,
  };
}

/** @param {HTMLElement} host @param {Scene} now */
function draw(host, now) {
  const { g } = now;
  drawBands(/** @type {HTMLElement} */ (host.querySelector(".side-map")), now);
  const under = [lanes(now), frame(now), borders(now), outlines(now)];
  const ways = [stops(now), feedback(now), arrows(now), ownMatrices(now)];
  const sheet = svg`<svg width=${g.width} height=${g.height} viewBox="0 0 ${g.width} ${g.height}">${[...under, ...ways]}</svg>`;
  render(sheet, /** @type {HTMLElement} */ (host.querySelector(".side-lines")));
  const names = /** @type {HTMLElement} */ (host.querySelector(".side-names"));
  render(
    [...g.strips.map((strip) => nameOf(strip)), ...timesteps(g).map((t) => readAt(now, t))],
    names,
  );
  typesetAll(names);
}

/** A row's letter, where it is tall enough for one. @param {Strip} strip */
function nameOf({ row, top, height }) {
  if (height < LOW) return nothing;
  return html`<span class="side-name" style="top:${top + height / 2}px" data-tex=${symbol(row.local, null)}></span>`;
}

/** What a step reads, or its number. @param {Scene} now @param {number} t */
function readAt({ g, pass: own }, t) {
  const read = own.plan.columns.input?.[t];
  const told = read ? visible(read) : g.pitch > WIDE || (t + 1) % 5 === 0 ? t + 1 : "";
  return html`<span class="side-step" style="left:${middle(g, t)}px;top:${g.height - 14}px">${told}</span>`;
}
