/** The playhead: one moment of the pass, and the ways to move it. */

import { find } from "./moments.js";
import { timeline } from "./store.js";
import { computed, effect, signal } from "./vendor/signals-core/signals-core.mjs";

/** @import { Granularity, Moment } from "./types.js" */

/** @typedef {{ phase: string, t: number | null, layer: number | null, kind: string, target: string | null }} Place */

/** Where the playhead should be, in words that outlive the pass; and which moment that was last. */
let last = 0;
const place = signal(
  /** @type {Place} */ ({ phase: "forward", t: 0, layer: null, kind: "loss", target: "loss" }),
);

/** How far an arrow moves. */
export const granularity = signal(/** @type {Granularity} */ ("timestep"));

/** The moment that shows; null where there is no pass yet. */
export const moment = computed(() => {
  const line = timeline.value;
  if (!line) return null;
  last = find(line.list, place.value, last);
  return line.list[last];
});

/** Whether it plays by itself. */
export const playing = signal(false);

/** Moments a second, as a factor of the ordinary pace. */
export const speed = signal(1);
export const SPEEDS = [0.5, 1, 2, 4, 8];

/** Stops a second at speed 1. */
const PACE = { pass: 0.5, timestep: 1.25, equation: 1.25 };

/** @param {Place} wanted */
export function goToPlace(wanted) {
  place.value = wanted;
}

/** @param {Moment} wanted @returns {Place} */
export function placeOf(wanted) {
  const { phase, t, layer, kind, line } = wanted;
  return { phase, t, layer, kind, target: line?.target ?? null };
}

/** @param {number} index of a moment */
export function goTo(index) {
  const wanted = timeline.value?.list[index];
  if (!wanted) return;
  last = index;
  place.value = placeOf(wanted);
}

/** The stops of the current granularity. */
export function currentStops() {
  return timeline.value?.stops(granularity.value) ?? [];
}

/** The next stop, or the one before. @param {1 | -1} direction @param {number[]} [among] */
export function move(direction, among = currentStops()) {
  const at = moment.value?.index ?? 0;
  const target = direction > 0 ? among.find((index) => index > at) : before(among, at);
  if (target !== undefined) goTo(target);
  return target !== undefined;
}

/** A whole timestep on, whatever the granularity. @param {1 | -1} direction */
export function moveTimestep(direction) {
  return move(direction, timeline.value?.stops("timestep") ?? []);
}

/** @param {number[]} among @param {number} at */
function before(among, at) {
  return among.filter((index) => index < at).at(-1);
}

/** The first stop, or the last. @param {1 | -1} end */
export function moveToEnd(end) {
  const target = currentStops().at(end > 0 ? -1 : 0);
  if (target !== undefined) goTo(target);
}

/** To a timestep: in the phase that shows where it has timesteps, else on the way forward. @param {number} t */
export function moveToTimestep(t) {
  const phase = moment.value?.phase === "backward" ? "backward" : "forward";
  const list = timeline.value?.list ?? [];
  const target = (timeline.value?.stops("timestep") ?? []).find(
    (index) => list[index].phase === phase && list[index].t === t,
  );
  if (target !== undefined) goTo(target);
}

/** Play, from the start where it stands at the end; or pause. */
export function togglePlaying() {
  if (!playing.value && moment.value?.index === currentStops().at(-1)) moveToEnd(-1);
  playing.value = !playing.value;
}

/** Plays evenly: the next stop is due a fixed time after the one before, whatever drawing took. */
export function startClock() {
  effect(() => {
    if (!playing.value) return;
    const interval = 1000 / (PACE[granularity.value] * speed.value);
    let due = performance.now() + interval;
    let frame = requestAnimationFrame(function tick(now) {
      // Asked for first, so that stopping at the end takes this back too.
      frame = requestAnimationFrame(tick);
      for (; now >= due && playing.peek(); due += interval) if (!move(1)) playing.value = false;
    });
    return () => cancelAnimationFrame(frame);
  });
}
