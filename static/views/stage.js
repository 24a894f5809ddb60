/** The stage: the unrolled network, drawn as one heatmap with arrows, labels and frame over it. */

import { drawn, sized } from "../drawing.js";
import { geometry, inView, middle, timesteps } from "../geometry.js";
import { symbol, typeset } from "../notation.js";
import { VALUE_SCALE } from "../palette.js";
import { moment, moveToTimestep } from "../playhead.js";
import { drawMap, recolorMap } from "../plot.js";
import { chosen, connection, pass, problem, selection, theme, timeline } from "../store.js";
import { html, nothing, render, svg } from "../vendor/lit-html/lit-html.js";
import { signal } from "../vendor/signals-core/signals-core.mjs";
import { firstOf } from "../words.js";
import { arrows, largestNorm } from "./arrows.js";
import { columnLabels } from "./columns.js";
import { drawTip } from "./tip.js";

/** @import { Geometry, Strip } from "../geometry.js" */
/** @import { Scene } from "./arrows.js" */

const size = signal({ width: 0, height: 0 });
/** What is under the pointer. */
const hovered = signal(/** @type {import("./tip.js").Hovered | null} */ (null));
/** The map that is drawn, and what it was drawn for: where that is the same only the colours are new. */
let drawnFor = "";
/** @type {Float32Array[]} */
let cells = [];

/** @param {HTMLElement} element */
export function mount(element) {
  render(frameOf(), element);
  const box = /** @type {HTMLElement} */ (element.querySelector(".stage-scroll"));
  sized(box, (width, height) => (size.value = { width, height }));
  drawn(scene, (now) => draw(element, now));
  drawn(
    () => hovered.value,
    (at) =>
      drawTip(/** @type {HTMLElement} */ (element.querySelector(".stage-hover")), scene(), at),
  );
  drawn(empty, (told) => drawEmpty(element, told));
}

/** Why there is no picture, where there is none and it is known why. */
function empty() {
  if (pass.value) return null;
  if (problem.value) return "No picture yet: this experiment cannot be run as it is.";
  return connection.value === "lost" ? "No picture yet: the server does not answer." : null;
}

/** @param {HTMLElement} element @param {string | null} told */
function drawEmpty(element, told) {
  const line = /** @type {HTMLElement} */ (element.querySelector(".stage-empty"));
  line.hidden = told === null;
  line.textContent = told;
}

function frameOf() {
  return html`<div class="stage-scroll" tabindex="-1">
    <div class="stage-sheet" @pointermove=${hover} @pointerleave=${() => (hovered.value = null)} @click=${click}>
      <div class="stage-under" aria-hidden="true"></div>
      <div class="stage-map" aria-hidden="true"></div>
      <div class="stage-lines" role="img"></div>
      <div class="stage-labels" aria-hidden="true"></div>
      <div class="stage-rows" aria-hidden="true"></div>
      <div class="stage-hover" aria-hidden="true" hidden></div>
    </div>
  </div>
  <p class="stage-empty" hidden></p>`;
}

/** What the stage shows now. @returns {(Scene & { unit: number }) | null} */
function scene() {
  const [now, line, current] = [pass.value, timeline.value, moment.value];
  const { width, height } = size.value;
  if (!now || !line || !current || width === 0) return null;
  now.arrived.value;
  const at = current.t ?? 0;
  const g = geometry(now.plan, width, height, at);
  return {
    pass: now,
    line,
    moment: current,
    g,
    theme: theme.value,
    top: largestNorm(now),
    unit: chosen.value.unit,
  };
}

