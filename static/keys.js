/** The keys: what each does and how it is told. The keyboard listens by this list, and the help shows it. */

import { FACES, show, showNext, showNextBook, showNextPicture } from "./faces.js";
import { undoLast } from "./overrides.js";
import { granularity, move, moveTimestep, moveToEnd, playing, togglePlaying } from "./playhead.js";
import {
  bare,
  comparing,
  curtain,
  enlarged,
  panel,
  pass,
  presenting,
  rivals,
  theme,
  themeChosen,
  workingsShown,
  zoom,
} from "./store.js";
import { firstOf, THINGS } from "./things.js";

/** @import { Granularity } from "./types.js" */
/**
 * Keys that belong together: what is told of them, and what each does, in order. `again` tells that
 * a key that is held down goes on; `room` that the keys are the page's only while it is presenting.
 * @typedef {{ told: string, keys: Record<string, () => void>, again?: boolean, room?: boolean }} Row
 * @typedef {{ title: string, rows: Row[] }} Group
 */

const SMALLEST = 0.8;
const LARGEST = 2;
const STEP = 1.1;
const NEXT = /** @type {Record<Granularity, Granularity>} */ ({
  pass: "timestep",
  timestep: "equation",
  equation: "pass",
});

/** @type {Group[]} */
export const KEYS = [
  {
    title: "Stepping",
    rows: [
      { told: "play, pause", keys: { " ": togglePlaying } },
      {
        told: "one stop back, forward",
        keys: { ArrowLeft: () => step(-1), ArrowRight: () => step(1) },
        again: true,
      },
      {
        told: "the same, as a clicker sends it",
        keys: { PageUp: () => step(-1), PageDown: () => step(1) },
        again: true,
      },
      {
        told: "one timestep back, forward",
        keys: { "Shift+ArrowLeft": () => stride(-1), "Shift+ArrowRight": () => stride(1) },
        again: true,
      },
      {
        told: "first stop, last stop",
        keys: { Home: () => moveToEnd(-1), End: () => moveToEnd(1) },
      },
      { told: "go to a step by its number", keys: { j: jump } },
      {
        told: "how far apart stops are: pass, timestep, equation",
        keys: { g: () => (granularity.value = NEXT[granularity.peek()]) },
      },
    ],
  },
  {
    title: "Looking",
    rows: [
      { told: "the network unrolled, rolled up, or one cell of it", keys: { v: showNextPicture } },
      { told: "the equation, its numbers", keys: { n: () => showNext("meaning") } },
      { told: "the code in NumPy, in PyTorch", keys: { c: () => showNext("code") } },
      {
        told: "the moment’s workings over the stage, or not",
        keys: { k: () => (workingsShown.value = !workingsShown.peek()) },
      },
      ...FACES.plots.map(({ name, word, key = "" }) => ({
        told: word.toLowerCase(),
        keys: { [key]: () => show("plots", name) },
      })),
      { told: "larger plot: and back", keys: { l: enlarge } },
      {
        told: "whose letters: Goodfellow’s, PyTorch’s, Karpathy’s",
        keys: { s: showNextBook },
      },
      {
        told: "larger, smaller text",
        keys: { "+": () => resize(STEP), "-": () => resize(1 / STEP) },
        again: true,
      },
      { told: "dark, light", keys: { d: changeTheme } },
    ],
  },
  {
    title: "Presenting",
    rows: [
      { told: "Present, for a room: and back", keys: { p: present } },
      { told: "in Present, the card away: and back", keys: { 0: putAway }, room: true },
      { told: "full screen; Esc leaves it first", keys: { f: fullScreen } },
      { told: "a dark screen, until any key", keys: { b: darken, ".": darken } },
      {
        told: "in Present, nothing: clickers send it to start",
        keys: { F5: () => {} },
        room: true,
      },
    ],
  },
  {
    title: "The page",
    rows: [
      { told: "the experiment", keys: { e: () => toggle("experiment") } },
      { told: "side by side with another experiment: and back", keys: { m: compare } },
      { told: "what if one number were another", keys: { w: () => toggle("whatif") } },
      { told: "undo the last change of a number; Ctrl+Z too", keys: { z: undoLast } },
      { told: "this help", keys: { "?": () => toggle("help") } },
      { told: "close what is open; else leave Present", keys: { Escape: close } },
    ],
  },
];

/** @param {1 | -1} direction */
function step(direction) {
  playing.value = false;
  move(direction);
}

/** @param {1 | -1} direction */
function stride(direction) {
  playing.value = false;
  moveTimestep(direction);
}

/** To the field where a step is named. */
function jump() {
  const field = /** @type {HTMLInputElement | null} */ (document.getElementById("jump"));
  field?.focus();
  field?.select();
}

export function changeTheme() {
  themeChosen.value = true;
  theme.value = theme.peek() === "dark" ? "light" : "dark";
}

/** @param {number} by */
function resize(by) {
  zoom.value = Math.min(LARGEST, Math.max(SMALLEST, zoom.peek() * by));
}

/** Beside a first rival, or by itself again. */
export function compare() {
  const spec = pass.peek()?.plan.spec;
  if (!spec) return;
  const thing = THINGS[0].applies(spec) ? THINGS[0] : THINGS[1];
  rivals.value = comparing.peek() ? [] : [{ thing: thing.name, value: firstOf(spec, thing, []) }];
}

export function present() {
  presenting.value = !presenting.peek();
}

function enlarge() {
  enlarged.value = !enlarged.peek();
}

function putAway() {
  bare.value = !bare.peek();
}

/** Only ever at the hand of who presents, since browsers allow nothing else. */
export function fullScreen() {
  if (document.fullscreenElement) void document.exitFullscreen();
  else void document.documentElement.requestFullscreen();
}

function darken() {
  playing.value = false;
  curtain.value = true;
}

/** @param {"experiment" | "whatif" | "help"} which */
export function toggle(which) {
  panel.value = panel.peek() === which ? null : which;
}

function close() {
  if (panel.peek()) panel.value = null;
  else presenting.value = false;
}
