/** Gradient by timestep: each step's share of one parameter's gradient, and the sum it builds. */

import { drawnLate, sized } from "../drawing.js";
import { boxOf, regionBox } from "../figure.js";
import { keyOf } from "../finding.js";
import { plainName } from "../letters.js";
import { PLOT } from "../palette.js";
import { moment, moveToTimestep } from "../playhead.js";
import { barAt, barBox, drawBars, drawFigure } from "../plot.js";
import { cosineFigure } from "../plots/cosine.js";
import { COSINE, RELATIVE } from "../plots/names.js";
import { firstOddBack } from "../plots/odd.js";
import { sharesFigure, sharesTable } from "../plots/shares.js";
import {
  book,
  chosen,
  enlarged,
  faces,
  findings,
  options,
  pass,
  selection,
  theme,
  timeline,
  zoom,
} from "../store.js";
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import { effect, signal } from "../vendor/signals-core/signals-core.mjs";
import { parameterTitle } from "../words.js";
import { files, menu } from "./export.js";
import { larger } from "./larger.js";
import { gradientMap, largestOf } from "./strips.js";
import { toolsOf } from "./tabs.js";

/** @import { Pass } from "../pass.js" */
/** @typedef {NonNullable<ReturnType<typeof state>>} State */

/** The plot's box, and the size of its text. */
const size = signal({ width: 0, height: 0, text: 12 });
const log = signal(false);
/** The norm of each running sum, made once a pass and parameter. */
let sums = { key: "", norms: /** @type {number[]} */ ([]) };

