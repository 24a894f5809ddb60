/** The transport: the five keys, how far an arrow goes, how fast it plays, and the step by its number. */

import { drawn } from "../drawing.js";
import { fullScreen } from "../keys.js";
import {
  currentStops,
  granularity,
  moment,
  move,
  moveToEnd,
  moveToTimestep,
  playing,
  SPEEDS,
  speed,
  togglePlaying,
} from "../playhead.js";
import { pass, presenting } from "../store.js";
import { html, render } from "../vendor/lit-html/lit-html.js";
import * as scrubber from "./scrubber.js";

/** @import { Granularity } from "../types.js" */

const ICONS = {
  first: "M1 1h2.5v12H1zM13 1v12L4.5 7z",
  back: "M11.5 1v12L2.5 7z",
  play: "M2.5 1v12l10-6z",
  pause: "M2 1h3.5v12H2zM8.5 1H12v12H8.5z",
  forward: "M2.5 1v12l9-6z",
  last: "M10.5 1H13v12h-2.5zM1 1v12l8.5-6z",
  full: "M1 1h5v1.8H2.8V6H1zM8 11.2h3.2V8H13v5H8z",
  leave: "M2.3 1 7 5.7 11.7 1 13 2.3 8.3 7l4.7 4.7-1.3 1.3L7 8.3 2.3 13 1 11.7 5.7 7 1 2.3z",
};
const GRANULARITIES = /** @type {Granularity[]} */ (["pass", "timestep", "equation"]);

/** @param {HTMLElement} element */
export function mount(element) {
  render(
    html`<div class="keys" role="group" aria-label="Keys of the transport"></div>
      <div class="settings"></div>
      <div class="scrubber" role="slider" tabindex="0" aria-label="Moment of the pass"></div>
      <div class="room-keys">
        ${key("full", "Full screen (F)", fullScreen, false)}
        ${key("leave", "Leave Present (Esc)", () => (presenting.value = false), false)}
      </div>`,
    element,
  );
  const part = (/** @type {string} */ name) =>
    /** @type {HTMLElement} */ (element.querySelector(`.${name}`));
  drawn(state, (now) => {
    render(keys(now), part("keys"));
    render(settings(now), part("settings"));
  });
  scrubber.mount(part("scrubber"));
}

function state() {
  return {
    at: moment.value,
    stops: currentStops(),
    by: granularity.value,
    isPlaying: playing.value,
    pace: speed.value,
    steps: pass.value?.sizes.T ?? 0,
  };
}

/** @param {ReturnType<typeof state>} now */
function keys({ at, stops, isPlaying }) {
  const atStart = !at || at.index <= (stops[0] ?? 0);
  const atEnd = !at || at.index >= (stops.at(-1) ?? 0);
  return html`${key("first", "First moment (Home)", () => moveToEnd(-1), atStart)}
    ${key("back", "Back (←)", () => move(-1), atStart)}
    ${key(isPlaying ? "pause" : "play", isPlaying ? "Pause (Space)" : "Play (Space)", togglePlaying, !at)}
    ${key("forward", "Forward (→)", () => move(1), atEnd)}
    ${key("last", "Last moment (End)", () => moveToEnd(1), atEnd)}`;
}

/** @param {ReturnType<typeof state>} now */
function settings({ at, by, pace, steps }) {
  return html`<fieldset class="choice" aria-label="How far one step goes">
      ${GRANULARITIES.map(
        (one) =>
          html`<label><input type="radio" name="granularity" .checked=${one === by} @change=${() => (granularity.value = one)} />${one}</label>`,
      )}
    </fieldset>
    <select class="speed" aria-label="Speed of playing" @change=${changeSpeed}>
      ${SPEEDS.map((one) => html`<option value=${one} .selected=${one === pace}>${one}×</option>`)}
    </select>
    <label class="jump" title="go to a step (J)">step
      <input id="jump" inputmode="numeric" autocomplete="off" size="3" .value=${at?.t == null ? "" : String(at.t + 1)}
        @keydown=${(/** @type {KeyboardEvent} */ event) => typed(event, steps)}
        @change=${(/** @type {Event} */ event) => jump(/** @type {HTMLInputElement} */ (event.target), steps)} />of ${steps}</label>`;
}

/** @param {Event} event */
function changeSpeed(event) {
  speed.value = Number(/** @type {HTMLSelectElement} */ (event.target).value);
}

/** Enter goes there and gives the keys back to the page; Escape gives them back as they were. @param {KeyboardEvent} event @param {number} steps */
function typed(event, steps) {
  if (event.key !== "Enter" && event.key !== "Escape") return;
  const input = /** @type {HTMLInputElement} */ (event.target);
  event.stopPropagation();
  if (event.key === "Enter") jump(input, steps);
  else input.value = here();
  /** @type {HTMLElement | null} */ (document.querySelector(".scrubber"))?.focus();
}

/** To the step that is named, or the nearest there is; nowhere where none is. @param {HTMLInputElement} input @param {number} steps */
function jump(input, steps) {
  const wanted = Number.parseInt(input.value, 10);
  if (!Number.isNaN(wanted)) {
    playing.value = false;
    moveToTimestep(Math.min(steps, Math.max(1, wanted)) - 1);
  }
  input.value = here();
}

/** The number of the step that shows. */
function here() {
  const t = moment.peek()?.t;
  return t == null ? "" : String(t + 1);
}

/** @param {keyof typeof ICONS} icon @param {string} label @param {() => void} action @param {boolean} disabled */
function key(icon, label, action, disabled) {
  const play = icon === "play" || icon === "pause";
  return html`<button class="key ${play ? "play" : ""}" aria-label=${label} title=${label} ?disabled=${disabled} @click=${action}>
    <svg viewBox="0 0 14 14" aria-hidden="true"><path d=${ICONS[icon]}></path></svg>
  </button>`;
}
