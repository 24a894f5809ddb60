/** Drawing: the newest state once an animation frame, however often it changed in between. */

import { effect, signal, untracked } from "./vendor/signals-core/signals-core.mjs";

/** The number of the animation frame; views are drawn when it changes. */
const frame = signal(0);
let asked = false;

function ask() {
  if (asked) return;
  asked = true;
  requestAnimationFrame(() => {
    asked = false;
    frame.value += 1;
  });
}

/**
 * Draw at once, and again in the next animation frame after any signal that `read` reads has
 * changed. Frames between are never drawn: the newest wins.
 * @template T
 * @param {() => T} read takes from the signals what the view shows
 * @param {(state: T) => void} draw puts it on the page; what it reads does not count
 */
export function drawn(read, draw) {
  /** @type {T} */
  let state;
  let stale = false;
  let first = true;
  effect(() => {
    state = read();
    stale = true;
    if (!first) ask();
  });
  effect(() => {
    frame.value;
    if (!stale) return;
    stale = false;
    untracked(() => draw(state));
  });
  first = false;
}

/**
 * As `drawn`, but in the frame after that of everything else: what is slow to draw holds nothing up.
 * @template T
 * @param {() => T} read @param {(state: T) => void} draw
 */
export function drawnLate(read, draw) {
  /** @type {T} */
  let newest;
  let late = false;
  drawn(read, (state) => {
    newest = state;
    if (late) return;
    late = true;
    requestAnimationFrame(() => {
      late = false;
      draw(newest);
    });
  });
}

/** What is asked of the page as soon as this frame's views are all drawn. @type {(() => (() => void) | null)[]} */
let questions = [];

/**
 * Ask how something is laid out when every view of this frame is drawn, so that the browser lays
 * the page out once, whoever asks; what is to change then is done when all have asked.
 * @param {() => (() => void) | null} ask returns what to change, or null
 */
export function laidOut(ask) {
  if (questions.push(ask) > 1) return;
  queueMicrotask(() => {
    const asking = questions;
    questions = [];
    for (const change of asking.map((one) => one())) change?.();
  });
}

/**
 * Scroll a table so that its current row, or the one that sums up, is in view, and cut no row in two.
 * @param {HTMLElement} box what scrolls; the head of its table is sticky
 */
export function showCurrent(box) {
  laidOut(() => {
    const row = /** @type {HTMLElement | null} */ (
      box.querySelector("tr.current, tr.strong") ?? box.querySelector("tbody tr")
    );
    // Of the table alone: the room under it is ours, and words that are only read out may hang below it.
    const whole = row?.closest("table")?.getBoundingClientRect().height ?? 0;
    if (!row || whole < box.clientHeight + 1) return () => scrollTo(box, 0, 0);
    // Not in whole pixels: a hundred rows make half a row of what one has over.
    const high = row.getBoundingClientRect().height;
    const head = box.querySelector("thead")?.getBoundingClientRect().height ?? 0;
    const room = box.clientHeight - head;
    const above = Math.ceil((row.offsetTop - head - room / 2) / high);
    return () => scrollTo(box, Math.max(0, above) * high, room % high);
  });
}

/** @param {HTMLElement} box @param {number} top @param {number} spare the pixels under its last whole row */
function scrollTo(box, top, spare) {
  box.style.setProperty("--spare", `${spare}px`);
  box.scrollTop = top;
}

/** Call back with an element's size whenever it changes. @param {Element} element @param {(width: number, height: number) => void} tell */
export function sized(element, tell) {
  new ResizeObserver(([entry]) => {
    const { width, height } = entry.contentRect;
    if (width > 0 && height > 0) tell(width, height);
  }).observe(element);
}
