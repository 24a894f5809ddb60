/** The now line: one plain sentence for a moment, every number in it from the pass. */

import { count } from "./number.js";
import { backwardLine, below, handover, merge, output, share } from "./sentences/backward.js";
import { forwardLine, loss, readout } from "./sentences/forward.js";
import { padding } from "./sentences/padding.js";
import { clip, sum, update } from "./sentences/weights.js";
import { allOf, firstOf } from "./words.js";

/** @import { Pass } from "./pass.js" */
/** @import { Piece } from "./piece.js" */
/** @import { Chosen, Moment } from "./types.js" */

/**
 * The sentence of a moment.
 * @param {Pass} pass @param {Moment} moment @param {Chosen} chosen
 * @returns {Piece[]}
 */
export function sentence(pass, moment, chosen) {
  const padded = padding(pass, moment);
  const body = padded?.alone ? [] : BODIES[moment.kind](pass, moment, chosen);
  return [{ kind: "title", text: title(pass, moment) }, ...(padded?.told ?? []), ...body];
}

/** A sentence as plain text. @param {Piece[]} pieces */
export function plain(pieces) {
  return pieces.map((p) => (p.kind === "symbol" ? p.base + p.sub : p.text)).join("");
}

/** @param {Pass} pass @param {Moment} moment */
function title(pass, { phase, t, layer, kind }) {
  const name = {
    forward: "Forward",
    loss: "Loss",
    backward: "Backward",
    sum: "Sum",
    update: "Update",
  };
  if (kind === "clip") return "Clipping. ";
  if (t === null) return `${name[phase]}. `;
  const where = layer !== null && pass.sizes.L > 1 ? `, layer ${layer + 1}` : "";
  const which = pass.sizes.B > 1 ? `, ${phase === "forward" ? firstOf(pass) : allOf(pass)}` : "";
  return `${name[phase]}, step ${t + 1} of ${count(pass.sizes.T)}${where}${which}. `;
}

/** @type {Record<string, (pass: Pass, moment: Moment, chosen: Chosen) => Piece[]>} */
const BODIES = {
  line: (pass, moment, chosen) =>
    moment.phase === "forward"
      ? forwardLine(pass, moment, chosen)
      : backwardLine(pass, moment, chosen),
  readout,
  loss,
  output,
  merge,
  share,
  handover,
  below,
  sum,
  clip,
  update,
};