/** @param {HTMLElement} element @param {(Scene & { unit: number }) | null} now */
function draw(element, now) {
  element.setAttribute("aria-busy", String(!now?.pass.complete));
  if (!now) return;
  const sheet = /** @type {HTMLElement} */ (element.querySelector(".stage-sheet"));
  sheet.style.width = `${now.g.width}px`;
  sheet.style.height = `${now.g.height}px`;
  drawStrips(/** @type {HTMLElement} */ (element.querySelector(".stage-map")), now);
  const lines = /** @type {HTMLElement} */ (element.querySelector(".stage-lines"));
  lines.setAttribute("aria-label", spoken(now));
  render(
    sheetOf(now.g, frame(now)),
    /** @type {HTMLElement} */ (element.querySelector(".stage-under")),
  );
  render(overlay(now), lines);
  const labels = /** @type {HTMLElement} */ (element.querySelector(".stage-labels"));
  render(
    timesteps(now.g).map((t) => columnLabels(now, t)),
    labels,
  );
  drawRows(/** @type {HTMLElement} */ (element.querySelector(".stage-rows")), now.g, now.pass);
  keepInView(/** @type {HTMLElement} */ (element.querySelector(".stage-scroll")), now);
}

/** The moment in words for who cannot see the stage; the now line says the rest. @param {Scene} now */
function spoken({ pass: now, moment: at }) {
  const { T, H } = now.sizes;
  const where = at.t === null ? "" : `, step ${at.t + 1} of ${T}`;
  const which = now.sizes.B > 1 ? ` Shown is ${firstOf(now)}.` : "";
  return `The unrolled network: ${T} timesteps, ${H} units.${which} Now: ${at.phase}${where}.`;
}

/** @param {HTMLElement} map @param {Scene} now */
function drawStrips(map, now) {
  const { g, pass: current } = now;
  const key = [current.plan.id, now.theme, g.width, g.height, g.columns, g.strip].join();
  if (key !== drawnFor) cells = emptyCells(g);
  fill(cells, now);
  if (key === drawnFor) return recolorMap(map, cells);
  drawnFor = key;
  const { x, y } = edges(g);
  drawMap(map, { x, y, z: cells, width: g.width, height: g.height, scale: VALUE_SCALE[now.theme] });
}

/** A row of cells for every band and every gap; a column for every strip and every gap. @param {Geometry} g */
function emptyCells(g) {
  const rows = g.strips.reduce((sum, strip) => sum + strip.row.size, 0) + g.strips.length - 1;
  return Array.from({ length: rows }, () => new Float32Array(2 * g.columns - 1).fill(Number.NaN));
}

/** The pixel edges of those cells. @param {Geometry} g */
function edges(g) {
  const x = Array.from({ length: g.columns }, (_, i) => {
    const center = g.left + (i + 0.5) * g.pitch;
    return [center - g.strip / 2, center + g.strip / 2];
  }).flat();
  const y = g.strips.flatMap(({ top, height, row }) =>
    Array.from({ length: row.size + 1 }, (_, unit) => top + (height * unit) / row.size),
  );
  return { x, y };
}

/** @param {Float32Array[]} z @param {Scene} now */
function fill(z, { g, pass: current, line, moment: at }) {
  let row = 0;
  for (const { row: quantity } of g.strips) {
    const scale = scaleOf(quantity, current.largest.get(quantity.name) ?? 0);
    for (const [column, t] of timesteps(g).entries()) {
      const known = at.index >= line.earned(quantity.name, t) || quantity.kind === "input";
      const values = known ? current.value(quantity.name, t) : null;
      for (let unit = 0; unit < quantity.size; unit++)
        z[row + unit][2 * column] = values ? bounded(values[unit] / scale) : Number.NaN;
    }
    row += quantity.size + 1;
  }
}

/** What counts as full colour: 1 where values are bounded by it, else the largest there is. @param {import("../types.js").Row} row @param {number} largestValue */
function scaleOf(row, largestValue) {
  return row.bounds ? 1 : Math.max(1, largestValue);
}

/** @param {number} value */
function bounded(value) {
  if (Number.isNaN(value)) return Number.NaN;
  return Math.max(-1, Math.min(1, value));
}

/** @param {Geometry} g @param {unknown} content */
function sheetOf(g, content) {
  return svg`<svg width=${g.width} height=${g.height} viewBox="0 0 ${g.width} ${g.height}">${content}</svg>`;
}

/** What lies over the strips. @param {Scene & { unit: number }} now */
function overlay(now) {
  const { g } = now;
  const borders = g.strips.map((strip) => timesteps(g).map((t) => border(now, strip, t)));
  return sheetOf(g, [borders, arrows(now), g.full ? pin(now) : nothing]);
}

