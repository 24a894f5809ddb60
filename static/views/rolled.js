/** The network rolled up: one cell with its loop, at the step of the moment. */

import { drawn, sized } from "../drawing.js";
import { symbol, typesetAll } from "../notation.js";
import { shortFromLog } from "../number.js";
import { chosen, selection } from "../store.js";
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import { signal } from "../vendor/signals-core/signals-core.mjs";
import { firstOf, visible } from "../words.js";
import { carriedAt, falling, isKnown, returning, rolled } from "./folded.js";
import { letter } from "./letter.js";
import { follow, light } from "./lighting.js";
import { lines } from "./loops.js";
import { drawPaintings } from "./paintings.js";
import { told } from "./told.js";

/** @import { Loop } from "../diagram/fold.js" */
/** @import { Parameter } from "../types.js" */
/** @import { Rolled } from "./folded.js" */

/** More parameters than this at one arrow are written smaller. */
const FEW = 5;
const LOW = 28;
const size = signal({ width: 0, height: 0 });

/** @param {HTMLElement} element */
export function mount(element) {
  render(frame(), element);
  sized(
    /** @type {Element} */ (element.querySelector(".rolled-scroll")),
    (width, height) => (size.value = { width, height }),
  );
  const nodes = part(element, "rolled-nodes");
  follow(nodes);
  drawn(
    () => rolled(size.value),
    (now) => now && draw(element, now),
  );
}

/** @param {HTMLElement} element @param {string} name @returns {HTMLElement} */
function part(element, name) {
  return /** @type {HTMLElement} */ (element.querySelector(`.${name}`));
}

function frame() {
  return html`<div class="rolled-scroll" tabindex="0" role="group" aria-label="The rolled-up network">
    <div class="rolled-sheet">
      <div class="rolled-picture" role="img"></div>
      <canvas class="rolled-bands" aria-hidden="true"></canvas>
      <div class="rolled-nodes" @click=${click}></div>
    </div>
  </div>`;
}

/** @param {HTMLElement} element @param {Rolled} now */
function draw(element, now) {
  const { f } = now;
  part(element, "rolled-sheet").style.cssText =
    `width:${f.width}px;height:${f.height}px;--s:${f.scale}`;
  const drawing = part(element, "rolled-picture");
  drawing.setAttribute("aria-label", spoken(now));
  render(lines(now), drawing);
  const canvas = /** @type {HTMLCanvasElement} */ (element.querySelector(".rolled-bands"));
  drawPaintings(canvas, f, paintings(now), now.pass, now.theme);
  const nodes = part(element, "rolled-nodes");
  render([names(now), arrows(now), ends(now), told(now)], nodes);
  typesetAll(nodes);
  light(nodes);
}

/** @param {Rolled} now */
function spoken({ pass: now, moment: at, t }) {
  const { T, H, L } = now.sizes;
  const layers = L > 1 ? `${L} layers of ` : "";
  const shown = now.sizes.B > 1 ? ` Shown is ${firstOf(now)}.` : "";
  return `The rolled-up network: ${layers}${H} units, ${T} timesteps.${shown} Now: ${at.phase}, step ${t + 1}.`;
}

/** @param {Rolled} now */
function paintings(now) {
  return now.f.bands.flatMap((band) => {
    const values = isKnown(now, band.row) ? now.pass.value(band.row.name, now.t) : null;
    return values ? [{ ...band, name: band.row.name, values }] : [];
  });
}

/** The rows' symbols, and their strips to be pointed at. @param {Rolled} now */
function names(now) {
  const {
    f,
    t,
    pass: { sizes },
  } = now;
  return f.bands.map(({ row, left, top, width, height }, i) => {
    const single =
      row.layer === null || f.bands.filter((band) => band.row.layer === row.layer).length === 1;
    const where = single
      ? `left:${f.labels - 4}px;top:${top + height / 2}px`
      : `left:${left + width / 2}px;top:${top}px`;
    const layer = sizes.L > 1 && row.layer !== null ? row.layer + 1 : null;
    return html`<div class=${single ? "rolled-symbol" : "rolled-symbol over"} style=${where}><span data-tex=${symbol(row.local, t, layer)}></span>${single ? html`<small>${row.word}</small>` : nothing}</div>
      <div class="rolled-strip" data-band=${i} data-name=${row.name} data-t=${t} style=${`left:${left}px;top:${top}px;width:${width}px;height:${height}px`} title=${`${row.word}, step ${t + 1}`}></div>`;
  });
}

