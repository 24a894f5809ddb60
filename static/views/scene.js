/** What the stage shows at a moment: the pass, where everything lies, what is pointed at. */

import { geometry } from "../geometry.js";
import { moment } from "../playhead.js";
import { baseline, book, chosen, lit, pass, shownCopies, theme, timeline, zoom } from "../store.js";

/** @import { Geometry } from "../geometry.js" */
/** @import { Pass } from "../pass.js" */
/** @import { Timeline } from "../timeline.js" */
/** @import { Chosen, Lit, Moment } from "../types.js" */
/**
 * @typedef {{
 *   pass: Pass, line: Timeline, moment: Moment, g: Geometry, theme: "light" | "dark", top: number,
 *   selected: Chosen, lit: Lit | null, copies: string | null, base: number | null,
 * }} Scene `top` is the largest log10 of a norm on the stage, what the widest arrow stands for; `base` is how
 *   much is here of the pass without overrides
 */

/** The size of small type that everything's place is made for, in pixels. */
const DIGITS = 12;

/** @param {number} width @param {number} height of the stage @param {number} digits the size of small type there @returns {Scene | null} */
export function scene(width, height, digits) {
  const [now, line, current] = [pass.value, timeline.value, moment.value];
  if (!now || !line || !current || width === 0) return null;
  now.arrived.value;
  book.value;
  const scale = (digits / DIGITS) * zoom.value;
  return {
    pass: now,
    line,
    moment: current,
    g: geometry(now.plan, width, height, current.t ?? 0, scale),
    theme: theme.value,
    top: largestNorm(now),
    selected: chosen.value,
    lit: lit.value,
    copies: shownCopies.value,
    base: baseline.value?.arrived.value ?? null,
  };
}

/** What was found of a pass, and how many of its frames were there. @type {WeakMap<Pass, { arrived: number, top: number }>} */
const found = new WeakMap();

/** The largest log10 of a norm that goes back in a pass, as far as it is here. @param {Pass} pass */
export function largestNorm(pass) {
  const arrived = pass.arrived.peek();
  const known = found.get(pass);
  if (known?.arrived === arrived) return known.top;
  let top = Number.NEGATIVE_INFINITY;
  for (const [name, norms] of pass.norms)
    if (name.endsWith(".from_above") || name.endsWith(".from_future"))
      for (const log of norms) if (log > top && log < Number.POSITIVE_INFINITY) top = log;
  found.set(pass, { arrived, top });
  return top;
}
