/** The plots of the whole pass: what is chosen of one, how far it has come, what is under the pointer. */

import { drawn, drawnLate, sized } from "../drawing.js";
import { boxOf, positionOf, regionBox } from "../figure.js";
import { keyOf } from "../finding.js";
import { full, short } from "../number.js";
import { moment, moveToTimestep } from "../playhead.js";
import { drawFigure } from "../plot.js";
import { PLOTS } from "../plots/catalogue.js";
import { answersOf } from "../plots/options.js";
import {
  chosen,
  enlarged,
  faces,
  findings,
  lit,
  options,
  pass,
  reach,
  theme,
  zoom,
} from "../store.js";
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import { signal } from "../vendor/signals-core/signals-core.mjs";
import { save } from "./export.js";
import { toolsOf } from "./tabs.js";

/** @import { Figure, Region } from "../figure.js" */
/** @import { Hit, Plot, Source } from "../plots/catalogue.js" */
/** @import { Finding } from "../finding.js" */
/** What shows. @typedef {{ plot: Plot, source: Source, key: string, problem: string | null, waiting: boolean, progress: number }} Shown */

const size = signal({ width: 0, height: 0, text: 12 });
const hovered = signal(/** @type {(Hit & { left: number, top: number }) | null} */ (null));
/** The figure that was drawn last, and what it was drawn for. */
let last = { key: "", figure: /** @type {Figure | null} */ (null) };

/** @param {HTMLElement} element */
export function mount(element) {
  render(frame(), element);
  const plot = part(element, "plot");
  sized(plot, (width, height) => (size.value = { width, height, text: textOf(plot) }));
  drawn(shown, (now) => now && drawAround(element, now));
  drawnLate(shown, (now) => now && draw(element, now));
  drawn(
    () => ({ at: hovered.value, pointed: lit.value, now: shown() }),
    ({ at, pointed, now }) => now && drawPointed(element, now, at, pointed),
  );
}

/** @param {HTMLElement} element @param {string} name @returns {HTMLElement} */
function part(element, name) {
  return /** @type {HTMLElement} */ (element.querySelector(`.${name}`));
}

/** @param {HTMLElement} plot */
function textOf(plot) {
  return Number.parseFloat(getComputedStyle(plot).fontSize);
}

function frame() {
  return html`<div class="plot-sheet" @pointermove=${hover} @pointerleave=${leave} @click=${click}>
      <div class="graph plot" role="img"></div>
      <div class="plot-now" aria-hidden="true" hidden></div>
      <div class="plot-mark" aria-hidden="true" hidden></div>
      <div class="plot-wait" hidden></div>
      <div class="plot-tip" aria-hidden="true" hidden></div>
    </div>
    <p class="reading"></p>`;
}

/** @returns {Shown | null} */
function shown() {
  const plot = PLOTS.find(({ name }) => name === faces.value.plots);
  const [now, at] = [pass.value, moment.value];
  if (!plot || !now || !at) return null;
  now.arrived.value;
  zoom.value;
  const { width, height, text } = size.value;
  const own = answersOf(plot, now, options.value);
  const asked = plot.needs(own).map((what) => findings.value.get(keyOf(now, what)) ?? null);
  const arrived = asked.map((one) => one?.arrived.value ?? 0);
  const source = {
    pass: now,
    found: (/** @type {string} */ name) => arrayOf(asked, name),
    since: now.sizes.T - Math.min(now.sizes.T, ...arrived),
    moment: at,
    selected: chosen.value,
    theme: theme.value,
    options: own,
    room: { wide: width / text, high: height / text },
  };
  const key = [
    plot.name,
    now.plan.id,
    now.here,
    ...arrived,
    ...Object.values(own),
    theme.value,
    width,
    height,
    text,
    chosen.value.unit,
    plot.moves ? at.index : "",
  ].join();
  const problem = asked.find((one) => one?.problem)?.problem ?? null;
  const waiting = !now.complete || asked.some((one) => !one?.complete.value);
  return {
    plot,
    source,
    key,
    problem,
    waiting,
    progress: Math.min(1, ...arrived.map((one) => one / now.sizes.T)),
  };
}

/** @param {(Finding | null)[]} asked @param {string} name */
function arrayOf(asked, name) {
  for (const one of asked) {
    const found = one?.arrays.get(name);
    if (found) return found;
  }
  return null;
}

/** The figure, where it is another than the one that shows. @param {HTMLElement} element @param {Shown} now */
function draw(element, { plot, source, key }) {
  const { width } = size.peek();
  if (key === last.key || width === 0) return;
  const figure = plot.figure(source);
  last = { key, figure };
  const host = part(element, "plot");
  host.classList.toggle("empty", figure === null);
  element.classList.toggle("square", figure?.square === true);
  if (figure) drawFigure(host, figure, size.peek(), source.theme);
  const now = shown();
  if (now) drawNow(element, now);
}

