/** The contenders: the page's own pass and its rivals', each at the moment of the one playhead. */

import { find } from "../moments.js";
import { moment, placeOf } from "../playhead.js";
import { PLOTS } from "../plots/catalogue.js";
import { comparing, difference, faces, pass, rivalPasses, rivals } from "../store.js";
import { Timeline } from "../timeline.js";

/** @import { Pass } from "../pass.js" */
/** @import { Plot } from "../plots/catalogue.js" */
/** @import { Moment } from "../types.js" */

/** At most so many beside the page's own. */
export const MOST = 2;
/** The number of sides, the page's own first. */
export const SIDES = 1 + MOST;

/** @type {WeakMap<Pass, Timeline>} */
const timelines = new WeakMap();

/** The plot that shows on every side: the one of the card, where it is of a whole pass. @returns {Plot} */
export function plotOf() {
  return PLOTS.find(({ name }) => name === faces.value.plots) ?? PLOTS[2];
}

/** @param {number} side @returns {Pass | null} */
export function passOf(side) {
  if (side === 0) return pass.value;
  const found = rivalPasses.value[side - 1];
  return found && "plan" in found ? found : null;
}

/** The passes that are there. */
export function all() {
  return Array.from({ length: 1 + rivals.value.length }, (_, side) => passOf(side)).filter(
    (one) => one !== null,
  );
}

/** The moment of the page, in the pass of a side. @param {number} side */
export function momentOf(side) {
  const [own, at] = [passOf(side), moment.value];
  if (!own || !at) return null;
  if (side === 0) return at;
  const { list } = timelineOf(own);
  const place = placeOf(at);
  const t = place.t === null ? null : Math.min(place.t, own.sizes.T - 1);
  return list[find(list, { ...place, t }, 0)];
}

/** @param {Pass} own */
export function timelineOf(own) {
  const known = timelines.get(own) ?? new Timeline(own.plan);
  timelines.set(own, known);
  return known;
}

/** The two passes whose difference shows, null where it does not. */
export function two() {
  if (!comparing.value || !difference.value || rivals.value.length !== 1) return null;
  const [one, other] = [passOf(0), passOf(1)];
  const [here, there] = [momentOf(0), momentOf(1)];
  if (!one || !other || !here || !there) return null;
  return {
    plot: plotOf(),
    passes: /** @type {[Pass, Pass]} */ ([one, other]),
    moments: /** @type {[Moment, Moment]} */ ([here, there]),
  };
}
