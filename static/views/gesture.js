/** A gesture of a hand on a number: a drag, or keys in quick succession; and the passes that it asks for, one at a time. */

import { experiment, pass, problem } from "../store.js";
import { effect } from "../vendor/signals-core/signals-core.mjs";

/** Keys that come so soon (ms) after one another are of one gesture. */
const QUICK = 1000;
/** How long (ms) a pass may take before the next is asked for in its place. */
const PATIENCE = 1000;

/** The number of the gesture. */
let gesture = 0;
/** When it was last moved. */
let moved = Number.NEGATIVE_INFINITY;
/** What is pressed down, by its id; null for nothing. @type {string | null} */
let pressed = null;
/** What is asked for next: the newest wins. @type {(() => void) | null} */
let wanted = null;
/** Whether the pass that was asked for last is on its way. */
let asking = false;
/** Whether the experiment is being changed by what was asked for. */
let acting = false;

// Whoever undoes, or goes back, undoes what is still to be asked for too.
effect(() => {
  experiment.value;
  if (!acting) wanted = null;
});

/** @param {string} id */
export function press(id) {
  pressed = id;
  gesture += 1;
}

export function release() {
  pressed = null;
}

/** Whether a hand is on it, so that it must not be moved from elsewhere. @param {string} id */
export function isPressed(id) {
  return pressed === id;
}

/** The gesture that something moved now is a part of. */
export function current() {
  const now = performance.now();
  if (pressed === null && now - moved > QUICK) gesture += 1;
  moved = now;
  return gesture;
}

/** Do this next, once the pass asked for before has come and been drawn: else a quick hand would never see any. @param {() => void} act */
export function want(act) {
  wanted = act;
  ask();
}

function ask() {
  if (wanted === null || asking) return;
  const [act, started] = [wanted, pass.peek()];
  wanted = null;
  asking = true;
  acting = true;
  act();
  acting = false;
  const timer = setTimeout(next, PATIENCE);
  const stop = effect(() => {
    if (pass.value !== started || problem.value) next();
  });
  function next() {
    if (!asking) return;
    asking = false;
    clearTimeout(timer);
    // Not within the effect, which cannot end itself before it is begun.
    requestAnimationFrame(() => {
      stop();
      ask();
    });
  }
}