/** All but the figure. @param {HTMLElement} element @param {Shown} now */
function drawAround(element, now) {
  const { plot, source, problem, waiting, progress } = now;
  render(tools(now), toolsOf("plot"));
  const reading = plot.reading(source);
  render(reading, part(element, "reading"));
  part(element, "plot").setAttribute("aria-label", `${plot.word}. ${reading}`);
  const wait = part(element, "plot-wait");
  wait.hidden = !waiting && problem === null;
  render(problem ?? waited(progress), wait);
  wait.classList.toggle("wrong", problem !== null);
  drawNow(element, now);
}

/** How far it has come, once that is worth telling. @param {number} progress */
function waited(progress) {
  return progress > 0 && progress < 1
    ? html`<progress max="1" .value=${progress}></progress>`
    : html`<span class="quiet">computing …</span>`;
}

/** What of the plot the moment is. @param {HTMLElement} element @param {Shown} now */
function drawNow(element, { plot, source }) {
  const region = last.figure && plot.now(source);
  put(part(element, "plot-now"), region || null);
}

/** @param {HTMLElement} box @param {Region | null} region */
function put(box, region) {
  const { figure } = last;
  box.hidden = !region || !figure;
  if (!region || !figure) return;
  const place = regionBox(figure, boxOf(figure, size.peek()), region);
  for (const [side, pixels] of Object.entries(place)) box.style.setProperty(side, `${pixels}px`);
}

/** What is pointed at, here or elsewhere. @param {HTMLElement} element @param {Shown} now @param {typeof hovered.value} at @param {typeof lit.value} pointed */
function drawPointed(element, { plot, source }, at, pointed) {
  put(part(element, "plot-mark"), at?.region ?? (pointed && plot.mark(source, pointed)));
  const tip = part(element, "plot-tip");
  tip.hidden = at === null;
  if (!at) return;
  const { width, height } = size.peek();
  tip.style.left = `${Math.max(0, Math.min(at.left + 14, width - 200))}px`;
  tip.style.top = at.top > height / 2 ? "auto" : `${at.top + 14}px`;
  tip.style.bottom = at.top > height / 2 ? `${height - at.top + 8}px` : "auto";
  const value = at.value === null ? nothing : html`<b>${short(at.value)}</b> `;
  const exact =
    at.value === null ? nothing : html`<br /><span class="exact">${full(at.value)}</span>`;
  render(html`${value}${at.told}${exact}`, tip);
}

/** @param {MouseEvent} event */
function under(event) {
  const now = shown();
  const { figure } = last;
  if (!now || !figure) return null;
  const sheet = /** @type {HTMLElement} */ (event.currentTarget).getBoundingClientRect();
  const [left, top] = [event.clientX - sheet.left, event.clientY - sheet.top];
  const place = positionOf(figure, boxOf(figure, size.peek()), left, top);
  const found = place && now.plot.hit(now.source, place.x, place.y);
  return found ? { ...found, left, top } : null;
}

/** @param {PointerEvent} event */
function hover(event) {
  const at = under(event);
  hovered.value = at;
  lit.value = at?.lit ?? null;
  reach.value = at?.reach ?? null;
}

function leave() {
  hovered.value = null;
  lit.value = null;
  reach.value = null;
}

/** @param {MouseEvent} event */
function click(event) {
  const at = under(event);
  if (at?.t != null) moveToTimestep(at.t);
}

/** What can be chosen, and what can be done with the plot. @param {Shown} now */
function tools({ plot, source }) {
  const choices = plot.choices(source.pass).filter(({ choices: offered }) => offered.length > 1);
  const [first, ...rest] = choices.map((choice) =>
    select(plot.name, choice, source.options[choice.name]),
  );
  return html`${first ?? nothing}
    <button class="icon" aria-pressed=${enlarged.value} title="larger, smaller (L)" aria-label="larger plot" @click=${() => (enlarged.value = !enlarged.peek())}>⤢</button>
    <button class="icon" popovertarget="plot-menu" title="choices, and the plot as a file" aria-label="more of this plot">⋯</button>
    <div id="plot-menu" class="panel plot-menu" popover @toggle=${place}>
      ${rest}
      <div class="plot-files">${/** @type {const} */ (["png", "svg", "csv"]).map((kind) => html`<button class="button" @click=${() => void save(kind, plot, source)}>${kind.toUpperCase()}</button>`)}</div>
    </div>`;
}

/** @param {string} plot @param {import("../plots/catalogue.js").Choice} choice @param {string} value */
function select(plot, { name, word, choices }, value) {
  const choose = (/** @type {Event} */ { target }) =>
    (options.value = {
      ...options.peek(),
      [`${plot}.${name}`]: /** @type {HTMLSelectElement} */ (target).value,
    });
  return html`<label class="pick"><span>${word}</span>
    <select @change=${choose}>${choices.map(([one, said]) => html`<option value=${one} .selected=${one === value}>${said}</option>`)}</select></label>`;
}

/** The menu opens over its button. @param {Event} event */
function place(event) {
  const menu = /** @type {HTMLElement} */ (event.currentTarget);
  const button = document.querySelector("[popovertarget=plot-menu]")?.getBoundingClientRect();
  if (!button) return;
  menu.style.right = `${innerWidth - button.right}px`;
  menu.style.bottom = `${innerHeight - button.top + 6}px`;
}
