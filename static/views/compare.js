/** Side by side: the page's experiment and its rivals, which differ from it in one thing, under one playhead. */

import { drawn, sized } from "../drawing.js";
import { geometry, middle, timesteps } from "../geometry.js";
import { find } from "../moments.js";
import { symbol, typesetAll } from "../notation.js";
import { short } from "../number.js";
import { moment, placeOf } from "../playhead.js";
import { PLOTS } from "../plots/catalogue.js";
import { answersOf } from "../plots/options.js";
import {
  chosen,
  comparing,
  difference,
  faces,
  lit,
  options,
  pass,
  rivalPasses,
  rivals,
  shownCopies,
  theme,
  timeline,
  zoom,
} from "../store.js";
import { firstOf, THINGS, thingOf } from "../things.js";
import { Timeline } from "../timeline.js";
import { html, nothing, render, svg } from "../vendor/lit-html/lit-html.js";
import { signal } from "../vendor/signals-core/signals-core.mjs";
import { visible } from "../words.js";
import { arrows } from "./arrows.js";
import { drawBands } from "./bands.js";
import { borders, stops } from "./borders.js";
import * as apart from "./difference.js";
import { feedback } from "./feedback.js";
import { Graph } from "./graph.js";
import { frame, lanes, outlines } from "./marks.js";
import { ownMatrices } from "./own.js";
import { select } from "./plots.js";
import { largestNorm } from "./scene.js";

/** @import { Strip } from "../geometry.js" */
/** @import { Pass } from "../pass.js" */
/** @import { Plot } from "../plots/catalogue.js" */
/** @import { Moment, Rival } from "../types.js" */
/** @import { Thing } from "../things.js" */
/** @import { Scene } from "./scene.js" */

/** At most so many beside the page's own. */
const MOST = 2;
/** A row lower than this has no room for its letter; a wider column than that has room for its number. */
const LOW = 10;
const WIDE = 24;
/** The number of sides, the page's own first. */
const SIDES = 1 + MOST;

/** The boxes of the small stages. */
const sizes = Array.from({ length: SIDES }, () => signal({ width: 0, height: 0 }));
/** @type {WeakMap<Pass, Timeline>} */
const timelines = new WeakMap();

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
    ],
    () => drawHead(element),
  );
  for (let side = 0; side < SIDES; side++) mountSide(element, side);
  apart.mount(part(element, "compared.apart .side-plot"), two);
}