/** @param {Scene} now */
function frame({ g, moment: at }) {
  if (at.t === null || !inView(g, at.t)) return nothing;
  const width = Math.min(g.pitch - 6, g.strip + Math.max(16, g.pitch * 0.46));
  return svg`<rect class="now" x=${middle(g, at.t) - width / 2} y="4" width=${width} height=${g.height - 6} rx="10"></rect>`;
}

/** @param {Scene} now @param {Strip} strip @param {number} t */
function border({ g, line, moment: at }, strip, t) {
  const known = strip.row.kind === "input" || at.index >= line.earned(strip.row.name, t);
  return svg`<rect class=${known ? "strip" : "strip ahead"} x=${middle(g, t) - g.strip / 2} y=${strip.top}
    width=${g.strip} height=${strip.height} rx="1.5"></rect>`;
}

/** The pinned unit, marked in the current column. @param {Scene & { unit: number }} now */
function pin({ g, moment: at, unit }) {
  const { t } = at;
  if (t === null) return nothing;
  return g.strips
    .filter(({ row }) => row.kind === "state")
    .map(({ top, height, row }) => {
      const y = top + ((unit + 0.5) * height) / row.size;
      const x = middle(g, t) - g.strip / 2 - 3;
      return svg`<path class="pin" d=${`M${x} ${y}l-7 -4.5v9z`}></path>`;
    });
}

/** The rows' names, which stay in view where the sheet scrolls. @param {HTMLElement} element @param {Geometry} g @param {Scene["pass"]} now */
function drawRows(element, g, now) {
  const [total, which] = [now.sizes.T, firstOf(now)];
  element.style.width = `${g.left - 8}px`;
  element.style.height = `${g.height}px`;
  const last = g.first + g.columns;
  const part =
    g.columns < total
      ? html`<div class="window">steps ${g.first + 1}–${last}<br />of ${total}</div>`
      : which
        ? html`<div class="window">${which}</div>`
        : nothing;
  render([part, g.strips.map((strip, i) => rowLabel(g, strip, i))], element);
  for (const [i, { row }] of g.strips.entries()) {
    const target = /** @type {HTMLElement} */ (element.querySelector(`[data-row="${i}"] .symbol`));
    typeset(
      target,
      symbol(row.local, null, layered(g) && row.kind === "state" ? (row.layer ?? 0) + 1 : null),
    );
  }
}

/** @param {Geometry} g @param {Strip} strip @param {number} i */
function rowLabel(g, { row, top, height }, i) {
  const small = height < 44;
  const tiny = height < 12;
  return html`<div class="row-label ${tiny ? "tiny" : small ? "small" : ""}" data-row=${i}
    style="top:${top}px;height:${height}px;width:${g.left - 16}px">
    <span class="symbol"></span>${small ? nothing : html`<span class="word">${row.word}</span>`}
  </div>`;
}

/** Whether there are several layers, so that a row must tell which is its. @param {Geometry} g */
function layered(g) {
  return g.strips.some(({ row }) => (row.layer ?? 0) > 0);
}

/** Scroll, where the sheet is wider than its box, so that the current column can be seen. @param {HTMLElement} box @param {Scene} now */
function keepInView(box, { g, moment: at }) {
  if (g.width <= box.clientWidth + 1 || at.t === null) return;
  const x = middle(g, at.t);
  if (x - g.pitch < box.scrollLeft + g.left || x + g.pitch > box.scrollLeft + box.clientWidth)
    box.scrollLeft = x - box.clientWidth / 2;
}

/** @param {MouseEvent} event */
function under(event) {
  const now = scene();
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
  const found = under(event);
  const strip = found?.strip;
  hovered.value = found && strip ? { ...found, strip } : null;
}

/** A band is pinned, a column is gone to. @param {MouseEvent} event */
function click(event) {
  const found = under(event);
  if (!found) return;
  const { strip, unit, t } = found;
  if (strip && strip.row.layer !== null)
    selection.value = { ...selection.peek(), ...chosen.peek(), unit };
  moveToTimestep(t);
}
