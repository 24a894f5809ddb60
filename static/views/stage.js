/** The stage: the unrolled network, drawn as one heatmap with arrows, labels and frame over it. */

import { drawn, sized } from "../drawing.js";
import { inView, middle, timesteps } from "../geometry.js";
import { moment, moveToTimestep } from "../playhead.js";
import {
  chosen,
  comparing,
  connection,
  lit,
  pass,
  picture,
  problem,
  reach,
  selection,
} from "../store.js";
import { html, nothing, render, svg } from "../vendor/lit-html/lit-html.js";
import { signal } from "../vendor/signals-core/signals-core.mjs";
import { firstOf } from "../words.js";
import { arrows } from "./arrows.js";
import { drawBands } from "./bands.js";
import { borders, stops } from "./borders.js";
import { columnLabels } from "./columns.js";
import { copiesOf } from "./copies.js";
import { feedback } from "./feedback.js";
import { frame, lanes, marks, outlines } from "./marks.js";
import * as overview from "./overview.js";
import { ownMatrices } from "./own.js";
import { drawReach } from "./reach.js";
import { drawCopiesTold, drawRows } from "./rows.js";
import { scene } from "./scene.js";
import { drawTip } from "./tip.js";
import { pathOf } from "./unit.js";

/** @import { Geometry } from "../geometry.js" */
/** @import { Scene } from "./scene.js" */
/** @import { Hovered } from "./tip.js" */

const size = signal({ width: 0, height: 0, digits: 12 });
/** What is under the pointer. */
const hovered = signal(/** @type {Hovered | null} */ (null));

/** @param {HTMLElement} element */
export function mount(element) {
  render(frameOf(), element);
  const box = part(element, "stage-scroll");
  sized(box, (width, height) => (size.value = { width, height, digits: digitsOf(box) }));
  overview.mount(part(element, "overview"), () => size.value);
  drawn(shown, (now) => draw(element, now));
  drawn(
    () => ({ at: hovered.value, now: hovered.value && shown() }),
    ({ at, now }) => drawTip(part(element, "stage-hover"), now, at),
  );
  drawn(
    () => ({ way: reach.value, now: reach.value && shown() }),
    ({ way, now }) => drawReach(part(element, "stage-reach"), now, way),
  );
  drawn(empty, (told) => drawEmpty(element, told));
}

/** What the stage shows now; nothing where it is not what shows. */
function shown() {
  const { width, height, digits } = size.value;
  return picture.value === "unrolled" && !comparing.value ? scene(width, height, digits) : null;
}

/** The size of small type there, in pixels. @param {HTMLElement} box */
function digitsOf(box) {
  return Number.parseFloat(getComputedStyle(box).getPropertyValue("--digits"));
}

/** @param {HTMLElement} element @param {string} name @returns {HTMLElement} */
function part(element, name) {
  return /** @type {HTMLElement} */ (element.querySelector(`.${name}`));
}

/** Why there is no picture, where there is none and it is known why. */
function empty() {
  if (pass.value) return null;
  if (problem.value) return "No picture yet: this experiment cannot be run as it is.";
  return connection.value === "lost" ? "No picture yet: the server does not answer." : null;
}

/** @param {HTMLElement} element @param {string | null} told */
function drawEmpty(element, told) {
  const line = part(element, "stage-empty");
  line.hidden = told === null;
  line.textContent = told;
}

function frameOf() {
  return html`<div class="overview" aria-hidden="true" hidden></div>
  <div class="stage-scroll" tabindex="-1">
    <div class="stage-sheet" @pointermove=${hover} @pointerleave=${leave} @click=${click} @dblclick=${open}>
      <div class="stage-under" aria-hidden="true"></div>
      <div class="stage-map" aria-hidden="true"></div>
      <div class="stage-lines" role="img"></div>
      <div class="stage-reach" aria-hidden="true"></div>
      <div class="stage-labels" aria-hidden="true"></div>
      <div class="stage-rows" role="group" aria-label="Rows"></div>
      <div class="stage-told" aria-hidden="true" hidden></div>
      <div class="stage-hover" aria-hidden="true" hidden></div>
    </div>
  </div>
  <p class="stage-empty" hidden></p>`;
}