/** @param {HTMLElement} element @param {number} side */
function mountSide(element, side) {
  const host = part(element, `compared:nth-child(${side + 1})`);
  const stage = /** @type {HTMLElement} */ (host.querySelector(".side-stage"));
  sized(stage, (width, height) => (sizes[side].value = { width, height }));
  drawn(
    () => sceneOf(side),
    (now) => now && drawStage(stage, now),
  );
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
    <header class="side-head"></header><div class="side-stage"><div class="side-map"></div><div class="side-lines"></div><div class="side-names" aria-hidden="true"></div></div><div class="side-plot face"></div></section>`,
  );
  return html`<div class="versus"></div>
    <div class="compared-all">${sides}<section class="compared apart" hidden><header class="side-head"></header><div class="side-plot face"></div></section></div>`;
}

/** The plot that shows on every side: the one of the card, where it is of a whole pass. @returns {Plot} */
export function plotOf() {
  return PLOTS.find(({ name }) => name === faces.value.plots) ?? PLOTS[2];
}

/** @param {number} side @returns {Pass | null} */
function passOf(side) {
  if (side === 0) return pass.value;
  const found = rivalPasses.value[side - 1];
  return found && "plan" in found ? found : null;
}

/** The passes that are there. */
function all() {
  return Array.from({ length: 1 + rivals.value.length }, (_, side) => passOf(side)).filter(
    (one) => one !== null,
  );
}

/** The moment of the page, in the pass of a side. @param {number} side */
function momentOf(side) {
  const [own, at] = [passOf(side), moment.value];
  if (!own || !at) return null;
  if (side === 0) return at;
  const { list } = timelineOf(own);
  const place = placeOf(at);
  const t = place.t === null ? null : Math.min(place.t, own.sizes.T - 1);
  return list[find(list, { ...place, t }, 0)];
}

/** @param {Pass} own */
function timelineOf(own) {
  const known = timelines.get(own) ?? new Timeline(own.plan);
  timelines.set(own, known);
  return known;
}

/** @param {number} side @returns {Scene | null} */
function sceneOf(side) {
  const { width, height } = sizes[side].value;
  const [own, at] = [passOf(side), momentOf(side)];
  if (!comparing.value || !own || !at || width === 0) return null;
  own.arrived.value;
  const scale = zoom.value;
  return {
    pass: own,
    line: side === 0 ? (timeline.value ?? timelineOf(own)) : timelineOf(own),
    moment: at,
    g: geometry(own.plan, width, height, at.t ?? 0, scale, true),
    theme: theme.value,
    top: Math.max(...all().map(largestNorm)),
    selected: chosen.value,
    lit: lit.value,
    copies: shownCopies.value,
    base: null,
  };
}

/** @param {HTMLElement} host @param {Scene} now */
function drawStage(host, now) {
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

/** What is compared, and that all else is the same. @param {Pass} own @param {Rival[]} wanted */
function versus(own, wanted) {
  const { spec } = own.plan;
  const thing = thingOf(wanted[0]?.thing ?? "");
  const offered = THINGS.filter((one) => one.applies(spec));
  const take = (/** @type {Event} */ { target }) => {
    const next = thingOf(/** @type {HTMLSelectElement} */ (target).value);
    rivals.value = [{ thing: next.name, value: firstOf(spec, next, []) }];
  };
  const more = () =>
    (rivals.value = [
      ...wanted,
      {
        thing: thing.name,
        value: firstOf(
          spec,
          thing,
          wanted.map(({ value }) => value),
        ),
      },
    ]);
  const plot = plotOf();
  const choices = choicesOf(plot).filter(({ choices: offered }) => offered.length > 1);
  const answers = answersOf(plot, own, options.peek());
  return html`<label class="pick"><span>differ in</span>
      <select id="compare-thing" @change=${take}>${offered.map(({ name, word }) => html`<option value=${name} .selected=${name === thing.name}>${word}</option>`)}</select></label>
    <span class="quiet">Everything else is equal, and the scales are the same.</span>
    <span class="versus-plot">
      <label class="pick"><span class="hidden-text">plot</span><select @change=${(/** @type {Event} */ e) => (faces.value = { ...faces.peek(), plots: /** @type {import("../types.js").PlotName} */ (/** @type {HTMLSelectElement} */ (e.target).value) })}>
        ${PLOTS.map(({ name, word }) => html`<option value=${name} .selected=${name === plot.name}>${word}</option>`)}</select></label>
      ${choices.slice(0, 2).map((one) => select(plot.name, one, answers[one.name]))}
      ${wanted.length === 1 ? html`<label class="switch"><input type="checkbox" .checked=${difference.peek()} @change=${() => (difference.value = !difference.peek())} /> difference</label>` : nothing}
      ${wanted.length < MOST ? html`<button class="button" @click=${more}>Add a third</button>` : nothing}
      <button class="button" id="compare-close" @click=${() => (rivals.value = [])}>Close</button>
    </span>`;
}

/** What can be chosen of a plot on any side. @param {Plot} plot */
function choicesOf(plot) {
  const [first, ...rest] = all().map((one) => plot.choices(one));
  return first.map((choice, i) => {
    const offered = new Map([...choice.choices, ...rest.flatMap((other) => other[i].choices)]);
    return { ...choice, choices: [...offered] };
  });
}

/** What a side is, and its loss. @param {Pass} own @param {Rival[]} wanted @param {number} side */
function headOf(own, wanted, side) {
  const thing = thingOf(wanted[0]?.thing ?? "");
  const spec = own.plan.spec;
  const made = side === 0 ? own : rivalPasses.peek()[side - 1];
  const problem = made && "problem" in made ? made.problem : null;
  const loss = made && "plan" in made ? made.meanLoss.value : null;
  const value = side === 0 ? thing.of(spec) : (wanted[side - 1]?.value ?? "");
  return html`<b>${thing.told(value)}</b>
    ${side === 0 ? nothing : control(thing, spec, wanted, side - 1)}
    ${problem ? html`<span class="wrong" role="alert">${problem}</span>` : loss === null ? nothing : html`<span class="quiet">loss ${short(loss)}</span>`}
    ${side > 1 ? html`<button class="icon" aria-label="take this side away" @click=${() => (rivals.value = wanted.filter((_, i) => i !== side - 1))}>×</button>` : nothing}`;
}

/** Where a rival's thing is chosen, or dragged. @param {Thing} thing @param {import("../types.js").Spec} spec @param {Rival[]} wanted @param {number} place */
function control(thing, spec, wanted, place) {
  const { value } = wanted[place] ?? { value: "" };
  const set = (/** @type {string} */ next) =>
    (rivals.value = wanted.with(place, { thing: thing.name, value: next }));
  if (thing.choices)
    return html`<select aria-label=${thing.word} @change=${(/** @type {Event} */ e) => set(/** @type {HTMLSelectElement} */ (e.target).value)}>
      ${thing.choices.map(([one, word]) => html`<option value=${one} .selected=${one === value}>${word}</option>`)}</select>`;
  const parts = value.split(",").map(Number);
  const whole = thing.name === "truncation" || thing.name === "distance";
  return (thing.range?.(spec) ?? []).map(([least, most], i) => {
    const drag = (/** @type {Event} */ { target }) =>
      set(dragged(parts, i, Number(/** @type {HTMLInputElement} */ (target).value)).join(","));
    const name = thing.name === "truncation" ? `k${i + 1}` : thing.word;
    return html`<input type="range" aria-label=${name} min=${least} max=${most} step=${whole ? 1 : 0.05} .value=${String(parts[i])} @input=${drag} />`;
  });
}

/** Numbers of which one was dragged: the first, k1, takes the second along, which is never less. @param {number[]} parts @param {number} i @param {number} value */
function dragged(parts, i, value) {
  return parts.map((part, j) =>
    j === i ? value : j > i ? Math.max(part, value) : Math.min(part, value),
  );
}

/** The two passes whose difference shows, null where it does not. */
function two() {
  if (!comparing.value || !difference.value || rivals.value.length !== 1) return null;
  const [one, other] = [passOf(0), passOf(1)];
  const [here, there] = [momentOf(0), momentOf(1)];
  if (!one || !other || !here || !there) return null;
  return {
    plot: plotOf(),
    passes: /** @type {[Pass, Pass]} */ ([one, other]),
    moments: /** @type {[Moment, Moment]} */ ([here, there]),
  };
}
