/** Gradient by timestep: each step's share of one parameter's gradient, and the sum it builds. */

import { drawnLate, sized } from "../drawing.js";
import { plainName } from "../letters.js";
import { parameter as symbolOf, typeset } from "../notation.js";
import { PLOT } from "../palette.js";
import { moment, moveToTimestep } from "../playhead.js";
import { barAt, barBox, drawBars } from "../plot.js";
import { book, chosen, faces, pass, theme, timeline, zoom } from "../store.js";
import { html, render } from "../vendor/lit-html/lit-html.js";
import { effect, signal } from "../vendor/signals-core/signals-core.mjs";
import { toolsOf } from "./tabs.js";

/** @import { Pass } from "../pass.js" */

/** The plot's box, and the size of its text. */
const size = signal({ width: 0, height: 0, text: 12 });
const log = signal(false);
/** The norm of each running sum, made once a pass and parameter. */
let sums = { key: "", norms: /** @type {number[]} */ ([]) };

/** @param {HTMLElement} element */
export function mount(element) {
  render(frame(), element);
  render(tools(), toolsOf("shares"));
  const plot = /** @type {HTMLElement} */ (element.querySelector(".plot"));
  const measure = () => measured(plot);
  sized(plot, measure);
  // Larger letters need not come with a larger box.
  effect(() => {
    zoom.value;
    requestAnimationFrame(measure);
  });
  drawnLate(state, (now) => now && draw(element, now));
}

/** @param {HTMLElement} plot */
function measured(plot) {
  const text = Number.parseFloat(getComputedStyle(plot).fontSize);
  const { clientWidth: width, clientHeight: height } = plot;
  if (width > 0) size.value = { width, height, text };
}

/** A bar that is clicked is gone to. @param {MouseEvent} event */
function click(event) {
  const { left } = /** @type {HTMLElement} */ (event.currentTarget).getBoundingClientRect();
  const steps = pass.peek()?.sizes.T ?? 0;
  const t = barAt({ ...size.peek(), steps }, event.clientX - left);
  if (t !== null) moveToTimestep(t);
}

function frame() {
  return html`<div class="plot-sheet" @click=${click}>
      <div class="plot" role="img"></div>
      <div class="plot-now" aria-hidden="true"></div>
    </div>
    <p class="reading"></p>`;
}

/** Of which parameter, and on which axis. */
function tools() {
  return html`<span class="of"></span>
    <label class="switch"><input type="checkbox" @change=${(/** @type {Event} */ e) => (log.value = /** @type {HTMLInputElement} */ (e.target).checked)} /> log</label>`;
}

/** How to read the plot. @param {Pass} now */
function reading({ shared, sizes }) {
  const bar = html`<span class="bar-key"></span>`;
  if (!shared)
    return html`${bar} the norm of each step’s gradient. Every step has its own weights, so nothing is added up.`;
  const of = sizes.B > 1 ? `, over all ${sizes.B} sequences` : "";
  return html`${bar} each step’s share, its norm${of}. <span class="line-key"></span> the sum so far, from the last step back: at step 1 it is the whole gradient.`;
}

function state() {
  if (faces.value.plots !== "shares") return null;
  const now = pass.value;
  now?.arrived.value;
  book.value;
  return {
    now,
    line: timeline.value,
    at: moment.value,
    name: chosen.value.parameter,
    look: theme.value,
    isLog: log.value,
    ...size.value,
  };
}

/** @param {HTMLElement} element @param {NonNullable<ReturnType<typeof state>>} state */
function draw(element, { now, line, at, name, look, isLog, width, height, text }) {
  if (!now || !line || !at || width === 0) return;
  typeset(/** @type {HTMLElement} */ (toolsOf("shares").querySelector(".of")), symbolOf(name));
  const steps = Array.from({ length: now.sizes.T }, (_, t) => t);
  const earned = (/** @type {number} */ t) => at.index >= line.earned(`share.${name}`, t);
  render(reading(now), /** @type {HTMLElement} */ (element.querySelector(".reading")));
  const running = now.shared ? runningNorms(now, name) : [];
  const values = steps.map((t) => (earned(t) ? now.norm(`contribution.${name}`, t) : null));
  const built = steps.map((t) => (earned(t) ? (running[t] ?? null) : null));
  const plot = /** @type {HTMLElement} */ (element.querySelector(".plot"));
  plot.setAttribute("aria-label", spoken(name, values));
  drawBars(plot, {
    values,
    running: built,
    log: isLog,
    range: extent(now, name, running),
    colors: PLOT[look],
    width,
    height,
    text,
  });
  const box = barBox({ width, height, text, steps: now.sizes.T }, at.t ?? 0);
  frameStep(
    /** @type {HTMLElement} */ (element.querySelector(".plot-now")),
    at.t === null ? null : box,
  );
}

/** The frame round the bar of the moment's step. @param {HTMLElement} frame @param {ReturnType<typeof barBox> | null} box */
function frameStep(frame, box) {
  frame.hidden = box === null;
  for (const [side, pixels] of Object.entries(box ?? {}))
    frame.style.setProperty(side, `${pixels}px`);
}

/** The least and the largest norm of the whole pass, above 0. @param {Pass} now @param {string} name @param {number[]} running @returns {[number, number]} */
function extent(now, name, running) {
  const norms = Array.from(
    { length: now.sizes.T },
    (_, t) => now.norm(`contribution.${name}`, t) ?? 0,
  );
  const known = [...norms, ...running].filter((norm) => norm > 0 && Number.isFinite(norm));
  return [Math.min(...known, 1), Math.max(...known, 0)];
}

/** @param {string} name @param {(number | null)[]} values */
function spoken(name, values) {
  const known = values.filter((value) => value !== null).length;
  return `Bars: the share of each of ${values.length} steps in the gradient of ${plainName(name)}; ${known} known so far.`;
}

/** The norm of the sum of the shares from the last step down to each t. @param {Pass} now @param {string} name */
function runningNorms(now, name) {
  const key = `${now.plan.id} ${name} ${now.complete}`;
  if (sums.key === key) return sums.norms;
  const norms = new Array(now.sizes.T).fill(Number.NaN);
  const [rows, columns = 1] = now.shapeOf(name);
  const sum = new Float64Array(rows * columns);
  for (let t = now.sizes.T - 1; t >= 0; t--) {
    const share = now.shares(name, t);
    if (!share) break;
    norms[t] = normAfter(sum, share);
  }
  sums = { key, norms };
  return norms;
}

/** Add to a sum; the norm it then has. @param {Float64Array} sum @param {Float64Array} share */
function normAfter(sum, share) {
  let square = 0;
  for (let i = 0; i < sum.length; i++) {
    sum[i] += share[i];
    square += sum[i] * sum[i];
  }
  return Math.sqrt(square);
}