/** @param {HTMLElement} element @param {Scene | null} now */
function draw(element, now) {
  if (!now) return;
  const { g } = now;
  const sheet = part(element, "stage-sheet");
  sheet.style.width = `${g.width}px`;
  sheet.style.height = `${g.height}px`;
  drawBands(part(element, "stage-map"), now);
  const lines = part(element, "stage-lines");
  lines.setAttribute("aria-label", spoken(now));
  render(sheetOf(g, [lanes(now), frame(now), borders(now)]), part(element, "stage-under"));
  render(sheetOf(g, over(now)), lines);
  render(
    timesteps(g).map((t) => columnLabels(now, t)),
    part(element, "stage-labels"),
  );
  drawRows(part(element, "stage-rows"), now);
  drawCopiesTold(part(element, "stage-told"), now);
  keepInView(part(element, "stage-scroll"), now);
}

/** What lies over the bands. @param {Scene} now */
function over(now) {
  const at = hovered.peek();
  const path = at && at.strip.row.kind !== "input" ? pathOf(now, at) : nothing;
  return [
    outlines(now),
    stops(now),
    feedback(now),
    arrows(now),
    ownMatrices(now),
    path,
    copiesOf(now),
    marks(now),
  ];
}

/** The moment in words for who cannot see the stage; the now line says the rest. @param {Scene} now */
function spoken({ pass: now, moment: at }) {
  const { T, H } = now.sizes;
  const where = at.t === null ? "" : `, step ${at.t + 1} of ${T}`;
  const which = now.sizes.B > 1 ? ` Shown is ${firstOf(now)}.` : "";
  return `The unrolled network: ${T} timesteps, ${H} units.${which} Now: ${at.phase}${where}.`;
}

/** @param {Geometry} g @param {unknown} content */
function sheetOf(g, content) {
  return svg`<svg width=${g.width} height=${g.height} viewBox="0 0 ${g.width} ${g.height}">${content}</svg>`;
}

/** Scroll, where the sheet is wider than its box, so that the current column can be seen. @param {HTMLElement} box @param {Scene} now */
function keepInView(box, { g, moment: at }) {
  const { width } = size.peek();
  const wider = g.width > width + 1;
  box.tabIndex = wider ? 0 : -1;
  if (!wider || at.t === null) return;
  // At once, since the workings lie where it is scrolled to; only a sheet that is wider asks for it.
  const [x, left] = [middle(g, at.t), box.scrollLeft];
  if (x - g.pitch < left + g.left || x + g.pitch > left + width) box.scrollLeft = x - width / 2;
}

/** @param {MouseEvent} event */
function under(event) {
  const now = shown();
  const sheet = /** @type {HTMLElement} */ (event.currentTarget);
  if (!now) return null;
  const box = sheet.getBoundingClientRect();
  const [x, y] = [event.clientX - box.left, event.clientY - box.top];
  const t = Math.floor((x - now.g.left) / now.g.pitch) + now.g.first;
  if (!inView(now.g, t)) return null;
  const strip = now.g.strips.find((one) => y >= one.top && y < one.top + one.height);
  const on = strip && Math.abs(x - middle(now.g, t)) <= now.g.strip / 2;
  const unit = strip ? Math.floor(((y - strip.top) / strip.height) * strip.row.size) : 0;
  return { t, strip: on ? strip : null, unit, x, y };
}

/** @param {PointerEvent} event */
function hover(event) {
  // The names of the rows light what they name by themselves.
  if (/** @type {Element} */ (event.target).closest(".stage-rows")) return;
  const found = under(event);
  const strip = found?.strip;
  hovered.value = found && strip ? { ...found, strip } : null;
  light(strip ? { name: strip.row.name, t: found.t, unit: found.unit } : null);
}

function leave() {
  hovered.value = null;
  light(null);
}

/** @param {import("../types.js").Lit | null} wanted */
function light(wanted) {
  const now = lit.peek();
  const same = wanted?.name === now?.name && wanted?.t === now?.t && wanted?.unit === now?.unit;
  if (!same) lit.value = wanted;
}

/** A band is pinned, with Shift beside what is pinned already; a column is gone to. @param {MouseEvent} event */
function click(event) {
  if (/** @type {Element} */ (event.target).closest(".stage-rows")) return;
  const found = under(event);
  if (!found) return;
  const { strip, unit, t } = found;
  if (strip && strip.row.layer !== null) pin(unit, event.shiftKey);
  if (!event.shiftKey && t !== moment.peek()?.t) moveToTimestep(t);
}

/** @param {number} unit @param {boolean} beside */
function pin(unit, beside) {
  const now = chosen.peek();
  const others = now.pins.filter((one) => one !== unit);
  const pins = others.length < now.pins.length ? others : [...others, unit];
  selection.value = { ...selection.peek(), ...now, ...(beside ? { pins } : { unit }) };
}

/** A column opens into its cell. @param {MouseEvent} event */
function open(event) {
  if (under(event)) picture.value = "cell";
}
