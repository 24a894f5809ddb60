/** A graph: one plot of one pass, with what of it the moment is, and what is under the pointer. */

import { drawn, drawnLate, sized } from "../drawing.js";
import { boxOf, positionOf, regionBox } from "../figure.js";
import { keyOf } from "../finding.js";
import { full, short } from "../number.js";
import { moveToTimestep } from "../playhead.js";
import { drawFigure } from "../plot.js";
import { alike } from "../plots/alike.js";
import { answersOf } from "../plots/options.js";
import { chosen, findings, lit, options, reach, theme, zoom } from "../store.js";
import { html, render } from "../vendor/lit-html/lit-html.js";
import { signal } from "../vendor/signals-core/signals-core.mjs";

/** @import { Figure, Region, Size } from "../figure.js" */
/** @import { Finding } from "../finding.js" */
/** @import { Pass } from "../pass.js" */
/** @import { Hit, Plot, Source } from "../plots/catalogue.js" */
/** @import { Moment } from "../types.js" */
/** A plot of a pass at a moment; `peers` are the passes that it is drawn on the same scales with, itself among them. @typedef {{ plot: Plot, pass: Pass, moment: Moment, peers?: Pass[] }} Given */
/** What shows. @typedef {Given & { source: Source, key: string, problem: string | null, waiting: boolean, progress: number, figure: () => Figure | null }} Shown */
/** @typedef {{ wide: number, high: number }} Room in letters */

export class Graph {
  size = signal({ width: 0, height: 0, text: 12 });
  hovered = signal(/** @type {(Hit & { left: number, top: number }) | null} */ (null));
  /** The figure that was drawn last, and what it was drawn for. */
  last = { key: "", figure: /** @type {Figure | null} */ (null) };
  /** How to read it, and what that was worked out for. */
  words = { key: "", reading: "" };
  /** Which plot of which pass shows. */
  subject = "";

  /** @param {HTMLElement} element @param {() => Given | null} given @param {(shown: Shown) => void} [also] draws what belongs to it elsewhere */
  constructor(element, given, also = () => {}) {
    this.element = element;
    this.given = given;
    render(this.#frame(), element);
    const plot = this.#part("plot");
    const text = () => Number.parseFloat(getComputedStyle(plot).fontSize);
    sized(plot, (width, height) => (this.size.value = { width, height, text: text() }));
    const shown = () => this.#shown();
    drawn(shown, (now) => {
      if (!now) return;
      also(now);
      this.#drawAround(now);
    });
    drawnLate(shown, (now) => now && this.#draw(now));
    drawn(
      () => ({ at: this.hovered.value, pointed: lit.value, now: this.#shown() }),
      ({ at, pointed, now }) => now && this.#drawPointed(now, at, pointed),
    );
  }

  /** @param {string} name @returns {HTMLElement} */
  #part(name) {
    return /** @type {HTMLElement} */ (this.element.querySelector(`.${name}`));
  }

  #frame() {
    const leave = () => this.#point(null);
    return html`<div class="plot-sheet" @pointermove=${(/** @type {PointerEvent} */ event) => this.#point(this.#under(event))}
        @pointerleave=${leave} @click=${(/** @type {MouseEvent} */ event) => this.#click(event)}>
        <div class="graph plot" role="img"></div>
        <div class="plot-now" aria-hidden="true" hidden></div>
        <div class="plot-mark" aria-hidden="true" hidden></div>
        <div class="plot-wait" hidden></div>
        <div class="plot-tip" aria-hidden="true" hidden></div>
      </div>
      <p class="reading"></p>`;
  }

  #shown() {
    const given = this.given();
    return given && shownOf(given, this.size.value);
  }

  /** The figure, where it is another than the one that shows. @param {Shown} now */
  #draw(now) {
    const { width } = this.size.peek();
    if (now.key === this.last.key || width === 0) return;
    const figure = now.figure();
    this.last = { key: now.key, figure };
    const host = this.#part("plot");
    host.classList.toggle("empty", figure === null);
    this.element.classList.toggle("square", figure?.square === true);
    if (figure) drawFigure(host, figure, this.size.peek(), now.source.theme);
    this.#drawNow(now);
    this.#drawPointed(now, this.hovered.peek(), lit.peek());
  }

  /** All but the figure. @param {Shown} now */
  #drawAround(now) {
    const { plot, source, problem, waiting, progress } = now;
    this.#forget(`${plot.name} ${now.pass.plan.id}`);
    const isNew = now.key !== this.words.key;
    const reading = isNew ? plot.reading(source) : this.words.reading;
    this.words = { key: now.key, reading };
    render(reading, this.#part("reading"));
    this.#part("plot").setAttribute("aria-label", `${plot.word}. ${reading}`);
    const wait = this.#part("plot-wait");
    wait.hidden = !waiting && problem === null;
    render(problem ?? waited(progress), wait);
    wait.classList.toggle("wrong", problem !== null);
    this.#drawNow(now);
  }

