/** Where a moment is: its line's own name, the trace's name for it, its timestep. */

import { traceName } from "../names.js";

/** @import { Pass } from "../pass.js" */
/** @import { Moment } from "../types.js" */

/** @param {Pass} pass @param {Moment} moment */
export function place(pass, moment) {
  const local = moment.line?.target ?? "";
  return { local, t: moment.t ?? 0, name: traceName(local, moment.layer, pass.sizes.L) };
}
