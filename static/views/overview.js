/** The whole sequence in one narrow picture, where the stage shows a window of it: states, gradients, the window. */

import { drawn, sized } from "../drawing.js";
import { isWindowed } from "../geometry.js";
import { moveToTimestep } from "../playhead.js";
import { paint } from "../raster.js";
import { pass, timeline } from "../store.js";
import { html, nothing, render, svg } from "../vendor/lit-html/lit-html.js";
import { signal } from "../vendor/signals-core/signals-core.mjs";
import { scaleOf } from "./bands.js";
import { scene } from "./scene.js";

/** @import { Scene } from "./scene.js" */

/** As many cells as a map may have. */
const MOST = 100_000;
/** Between how many decades of the gradient's norm the line has room for. */
const DECADES = [2, 12];
const LINE = 26;

const size = signal({ width: 0, height: 0 });
/** What is painted: of which pass and look, and up to which step. */
let painted = { key: "", steps: 0 };

/** @param {HTMLElement} element @param {() => { width: number, height: number, digits: number }} stage the size of the stage beneath */
export function mount(element, stage) {
  render(frame(), element);
  sized(element, (width, height) => (size.value = { width, height }));
  drawn(
    () => {
      const { width, height, digits } = stage();
      element.hidden = !pass.value || width === 0 || !isWindowed(pass.value.plan, width);
      const now = element.hidden ? null : scene(width, height, digits);
      return now && { now, room: size.value.width - now.g.left };
    },
    (state) => state && draw(element, state.now, state.room),
  );
}

function frame() {
  return html`<div class="overview-name"></div>
    <div class="overview-sheet" @pointerdown=${grab} @pointermove=${drag}>
      <canvas></canvas>
      <div class="overview-lines"></div>
    </div>`;
}

/** @param {HTMLElement} element @param {Scene} now @param {number} room */
function draw(element, now, room) {
  const name = /** @type {HTMLElement} */ (element.querySelector(".overview-name"));
  name.style.width = `${now.g.left - 16}px`;
  render(html`<span>all ${now.pass.sizes.T} steps</span><span>gradient</span>`, name);
  const sheet = /** @type {HTMLElement} */ (element.querySelector(".overview-sheet"));
  paintStates(/** @type {HTMLCanvasElement} */ (sheet.querySelector("canvas")), now);
  render(
    lines(now, Math.max(0, room)),
    /** @type {HTMLElement} */ (sheet.querySelector(".overview-lines")),
  );
}

/** The top layer's state: a column a step, a row a unit; of more units than there is room for every so manieth. @param {HTMLCanvasElement} canvas @param {Scene} now */
function paintStates(canvas, { pass: current, line, moment: at, theme }) {
  const { T, H, L } = current.sizes;
  const every = Math.ceil((T * H) / MOST);
  const name = `layer${L - 1}.h`;
  const key = [current.plan.id, theme].join();
  if (painted.key !== key) {
    [canvas.width, canvas.height] = [T, Math.ceil(H / every)];
    painted = { key, steps: 0 };
    canvas.title = every > 1 ? `hidden state, one of every ${every} units` : "hidden state";
  }
  const brush = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const known = knownSteps(line, name, T, at.index);
  const row = current.plan.rows.find((one) => one.name === name);
  const scale = row ? scaleOf(row, current.largest.get(name) ?? 0) : 1;
  if (known < painted.steps) brush.clearRect(known, 0, painted.steps - known, canvas.height);
  painted.steps = Math.min(painted.steps, known);
  for (let t = painted.steps; t < known; t++) {
    const values = current.value(name, t);
    // What is not here yet is painted when it has come.
    if (!values) return;
    painted.steps = t + 1;
    const shown = values.filter((_, unit) => unit % every === 0);
    paint(brush, shown, { x: t, y: 0, rows: canvas.height, columns: 1, scale, theme });
  }
}

/** How many steps have their state at a moment: it comes from step to step. @param {Scene["line"]} line @param {string} name @param {number} T @param {number} index */
function knownSteps(line, name, T, index) {
  let [low, high] = [0, T];
  while (low < high) {
    const half = (low + high) >> 1;
    if (line.earned(name, half) <= index) low = half + 1;
    else high = half;
  }
  return low;
}

/** The norm of the gradient so far, the window, the step of the moment. @param {Scene} now @param {number} room */
function lines({ pass: current, line, moment: at, g }, room) {
  const { T, L } = current.sizes;
  const pitch = room / T;
  const name = `grad.layer${L - 1}.h`;
  const [top, decades] = extent(current.norms.get(name) ?? []);
  const points = [];
  for (let t = T - 1; t >= 0 && line.earned(name, t) <= at.index; t--) {
    const log = current.logNorm(name, t);
    if (log === null) break;
    const low = Math.min(1, Math.max(0, (top - log) / decades));
    points.push(`${((t + 0.5) * pitch).toFixed(1)} ${(2 + low * (LINE - 4)).toFixed(1)}`);
  }
  const from = g.first * pitch;
  return svg`<svg width=${room} height="100%">
    <svg y="100%" width=${room} height=${LINE} overflow="visible"><g transform=${`translate(0 ${-LINE})`}>
      <path class="overview-base" d=${`M0 ${LINE - 1}H${room}`}></path>
      ${points.length > 1 ? svg`<path class="overview-norm" d=${`M${points.join("L")}`}></path>` : nothing}
    </g></svg>
    <rect class="overview-window" x=${from} y="1" width=${g.columns * pitch} height="calc(100% - 2px)" rx="4"></rect>
    ${at.t === null ? nothing : svg`<rect class="overview-now" x=${at.t * pitch} y="1" width=${Math.max(2, pitch)} height="calc(100% - 2px)"></rect>`}
  </svg>`;
}

/** The largest log10 of a pass's norms, and over how many decades they lie. @param {ArrayLike<number>} logs @returns {[number, number]} */
function extent(logs) {
  const known = Array.from(logs).filter(Number.isFinite);
  const top = Math.max(...known);
  return [top, Math.min(DECADES[1], Math.max(DECADES[0], top - Math.min(...known)))];
}

/** @param {PointerEvent} event */
function grab(event) {
  const sheet = /** @type {HTMLElement} */ (event.currentTarget);
  sheet.setPointerCapture(event.pointerId);
  goTo(sheet, event.clientX);
}

/** @param {PointerEvent} event */
function drag(event) {
  const sheet = /** @type {HTMLElement} */ (event.currentTarget);
  if (sheet.hasPointerCapture(event.pointerId)) goTo(sheet, event.clientX);
}

/** @param {HTMLElement} sheet @param {number} clientX */
function goTo(sheet, clientX) {
  const { left, width } = sheet.getBoundingClientRect();
  const T = timeline.peek()?.plan.sizes.T ?? 1;
  const t = Math.floor(((clientX - left) / width) * T);
  moveToTimestep(Math.min(T - 1, Math.max(0, t)));
}