/** What stands at the arrows: their parameters, and on the way back their norms. @param {Rolled} now */
function arrows(now) {
  const { f } = now;
  return [
    f.rises.map((rise, i) => {
      const log = falling(now, i);
      const left = rise.x + 24 * f.scale;
      const kind = rise.parameters.length > FEW ? "rolled-at many" : "rolled-at";
      const place = `left:${left}px;top:${(rise.from + rise.to) / 2}px;width:${f.aside - left}px`;
      return html`<div class=${kind} style=${place}>${buttons(now, rise.parameters)}${normOf(log)}</div>`;
    }),
    f.loops.map((loop) => around(now, loop)),
  ];
}

/** @param {Rolled} now @param {Loop} loop */
function around(now, loop) {
  const { f } = now;
  const middle = (loop.out + loop.into) / 2;
  // Between loops close to each other only the number has room.
  const low = loop.into - loop.out < LOW * f.scale;
  const at = carriedAt(now, loop);
  const log = returning(now, loop);
  const said =
    log === null
      ? "one step"
      : at === now.t
        ? `from step ${now.t + 2}`
        : `to step ${(at ?? 0) + 1}`;
  const width = loop.right - loop.left - 36 * f.scale;
  return html`<div class="rolled-on" style=${`left:${loop.left + 18 * f.scale}px;top:${middle}px;width:${width}px`}>${
    loop.parameters.length > 0 ? buttons(now, loop.parameters) : html`<small>unit by unit</small>`
  }</div>
  <div class="rolled-beside" style=${`left:${loop.right + 12 * f.scale}px;top:${middle}px`}>${normOf(log)}${low && log !== null ? nothing : html`<small>${said}</small>`}</div>`;
}

/** @param {number | null} log */
function normOf(log) {
  if (log === null) return nothing;
  return html`<span class="rolled-norm" title=${`norm 10^${log}`}>${shortFromLog(log)}</span>`;
}

/** @param {Rolled} now @param {Parameter[]} parameters */
function buttons(now, parameters) {
  const step = now.pass.shared ? null : now.t;
  return parameters.map(({ name }) => letter(name, { step, pressed: now.copies === name }));
}

/** What is read under the input, what is true over the prediction. @param {Rolled} now */
function ends({ f, pass: { plan }, t }) {
  const { input, target } = plan.columns;
  const [first, last] = [f.bands[0], f.bands[f.bands.length - 1]];
  const sign = (
    /** @type {string | undefined} */ text,
    /** @type {number} */ top,
    /** @type {number} */ left,
  ) =>
    text
      ? html`<div class="rolled-end" style=${`left:${left}px;top:${top}px`}>${visible(text)}</div>`
      : nothing;
  return [
    sign(target?.[t], first.top - 14 * f.scale, first.left + first.width / 2),
    sign(input?.[t], last.top + last.height + 11 * f.scale, last.left + last.width / 2),
  ];
}

/** A band is pinned. @param {MouseEvent} event */
function click(event) {
  const strip = /** @type {HTMLElement | null} */ (
    /** @type {Element} */ (event.target).closest(".rolled-strip")
  );
  const band = strip ? rolled(size.peek())?.f.bands[Number(strip.dataset.band)] : undefined;
  if (!strip || !band || band.row.layer === null) return;
  const box = strip.getBoundingClientRect();
  const unit = Math.floor(((event.clientY - box.top) / box.height) * band.row.size);
  selection.value = {
    ...selection.peek(),
    ...chosen.peek(),
    unit: Math.max(0, Math.min(band.row.size - 1, unit)),
  };
}
