/** The keyboard: which key does what, wherever the focus is, but for fields that are typed in. */

import { granularity, move, moveTimestep, moveToEnd, playing, togglePlaying } from "./playhead.js";
import { panel, theme, themeChosen, zoom } from "./store.js";

/** @import { Granularity } from "./types.js" */

const SMALLEST = 0.8;
const LARGEST = 2;
const NEXT = /** @type {Record<Granularity, Granularity>} */ ({
  pass: "timestep",
  timestep: "equation",
  equation: "pass",
});

/** @type {Record<string, (event: KeyboardEvent) => void>} */
const KEYS = {
  " ": togglePlaying,
  ArrowRight: (event) => step(event, 1),
  ArrowLeft: (event) => step(event, -1),
  PageDown: (event) => step(event, 1),
  PageUp: (event) => step(event, -1),
  Home: () => moveToEnd(-1),
  End: () => moveToEnd(1),
  g: () => (granularity.value = NEXT[granularity.peek()]),
  e: () => (panel.value = panel.peek() === "experiment" ? null : "experiment"),
  d: changeTheme,
  f: fullScreen,
  "+": () => resize(1.1),
  "=": () => resize(1.1),
  "-": () => resize(1 / 1.1),
  "?": () => (panel.value = "help"),
  Escape: () => (panel.value = null),
};

export function listen() {
  document.addEventListener("keydown", (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    const action = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action || event.ctrlKey || event.metaKey || event.altKey || takes(target, event.key))
      return;
    event.preventDefault();
    action(event);
  });
}

/** Whether the focused element needs the key for itself. @param {HTMLElement} target @param {string} key */
function takes(target, key) {
  if (target.closest("dialog[open]")) return true;
  if (key === "Escape") return false;
  if (target.matches("textarea, select, input:not([type=radio]):not([type=checkbox])")) return true;
  if (key === " ") return target.matches("button, input");
  return target.matches("input[type=radio]") && key.startsWith("Arrow");
}

/** @param {KeyboardEvent} event @param {1 | -1} direction */
function step(event, direction) {
  playing.value = false;
  if (event.shiftKey) moveTimestep(direction);
  else move(direction);
}

function changeTheme() {
  themeChosen.value = true;
  theme.value = theme.peek() === "dark" ? "light" : "dark";
}

function fullScreen() {
  if (document.fullscreenElement) void document.exitFullscreen();
  else void document.documentElement.requestFullscreen();
}

/** @param {number} by */
function resize(by) {
  zoom.value = Math.min(LARGEST, Math.max(SMALLEST, zoom.peek() * by));
}