/** @param {HTMLElement} element */
export function mount(element) {
  render(frame(), element);
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
    <div class="share-maps" role="img" hidden></div>
    <p class="reading"></p>`;
}

/** Of which parameter, as what, and on which axis. @param {Pass} now @param {string} chosenName @param {boolean} isCosine */
function tools(now, chosenName, isCosine) {
  const choose = (/** @type {Event} */ { target }) =>
    (selection.value = {
      ...selection.peek(),
      parameter: /** @type {HTMLSelectElement} */ (target).value,
    });
  const measure = (/** @type {Event} */ { target }) =>
    (options.value = {
      ...options.peek(),
      "shares.measure": /** @type {HTMLSelectElement} */ (target).value,
    });
  return html`<label class="pick"><span class="hidden-text">gradient of</span>
      <select @change=${choose}>${now.plan.parameters.map(({ name }) => html`<option value=${name} .selected=${name === chosenName}>${parameterTitle(now, name)}</option>`)}</select></label>
    <label class="pick"><span class="hidden-text">As</span>
      <select @change=${measure}><option value="norm" .selected=${!isCosine}>norm</option>
      ${now.shared ? html`<option value=${RELATIVE} .selected=${options.peek()["shares.measure"] === RELATIVE}>part</option>` : nothing}<option value=${COSINE} .selected=${isCosine}>cosine</option></select></label>
    ${isCosine ? nothing : html`<label class="switch"><input type="checkbox" .checked=${log.value} @change=${(/** @type {Event} */ e) => (log.value = /** @type {HTMLInputElement} */ (e.target).checked)} /> log</label>`}
    ${larger()}
    ${menu("shares-menu", files(saved(now, chosenName, isCosine)))}`;
}

/** The cosines that are here. @param {Pass} now */
function cosinesHere(now) {
  const { cosines } = cosinesOf(now);
  return typeof cosines === "string" ? [] : Array.from(cosines, Number);
}

/** What is saved of it: the whole of it, whatever the moment. @param {Pass} now @param {string} name @param {boolean} isCosine */
function saved(now, name, isCosine) {
  const shares = () => ({
    norms: Array.from(
      { length: now.sizes.T },
      (_, t) => now.norm(`contribution.${name}`, t) ?? Number.NaN,
    ),
    running: now.shared ? runningNorms(now, name) : [],
    cosines: isCosine ? cosinesHere(now) : null,
  });
  const look = theme.peek();
  return {
    ...{ name: "shares", word: "Gradient by timestep", id: now.plan.id, theme: look },
    figure: (/** @type {{ wide: number, high: number }} */ room) => {
      const { cosines } = shares();
      return cosines ? cosineFigure(cosines, look, room) : sharesFigure(shares(), look, room);
    },
    reading: () =>
      `The shares of ${plainName(name)}, step by step, and the sum that they build from the last step back.`,
    table: () => sharesTable(shares(), name),
  };
}

/** What the bars are where they are no norms. */
const COSINES = "the cosine of each step’s share with the whole gradient";

/** How to read the plot. @param {Pass} now @param {boolean} [isCosine] */
function reading({ shared, sizes }, isCosine = false) {
  if (isCosine)
    return `Bars: ${COSINES}. 1 pulls the same way, 0 across, below 0 (orange) against it.`;
  const bar = html`<span class="bar-key"></span>`;
  if (!shared)
    return html`${bar} the norm of each step’s gradient. Every step has its own weights, so nothing is added up.`;
  const of = sizes.B > 1 ? `, over all ${sizes.B} sequences` : "";
  return html`${bar} each step’s share, its norm${of}. <span class="line-key"></span> the sum so far, from the last step back: at step 1 it is the whole gradient.`;
}

/** From which step back the shares are not finite, once that is known. @param {Pass} now @param {string} name */
function oddOf(now, name) {
  const norms = now.norms.get(`contribution.${name}`);
  return norms && now.complete ? firstOddBack(norms, "they are") : "";
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
    isLarge: enlarged.value,
    isPart: options.value["shares.measure"] === RELATIVE && now?.shared === true,
    ...(options.value["shares.measure"] === COSINE
      ? cosinesOf(now)
      : { cosines: null, problem: null }),
    ...size.value,
  };
}

/** The cosines of the chosen parameter's shares, as they were found, or why they are not. @param {Pass | null} now */
function cosinesOf(now) {
  const found = now && findings.value.get(keyOf(now, "signals"));
  found?.arrived.value;
  found?.complete.value;
  const cosines = found?.arrays.get(`contribution_cosine.${chosen.value.parameter}`)?.data;
  return { cosines: cosines ?? /** @type {const} */ ("asked"), problem: found?.problem ?? null };
}

/** @param {HTMLElement} element @param {State} all */
function draw(element, all) {
  const { now, at, name, cosines, look, width, height, text } = all;
  if (!now || !at || width === 0) return;
  render(tools(now, name, cosines !== null), toolsOf("shares"));
  drawMaps(/** @type {HTMLElement} */ (element.querySelector(".share-maps")), all);
  if (cosines === null) return drawNorms(element, all);
  const reads = /** @type {HTMLElement} */ (element.querySelector(".reading"));
  render(all.problem ?? html`${reading(now, true)}${oddOf(now, name)}`, reads);
  if (typeof cosines === "string") return;
  const size = { width, height, text };
  const figure = cosineFigure(cosines, look, { wide: width / text, high: height / text });
  const plot = /** @type {HTMLElement} */ (element.querySelector(".plot"));
  plot.setAttribute("aria-label", `Bars: ${COSINES} of ${plainName(name)}.`);
  drawFigure(plot, figure, size, look);
  const bar = at.t === null ? null : regionOf(figure, size, at.t);
  frameStep(/** @type {HTMLElement} */ (element.querySelector(".plot-now")), bar);
}

/** The room of a step's bar. @param {import("../figure.js").Figure} figure @param {import("../figure.js").Size} size @param {number} t */
function regionOf(figure, size, t) {
  return regionBox(figure, boxOf(figure, size), { x: [t + 0.5, t + 1.5], y: [-1, 1] });
}

/** More maps than this side by side are no maps any more. */
const MAPS = 16;

/** What the shares are made of: of each step round the moment's, its outer product as a small map. @param {HTMLElement} host @param {State} state */
function drawMaps(host, { now, line, at, name, look, isLarge, height }) {
  host.hidden = !isLarge || !now || !line || !at;
  if (host.hidden || !now || !line || !at) return;
  const { T } = now.sizes;
  const first = Math.max(0, Math.min((at.t ?? 0) - MAPS / 2, T - MAPS));
  const steps = Array.from({ length: Math.min(T, MAPS) }, (_, i) => first + i);
  const all = steps.map((t) =>
    at.index >= line.earned(`share.${name}`, t) ? now.shares(name, t) : null,
  );
  const most = largestOf(...all.filter((one) => one !== null));
  const [rows, columns = 1] = now.shapeOf(name);
  const side = Math.max(24, Math.min(72, height / 3));
  host.setAttribute("aria-label", `each step’s share of ${plainName(name)} as a map`);
  render(
    steps.map((t, i) => {
      const share = all[i];
      const map =
        share &&
        gradientMap(share, rows, columns, side * Math.min(1, columns / rows), side, {
          theme: look,
          most,
        });
      return html`<figure class=${t === at.t ? "current" : ""}>${map ?? html`<span class="none"></span>`}<figcaption>${t + 1}</figcaption></figure>`;
    }),
    host,
  );
}

/** @param {HTMLElement} element @param {State} state */
function drawNorms(element, { now, line, at, name, look, isLog, isPart, width, height, text }) {
  if (!now || !line || !at) return;
  const steps = Array.from({ length: now.sizes.T }, (_, t) => t);
  const earned = (/** @type {number} */ t) => at.index >= line.earned(`share.${name}`, t);
  const reads = /** @type {HTMLElement} */ (element.querySelector(".reading"));
  const running = now.shared ? runningNorms(now, name) : [];
  // The whole is the sum at step 1; where that is nothing there are no parts of it.
  const whole = isPart && running[0] > 0 ? running[0] : 1;
  const parts = whole === 1 ? nothing : " Told as parts of the whole gradient’s norm.";
  render(html`${reading(now)}${parts}${oddOf(now, name)}`, reads);
  const part = (/** @type {number | null | undefined} */ norm) =>
    norm == null ? null : norm / whole;
  const values = steps.map((t) => (earned(t) ? part(now.norm(`contribution.${name}`, t)) : null));
  const built = steps.map((t) => (earned(t) ? part(running[t]) : null));
  const plot = /** @type {HTMLElement} */ (element.querySelector(".plot"));
  plot.setAttribute("aria-label", spoken(name, values));
  drawBars(plot, {
    values,
    running: built,
    log: isLog,
    range: extent(now, name, running, whole),
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

/** The least and the largest norm of the whole pass, above 0. @param {Pass} now @param {string} name @param {number[]} running @param {number} whole what they are parts of @returns {[number, number]} */
function extent(now, name, running, whole) {
  const norms = Array.from(
    { length: now.sizes.T },
    (_, t) => now.norm(`contribution.${name}`, t) ?? 0,
  );
  const all = [...norms, ...running].map((norm) => norm / whole);
  const known = all.filter((norm) => norm > 0 && Number.isFinite(norm));
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
