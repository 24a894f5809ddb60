/** What the rolled-up network shows at a moment: the pass, where all lies, what is known, what runs round its loops. */

import { fold } from "../diagram/diagram.js";
import { moment } from "../playhead.js";
import { book, copies, pass, picture, presenting, theme, timeline, zoom } from "../store.js";
import { largestNorm } from "./open.js";

/** @import { Fold, Loop } from "../diagram/fold.js" */
/** @import { Pass } from "../pass.js" */
/** @import { Timeline } from "../timeline.js" */
/** @import { Moment, Plan, Row } from "../types.js" */
/**
 * @typedef {{
 *   pass: Pass, line: Timeline, moment: Moment, f: Fold, t: number, theme: "light" | "dark",
 *   top: number, copies: string | null,
 * }} Rolled `top` is the largest log10 of a norm of a gradient
 */

/** How much larger the type is where the page is shown to a room, and on a tall stage. */
const ROOM = 1.3;
const TALL = 480;
const NARROW = 900;
/** How much smaller it may be to fit. */
const SMALLEST = 0.72;

/** @param {{ width: number, height: number }} size @returns {Rolled | null} */
export function rolled({ width, height }) {
  if (picture.value !== "rolled") return null;
  const [now, line, at] = [pass.value, timeline.value, moment.value];
  if (!now || !line || !at || width === 0) return null;
  now.arrived.value;
  book.value;
  const scale = presenting.value ? ROOM : zoom.value * (height > TALL ? 1.3 : 1);
  return {
    pass: now,
    line,
    moment: at,
    f: fitted(now.plan, { width, height, scale, ...freeOf(width) }),
    t: at.t ?? (at.phase === "loss" ? now.sizes.T - 1 : 0),
    theme: theme.value,
    top: largestNorm(now),
    copies: copies.value,
  };
}

/** As large as it is to be, or smaller where many layers would not be seen at once. @param {Plan} plan @param {Parameters<typeof fold>[1]} room */
function fitted(plan, room) {
  const f = fold(plan, room);
  if (f.height <= room.height + 1 || room.top > 0) return f;
  const scale = Math.max(room.scale * SMALLEST, (room.scale * room.height) / f.height);
  return fold(plan, { ...room, scale });
}

/** Room for the switch of pictures, which a room is not shown. @param {number} width */
function freeOf(width) {
  if (presenting.value) return { left: 24, top: 0 };
  return width < NARROW ? { left: 0, top: 40 } : { left: 104, top: 0 };
}

/** Whether a row's values of the step are known. @param {Rolled} now @param {Row} row */
export function isKnown({ moment: at, line, t }, { name, kind }) {
  return kind === "input" || at.index >= line.earned(name, t);
}

/** The norm of what comes down along a rise: to the layer below it. @param {Rolled} now @param {number} i */
export function falling({ f, pass: now, line, moment: at, t }, i) {
  const below = f.boxes[i];
  if (!below) return null;
  const name = `grad.layer${below.layer}.h.from_above`;
  return at.index >= line.earned(name, t) ? now.logNorm(name, t) : null;
}

/** The norm of what runs round a loop: what the step hands back, else what it was handed. @param {Rolled} now @param {Loop} loop */
export function returning(now, loop) {
  const at = carriedAt(now, loop);
  return at === null ? null : now.pass.logNorm(`grad.${loop.row.name}.from_future`, at);
}

/** The step to which what runs round a loop goes; null where nothing does yet, or where more than that has its name. @param {Rolled} now @param {Loop} loop */
export function carriedAt({ pass: now, line, moment: at, t }, { row }) {
  const name = `grad.${row.name}.from_future`;
  const mixed = `grad.${row.local}.from_future`;
  if (now.plan.equations.backward.some(({ target }) => target === mixed)) return null;
  if (t > 0 && at.index >= line.earned(name, t - 1)) return t - 1;
  return t < now.sizes.T - 1 && at.index >= line.earned(name, t) ? t : null;
}
