/** The transport: the five keys, how far an arrow goes, how fast it plays, and the scrubber. */

import { drawn, sized } from "../drawing.js";
import { PHASES } from "../moments.js";
import {
  currentStops,
  goTo,
  granularity,
  moment,
  move,
  moveToEnd,
  playing,
  SPEEDS,
  speed,
  togglePlaying,
} from "../playhead.js";
import { plain, sentence } from "../sentence.js";
import { chosen, pass, timeline } from "../store.js";
import { html, render, svg } from "../vendor/lit-html/lit-html.js";
import { signal } from "../vendor/signals-core/signals-core.mjs";

/** @import { Granularity, Moment, Phase } from "../types.js" */
/** A phase on the scrubber: where it is, and the moments its stops are. @typedef {{ phase: Phase, from: number, to: number, stops: number[] }} Span */

const ICONS = {
  first: "M1 1h2.5v12H1zM13 1v12L4.5 7z",
  back: "M11.5 1v12L2.5 7z",
  play: "M2.5 1v12l10-6z",
  pause: "M2 1h3.5v12H2zM8.5 1H12v12H8.5z",
  forward: "M2.5 1v12l9-6z",
  last: "M10.5 1H13v12h-2.5zM1 1v12l8.5-6z",
};
const GRANULARITIES = /** @type {Granularity[]} */ (["pass", "timestep", "equation"]);
const GAP = 2;
/** A phase of one stop is still wide enough to be seen and hit. */
const LEAST = 42;
const BAR = 7;

const width = signal(0);

/** @param {HTMLElement} element */
export function mount(element) {
  drawn(state, (now) => render(controls(now), element));
  sized(element, () => (width.value = element.querySelector(".scrubber")?.clientWidth ?? 0));
}

function state() {
  const line = timeline.value;
  const now = pass.value;
  now?.arrived.value;
  return {
    at: moment.value,
    stops: currentStops(),
    spans: line ? spans(line.list, currentStops(), width.value - 16) : [],
    by: granularity.value,
    isPlaying: playing.value,
    pace: speed.value,
    spoken: now && moment.value ? plain(sentence(now, moment.value, chosen.value)) : "",
  };
}

/** @param {ReturnType<typeof state>} now */
function controls(now) {
  const { at, stops } = now;
  const atStart = !at || at.index <= (stops[0] ?? 0);
  const atEnd = !at || at.index >= (stops.at(-1) ?? 0);
  return html`<div class="keys">
      ${key("first", "First moment (Home)", () => moveToEnd(-1), atStart)}
      ${key("back", "Back (←)", () => move(-1), atStart)}
      ${key(now.isPlaying ? "pause" : "play", now.isPlaying ? "Pause (Space)" : "Play (Space)", togglePlaying, !at)}
      ${key("forward", "Forward (→)", () => move(1), atEnd)}
      ${key("last", "Last moment (End)", () => moveToEnd(1), atEnd)}
    </div>
    <fieldset class="choice" aria-label="How far one step goes">
      ${GRANULARITIES.map(
        (one) =>
          html`<label><input type="radio" name="granularity" .checked=${one === now.by} @change=${() => (granularity.value = one)} />${one}</label>`,
      )}
    </fieldset>
    <select class="speed" aria-label="Speed of playing" @change=${changeSpeed}>
      ${SPEEDS.map((one) => html`<option value=${one} .selected=${one === now.pace}>${one}×</option>`)}
    </select>
    ${scrubber(now)}`;
}

/** @param {Event} event */
function changeSpeed(event) {
  speed.value = Number(/** @type {HTMLSelectElement} */ (event.target).value);
}

/** @param {keyof typeof ICONS} icon @param {string} label @param {() => void} action @param {boolean} disabled */
function key(icon, label, action, disabled) {
  const play = icon === "play" || icon === "pause";
  return html`<button class="key ${play ? "play" : ""}" aria-label=${label} title=${label} ?disabled=${disabled} @click=${action}>
    <svg viewBox="0 0 14 14" aria-hidden="true"><path d=${ICONS[icon]}></path></svg>
  </button>`;
}

