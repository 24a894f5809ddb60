/** Gradient by timestep: each step's share of one parameter's gradient, and the sum it builds. */

import { drawn, sized } from "../drawing.js";
import { parameter as symbolOf, typeset } from "../notation.js";
import { PLOT } from "../palette.js";
import { moment, moveToTimestep } from "../playhead.js";
import { drawBars, onBar } from "../plot.js";
import { chosen, pass, theme, timeline } from "../store.js";
import { html, render } from "../vendor/lit-html/lit-html.js";
import { signal } from "../vendor/signals-core/signals-core.mjs";
import { shortName } from "../words.js";

/** @import { Pass } from "../pass.js" */

const size = signal({ width: 0, height: 0 });
const log = signal(false);
/** The norm of each running sum, made once a pass and parameter. */
let sums = { key: "", norms: /** @type {number[]} */ ([]) };

/** @param {HTMLElement} element */
export function mount(element) {
  render(frame(), element);
  const plot = /** @type {HTMLElement} */ (element.querySelector(".plot"));
  sized(plot, (width, height) => (size.value = { width, height }));
  onBar(plot, () => pass.peek()?.sizes.T ?? 0, moveToTimestep);
  drawn(state, (now) => draw(element, now));
}

function frame() {
  return html`<header class="card-head">
      <h2>Gradient by timestep: <span class="of"></span></h2>
      <label class="switch"><input type="checkbox" @change=${(/** @type {Event} */ e) => (log.value = /** @type {HTMLInputElement} */ (e.target).checked)} /> log</label>
    </header>
    <div class="plot" role="img"></div>
    <p class="reading"></p>`;
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
  const now = pass.value;
  now?.arrived.value;
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

/** @param {HTMLElement} element @param {ReturnType<typeof state>} state */
function draw(element, { now, line, at, name, look, isLog, width, height }) {
  if (!now || !line || !at || width === 0) return;
  typeset(/** @type {HTMLElement} */ (element.querySelector(".of")), symbolOf(name));
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
    current: at.t,
    log: isLog,
    range: extent(now, name, running),
    colors: PLOT[look],
    width,
    height,
  });
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
  return `Bars: the share of each of ${values.length} steps in the gradient of ${shortName(name)}; ${known} known so far.`;
}

/** The norm of the sum of the shares from the last step down to each t. @param {Pass} now @param {string} name */
function runningNorms(now, name) {
  const key = `${now.plan.id} ${name} ${now.complete}`;
  if (sums.key === key) return sums.norms;
  const norms = new Array(now.sizes.T).fill(Number.NaN);
  /** @type {Float64Array | null} */
  let sum = null;
  for (let t = now.sizes.T - 1; t >= 0; t--) {
    const share = now.shares(name, t);
    if (!share) break;
    sum = sum ? added(sum, share) : share;
    norms[t] = Math.sqrt(sum.reduce((all, value) => all + value * value, 0));
  }
  sums = { key, norms };
  return norms;
}

/** @param {Float64Array} a @param {Float64Array} b */
function added(a, b) {
  return a.map((value, i) => value + b[i]);
}
