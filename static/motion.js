/** Motion: what moves as a moment comes, once; it gives way at once to whatever comes next. */

/** How long anything moves at the most, in milliseconds. */
export const LONGEST = 400;
const EASING = "cubic-bezier(0.3, 0, 0.2, 1)";
/** From when on one picture fades into the next, as a part of a motion. */
const FADE = 0.8;

/** What is on its way. @type {Set<HTMLElement>} */
const moving = new Set();

const still = matchMedia("(prefers-reduced-motion: reduce)");

/** Whether whoever looks wants things to move. */
export function isWanted() {
  return !still.matches;
}

/** End every motion: what has moved is where it belongs. */
export function settle() {
  for (const ghost of moving) ghost.remove();
  moving.clear();
}

/**
 * Let a copy of a picture fly to where it goes.
 * @param {HTMLElement} layer what the copy is drawn in, and its places are measured from
 * @param {HTMLCanvasElement} from @param {Element} to @param {{ delay?: number, duration?: number }} [when]
 */
export function fly(layer, from, to, { delay = 0, duration = LONGEST } = {}) {
  const [start, end] = [from.getBoundingClientRect(), to.getBoundingClientRect()];
  const x = end.x + end.width / 2 - start.x - start.width / 2;
  const y = end.y + end.height / 2 - start.y - start.height / 2;
  const [sx, sy] = [end.width / start.width, end.height / start.height];
  const there = `translate(${x}px, ${y}px) scale(${sx}, ${sy})`;
  move(place(layer, copyOf(from), start), delay, duration, [
    { opacity: 0.9, transform: "none" },
    { opacity: 0.9, offset: FADE },
    { opacity: 0, transform: there },
  ]);
}

/**
 * Cover a picture with what was there before, until the time has come.
 * @param {HTMLElement} layer @param {HTMLCanvasElement} cover @param {Element} over @param {number} until
 */
export function cover(layer, cover, over, until) {
  move(place(layer, cover, over.getBoundingClientRect()), 0, until, [
    { opacity: 1 },
    { opacity: 1, offset: FADE },
    { opacity: 0 },
  ]);
}

/** @param {HTMLElement} ghost @param {number} delay @param {number} duration @param {Keyframe[]} frames */
function move(ghost, delay, duration, frames) {
  moving.add(ghost);
  const motion = ghost.animate(frames, { delay, duration, easing: EASING, fill: "both" });
  motion.onfinish = () => {
    ghost.remove();
    moving.delete(ghost);
  };
}

/** @param {HTMLElement} layer @param {HTMLCanvasElement} ghost @param {DOMRect} box */
function place(layer, ghost, box) {
  const origin = layer.getBoundingClientRect();
  ghost.style.left = `${box.x - origin.x}px`;
  ghost.style.top = `${box.y - origin.y}px`;
  ghost.style.width = `${box.width}px`;
  ghost.style.height = `${box.height}px`;
  layer.append(ghost);
  return ghost;
}

/** A canvas like another, with the same picture on it. @param {HTMLCanvasElement} from */
export function copyOf(from) {
  const copy = /** @type {HTMLCanvasElement} */ (from.cloneNode());
  copy.getContext("2d")?.drawImage(from, 0, 0);
  return copy;
}