/** @param {Moment[]} list @param {number[]} stops @param {number} room @returns {Span[]} */
function spans(list, stops, room) {
  const groups = PHASES.map((phase) => ({
    phase,
    stops: stops.filter((i) => list[i].phase === phase),
  }));
  const fixed = groups.filter((group) => group.stops.length <= 2);
  const many = groups.reduce(
    (sum, group) => sum + (group.stops.length > 2 ? group.stops.length : 0),
    0,
  );
  const left = room - fixed.length * LEAST - GAP * (groups.length - 1);
  const equal = (room - GAP * (groups.length - 1)) / groups.length;
  let from = 8;
  return groups.map((group) => {
    const size =
      many === 0 ? equal : group.stops.length > 2 ? (left * group.stops.length) / many : LEAST;
    const span = { ...group, from, to: from + Math.max(size, 1) };
    from = span.to + GAP;
    return span;
  });
}

/** @param {ReturnType<typeof state>} now */
function scrubber({ at, spans: all, stops, spoken }) {
  const x = at ? knob(all, at) : 8;
  return html`<div class="scrubber" role="slider" tabindex="0" aria-label="Moment of the pass"
    aria-valuemin="1" aria-valuemax=${stops.length} aria-valuenow=${place(stops, at) + 1} aria-valuetext=${spoken}
    @pointerdown=${grab} @pointermove=${drag}>
    <svg height="36" aria-hidden="true">
      ${all.map(bar)}
      ${at ? svg`<circle class="knob" cx=${x} cy="13" r="8"></circle>` : ""}
    </svg>
  </div>`;
}

/** @param {Span} span */
function bar({ phase, from, to, stops }) {
  const step = (to - from) / stops.length;
  const ticks = step > 6 ? stops.slice(1).map((_, i) => from + (i + 1) * step) : [];
  return svg`<rect class=${phase} x=${from} y=${13 - BAR / 2} width=${to - from} height=${BAR} rx="3.5"></rect>
    ${ticks.map((x) => svg`<path class="tick" d=${`M${x} 9v8`}></path>`)}
    <text x=${(from + to) / 2} y="33">${phase}</text>`;
}

/** @param {number[]} stops @param {Moment | null} at */
function place(stops, at) {
  const found = stops.findLastIndex((index) => index <= (at?.index ?? 0));
  return Math.max(0, found);
}

/** Where the knob is: in the middle of its stop, or between two where the moment lies there. @param {Span[]} all @param {Moment} at */
function knob(all, at) {
  const span = /** @type {Span} */ (all.find((one) => one.phase === at.phase));
  const step = (span.to - span.from) / span.stops.length;
  const found = span.stops.findLastIndex((index) => index <= at.index);
  const between = found < 0 || span.stops[found] !== at.index ? 0.5 : 0;
  return span.from + Math.max(0, found + 0.5 + between) * step;
}

/** @param {PointerEvent} event */
function grab(event) {
  const element = /** @type {HTMLElement} */ (event.currentTarget);
  element.setPointerCapture(event.pointerId);
  playing.value = false;
  scrubTo(element, event.clientX);
}

/** @param {PointerEvent} event */
function drag(event) {
  const element = /** @type {HTMLElement} */ (event.currentTarget);
  if (element.hasPointerCapture(event.pointerId)) scrubTo(element, event.clientX);
}

/** @param {HTMLElement} element @param {number} clientX */
function scrubTo(element, clientX) {
  const x = clientX - element.getBoundingClientRect().left;
  const { spans: all } = state();
  const span = all.find((one) => x <= one.to + GAP) ?? all.at(-1);
  if (!span) return;
  const step = (span.to - span.from) / span.stops.length;
  const at = Math.floor((x - span.from) / step);
  goTo(span.stops[Math.max(0, Math.min(span.stops.length - 1, at))]);
}