  /** Another plot has something else under the pointer. @param {string} subject */
  #forget(subject) {
    if (subject !== this.subject && this.hovered.peek()) this.#point(null);
    this.subject = subject;
  }

  /** What of the plot the moment is. @param {Shown} now */
  #drawNow({ plot, source }) {
    this.#put("plot-now", this.last.figure && plot.now(source));
  }

  /** @param {string} name @param {Region | null} region */
  #put(name, region) {
    const box = this.#part(name);
    const { figure } = this.last;
    box.hidden = !region || !figure;
    if (!region || !figure) return;
    const place = regionBox(figure, boxOf(figure, this.size.peek()), region);
    for (const [side, pixels] of Object.entries(place)) box.style.setProperty(side, `${pixels}px`);
  }

  /** What is pointed at, here or elsewhere. @param {Shown} now @param {Graph["hovered"]["value"]} at @param {typeof lit.value} pointed */
  #drawPointed({ plot, source }, at, pointed) {
    this.#put("plot-mark", at?.region ?? (pointed && plot.mark(source, pointed)));
    const tip = this.#part("plot-tip");
    tip.hidden = at === null;
    if (!at) return;
    const { width, height } = this.size.peek();
    const low = at.top > height / 2;
    tip.style.left = `${Math.max(0, Math.min(at.left + 14, width - 200))}px`;
    tip.style.top = low ? "auto" : `${at.top + 14}px`;
    tip.style.bottom = low ? `${height - at.top + 8}px` : "auto";
    render(told(at), tip);
  }

  /** @param {MouseEvent} event */
  #under(event) {
    const now = this.#shown();
    const { figure } = this.last;
    if (!now || !figure) return null;
    const sheet = /** @type {HTMLElement} */ (event.currentTarget).getBoundingClientRect();
    const [left, top] = [event.clientX - sheet.left, event.clientY - sheet.top];
    const place = positionOf(figure, boxOf(figure, this.size.peek()), left, top);
    const found = place && now.plot.hit(now.source, place.x, place.y);
    return found ? { ...found, left, top } : null;
  }

  /** @param {Graph["hovered"]["value"]} at */
  #point(at) {
    this.hovered.value = at;
    lit.value = at?.lit ?? null;
    reach.value = at?.reach ?? null;
  }

  /** @param {MouseEvent} event */
  #click(event) {
    const at = this.#under(event);
    if (at?.t != null) moveToTimestep(at.t);
  }
}

/** What there is to show, and what it depends on. @param {Given} given @param {Size} size @returns {Shown} */
export function shownOf(given, { width, height, text }) {
  const { plot, pass: now, moment: at, peers = [now] } = given;
  zoom.value;
  const states = peers.map((one) => stateOf(plot, one));
  const own = stateOf(plot, now);
  const source = sourceOf(given, own, { wide: width / text, high: height / text });
  const news = states.map(({ pass: one, arrived }) => [one.plan.id, one.here, ...arrived].join());
  const look = [theme.value, width, height, text, chosen.value.unit, plot.moves ? at.index : ""];
  return {
    ...given,
    source,
    key: [plot.name, ...news, ...Object.values(own.answers), ...look].join(),
    problem: own.asked.find((one) => one?.problem)?.problem ?? null,
    waiting: !now.complete || own.asked.some((one) => !one?.complete.value),
    progress: Math.min(1, ...own.arrived.map((one) => one / now.sizes.T)),
    figure: () => figureOf(given, source),
  };
}

/** What a plot has of a pass: the answers to its choices, and how far that has come which it needs. @param {Plot} plot @param {Pass} pass */
function stateOf(plot, pass) {
  pass.arrived.value;
  const answers = answersOf(plot, pass, options.value);
  const asked = plot.needs(answers).map((what) => findings.value.get(keyOf(pass, what)) ?? null);
  return { pass, answers, asked, arrived: asked.map((one) => one?.arrived.value ?? 0) };
}

/** @param {Given} given @param {ReturnType<typeof stateOf>} state @param {Room} room @returns {Source} */
function sourceOf({ plot, moment, peers }, { pass, answers, asked, arrived }, room) {
  const source = {
    pass,
    found: (/** @type {string} */ name) => arrayOf(asked, name),
    since: pass.sizes.T - Math.min(pass.sizes.T, ...arrived),
    moment,
    selected: chosen.value,
    theme: theme.value,
    options: answers,
    room,
    tops: null,
  };
  if (!peers || !plot.tops) return source;
  const given = { plot, pass, moment };
  const all = peers.map((one) => plot.tops?.(sourceOf(given, stateOf(plot, one), room)) ?? []);
  return { ...source, tops: largest(all) };
}

/** The largest of each. @param {number[][]} all */
function largest(all) {
  const longest = all.reduce((most, one) => (one.length > most.length ? one : most), []);
  return longest.map((_, i) => Math.max(...all.map((one) => one[i] ?? 0)));
}

/** The figure, on the scales that all its peers have. @param {Given} given @param {Source} source */
function figureOf({ plot, pass, moment, peers }, source) {
  if (!peers) return plot.figure(source);
  const given = { plot, pass, moment, peers };
  const figures = peers.map((one) =>
    one === pass
      ? plot.figure(source)
      : plot.figure(sourceOf(given, stateOf(plot, one), source.room)),
  );
  return alike(figures)[peers.indexOf(pass)];
}

/** @param {(Finding | null)[]} asked @param {string} name */
function arrayOf(asked, name) {
  for (const one of asked) {
    const found = one?.arrays.get(name);
    if (found) return found;
  }
  return null;
}

/** How far it has come, once that is worth telling. @param {number} progress */
function waited(progress) {
  return progress > 0 && progress < 1
    ? html`<progress max="1" .value=${progress}></progress>`
    : html`<span class="quiet">computing …</span>`;
}

/** @param {Hit} hit */
function told({ told: words, value }) {
  if (value === null) return html`${words}`;
  return html`<b>${short(value)}</b> ${words}<br /><span class="exact">${full(value)}</span>`;
}
