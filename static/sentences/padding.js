/** Sentences of padding: steps after the end of the sequence that shows, which give exactly nothing. */

import { gradient, text } from "../piece.js";
import { length } from "../vector.js";
import { place } from "./place.js";

/** @import { Pass } from "../pass.js" */
/** @import { Piece } from "../piece.js" */
/** @import { Moment } from "../types.js" */

/**
 * That a moment's step is padding; `alone` where there is no more to say, as no other sequence
 * goes on. Null where it is none.
 * @param {Pass} pass @param {Moment} moment
 * @returns {{ told: Piece[], alone: boolean } | null}
 */
export function padding(pass, moment) {
  if (moment.t === null || pass.status(moment.t) !== "over") return null;
  const which = pass.sizes.B > 1 ? "Sequence 1" : "The string";
  const start = `${which} has ended: this step is padding, and gives nothing to any gradient`;
  if (moment.phase === "forward") return { told: [text(`${start}.`)], alone: true };
  const all = gradients(pass, moment);
  if (!all) return null;
  const alone = all.every((value) => value === 0);
  const own = length(all.slice(0, all.length / uses(pass, moment)));
  const end = alone ? "." : ". The other sequences go on. ";
  return { told: [text(`${start}, norm `), gradient(own), text(end)], alone };
}

/** What a moment of the way back makes, of all sequences; the first comes first. @param {Pass} pass @param {Moment} moment */
function gradients(pass, moment) {
  const { local, t, name } = place(pass, moment);
  const state = local.slice("grad.".length, -"_prev".length);
  const found = {
    share: () => delta(pass, moment)?.data,
    handover: () => pass.all(`grad.layer${moment.layer}.${state}.from_future`, t - 1),
  }[moment.kind];
  const all = found ? found() : pass.all(name, t);
  return all ? Array.from(all, Number) : null;
}

/** @param {Pass} pass @param {Moment} moment */
function delta(pass, { layer, line, t }) {
  const parameter = line?.target.slice("grad.".length);
  return pass.steps.get(`factor.layer${layer}.${parameter}.delta`)?.[t ?? 0];
}

/** How many sequences' vectors there are; of a parameter that is used twice, twice as many. @param {Pass} pass @param {Moment} moment */
function uses(pass, moment) {
  return moment.kind === "share" ? (delta(pass, moment)?.shape[0] ?? 1) : pass.sizes.B;
}
