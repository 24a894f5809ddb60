/** How a moment comes when it is stepped to or played: two become one, a share flies to its sum. */

import { cover, fly, LONGEST } from "../motion.js";
import { granularity } from "../playhead.js";

/** @import { Timeline } from "../timeline.js" */

/** How long one of many is on its way. */
const ONE_OF_MANY = 180;
/** The moment that showed last, of which pass, and when it came. */
let last = { plan: "", index: -1, at: Number.NEGATIVE_INFINITY };

/** What a picture showed before each arrival, first to last. @type {WeakMap<Element, () => HTMLCanvasElement[]>} */
export const former = new WeakMap();

/**
 * Note which moment shows now: whether it is the next stop after the one before, and that one has
 * stood long enough. Whoever scrubs, or holds a key down, wants no motion.
 * @param {Timeline} line @param {number} index of the moment
 */
export function isStep(line, index) {
  const [before, plan] = [last, line.plan.id];
  if (plan === before.plan && index === before.index) return false;
  if (plan !== before.plan) {
    last = { plan, index, at: Number.NEGATIVE_INFINITY };
    return false;
  }
  last = { plan, index, at: performance.now() };
  if (last.at - before.at < LONGEST) return false;
  const next = (/** @type {number[]} */ stops) => stops.find((stop) => stop > before.index);
  return [granularity.peek(), /** @type {const} */ ("timestep")].some(
    (by) => next(line.stops(by)) === index,
  );
}

/** Let what comes together fly to what it makes. @param {HTMLElement} panel */
export function arrive(panel) {
  const layer = /** @type {HTMLElement} */ (panel.querySelector(".moving"));
  const target = panel.querySelector("[data-gathers]");
  const flying = /** @type {NodeListOf<HTMLCanvasElement>} */ (
    panel.querySelectorAll("[data-flies]")
  );
  if (!target || flying.length === 0) return;
  const duration = flying.length > 2 ? ONE_OF_MANY : LONGEST;
  // A canvas that is copied without its picture is blank.
  const blank = /** @type {HTMLCanvasElement} */ (target.cloneNode());
  const covers = former.get(target)?.() ?? [blank];
  const apart = (LONGEST - duration) / Math.max(1, flying.length - 1);
  // The first to go lies on top.
  for (const [i, one] of [...covers.entries()].reverse())
    cover(layer, one, target, duration + apart * i);
  for (const [i, one] of flying.entries()) fly(layer, one, target, { delay: apart * i, duration });
}
