/** The scrubber: the whole pass as one bar, coloured by phase, and the knob that is moved along it. */

import { drawn, sized } from "../drawing.js";
import { PHASES } from "../moments.js";
import { currentStops, goTo, moment, move, playing } from "../playhead.js";
import { plain, sentence } from "../sentence.js";
import { book, chosen, pass, timeline } from "../store.js";
import { html, render, svg } from "../vendor/lit-html/lit-html.js";
import { computed, signal } from "../vendor/signals-core/signals-core.mjs";

/** @import { Moment, Phase } from "../types.js" */
/** A phase on the scrubber: where it is, and the moments its stops are. @typedef {{ phase: Phase, from: number, to: number, stops: number[] }} Span */

const GAP = 2;
/** What the knob needs beyond either end. */
const END = 8;
/** A phase of one stop is still wide enough to be hit, and for its name: so many letters' breadths and one more. */
const LEAST = 42;
const LETTER = 0.58;
/** How far down the middle of the bar is; what is as tall as no text. */
const MIDDLE = 13;
const WITHOUT_TEXT = 24;
/** The size of text the bar and the knob are drawn for. */
const USUAL = 12;

/** How wide the scrubber is, and how large its text, which its height is made of. */
const room = signal({ width: 0, em: USUAL });

/** Where each phase is: only another pass, another way to stop or another width changes it. */
const spans = computed(() => {
  const line = timeline.value;
  const { width, em } = room.value;
  return line ? spread(line.list, currentStops(), width - 2 * END, em) : [];
});

/** @param {HTMLElement} element */
export function mount(element) {
  render(html`<svg aria-hidden="true"><g></g><circle class="knob"></circle></svg>`, element);
  const bars = /** @type {SVGElement} */ (element.querySelector("g"));
  element.addEventListener("pointerdown", grab);
  element.addEventListener("pointermove", drag);
  element.addEventListener("keydown", turn);
  sized(element, (width, height) => (room.value = { width, em: height - WITHOUT_TEXT }));
  drawn(
    () => ({ all: spans.value, em: room.value.em }),
    ({ all, em }) =>
      render(
        all.map((span) => bar(span, em)),
        /** @type {any} */ (bars),
      ),
  );
  drawn(state, (now) => draw(element, now));
}

function state() {
  const now = pass.value;
  now?.arrived.value;
  book.value;
  return {
    now,
    at: moment.value,
    stops: currentStops(),
    selected: chosen.value,
    all: spans.value,
    em: room.value.em,
  };
}

/** @param {HTMLElement} element @param {ReturnType<typeof state>} state */
function draw(element, { now, at, stops, selected, all, em }) {
  const place = stops.findLastIndex((index) => index <= (at?.index ?? 0));
  element.ariaValueMin = "1";
  element.ariaValueMax = String(stops.length);
  element.ariaValueNow = String(Math.max(0, place) + 1);
  element.ariaValueText = now && at ? plain(sentence(now, at, selected)) : "";
  const circle = /** @type {SVGElement} */ (element.querySelector(".knob"));
  circle.setAttribute("cx", String(at && all.length > 0 ? knob(all, at) : END));
  circle.setAttribute("cy", String(MIDDLE));
  circle.setAttribute("r", String(8 * grown(em)));
}

/** How much larger the bar is where text is: half as much as text. @param {number} em */
function grown(em) {
  return (1 + em / USUAL) / 2;
}

/** @param {Moment[]} list @param {number[]} stops @param {number} width @param {number} em @returns {Span[]} */
function spread(list, stops, width, em) {
  const groups = PHASES.map((phase) => {
    const own = stops.filter((i) => list[i].phase === phase);
    return { phase, stops: own, least: Math.max(LEAST, (phase.length + 1) * LETTER * em) };
  });
  const fixed = groups.filter((group) => group.stops.length <= 2);
  const many = stops.length - fixed.reduce((sum, group) => sum + group.stops.length, 0);
  const inside = width - GAP * (groups.length - 1);
  const left = inside - fixed.reduce((sum, { least }) => sum + least, 0);
  let from = END;
  return groups.map(({ phase, stops: own, least }) => {
    const size =
      own.length > 2 ? (left * own.length) / many : many > 0 ? least : inside / groups.length;
    const span = { phase, stops: own, from, to: from + Math.max(size, 1) };
    from = span.to + GAP;
    return span;
  });
}

/** @param {Span} span @param {number} em */
function bar({ phase, from, to, stops }, em) {
  const step = (to - from) / stops.length;
  const ticks = step > 6 ? stops.slice(1).map((_, i) => from + (i + 1) * step) : [];
  const high = 7 * grown(em);
  return svg`<rect class=${phase} x=${from} y=${MIDDLE - high / 2} width=${to - from} height=${high} rx=${high / 2}></rect>
    ${ticks.map((x) => svg`<path class="tick" d=${`M${x} ${MIDDLE - high / 2 - 0.5}v${high + 1}`}></path>`)}
    <text x=${(from + to) / 2} y=${MIDDLE + 8 + em}>${phase}</text>`;
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
  const all = spans.peek();
  const span = all.find((one) => x <= one.to + GAP) ?? all.at(-1);
  if (!span) return;
  const step = (span.to - span.from) / span.stops.length;
  const at = Math.floor((x - span.from) / step);
  goTo(span.stops[Math.max(0, Math.min(span.stops.length - 1, at))]);
}

/** A slider goes up and down too; left and right are the page's. @param {KeyboardEvent} event */
function turn(event) {
  const by = { ArrowUp: 1, ArrowDown: -1 }[event.key];
  if (!by) return;
  event.preventDefault();
  playing.value = false;
  move(/** @type {1 | -1} */ (by));
}
