/** Without sharing, the recurrent matrix of each step: a small map of it on the arrow that it works for. */

import { middle, timesteps } from "../geometry.js";
import { nothing, svg } from "../vendor/lit-html/lit-html.js";
import { mapAt } from "./copies.js";
import { waysBefore } from "./feedback.js";

/** @import { Parameter } from "../types.js" */
/** @import { Scene } from "./scene.js" */

/** How large a map is at most, and from which size on it is one. */
const [LARGEST, SMALLEST] = [30, 8];
/** How much of the gap between columns, and of the strip's height, it takes. */
const [ACROSS, DOWN] = [0.46, 0.4];

/** The maps of every layer, where there is room and no copies are asked for. @param {Scene} now */
export function ownMatrices(now) {
  const { g, pass, copies } = now;
  if (pass.shared || !pass.carries || !g.full || copies) return nothing;
  return Array.from({ length: pass.sizes.L }, (_, layer) => maps(now, layer));
}

/** @param {Scene} now @param {number} layer */
function maps(now, layer) {
  const { g } = now;
  const parameter = recurrent(now, layer);
  const strip = g.strips.find(({ row }) => row.layer === layer && reads(parameter, row.local));
  if (!parameter || !strip) return nothing;
  const room = g.pitch - g.strip - waysBefore(g);
  const side = Math.min(LARGEST * g.scale, room * ACROSS, strip.height * DOWN);
  if (side < SMALLEST) return nothing;
  const y = strip.top + strip.height * 0.3 - side / 2;
  const steps = timesteps(g).filter((t) => t > g.first && now.pass.status(t) !== "over");
  return steps.map((t) => {
    const x = middle(g, t - 1) + g.strip / 2 + (room - side) / 2;
    return svg`<g class="own" data-t=${t + 1} data-name=${parameter.name}>
      <rect x=${x - 1.5} y=${y - 1.5} width=${side + 3} height=${side + 3} rx="2"></rect>
      <image href=${mapAt(now, parameter, t)} x=${x} y=${y} width=${side} height=${side} preserveAspectRatio="none"></image></g>`;
  });
}

/** The chosen parameter, where it is a recurrent matrix of the layer, else its first. @param {Scene} now @param {number} layer */
function recurrent({ pass, selected }, layer) {
  const all = pass.plan.parameters.filter(
    (one) => one.layer === layer && one.role === "matrix" && reads(one, "h"),
  );
  return all.find(({ name }) => name === selected.parameter) ?? all[0];
}

/** Whether a parameter acts on a state of the step before. @param {Parameter | undefined} parameter @param {string} local */
function reads(parameter, local) {
  return (parameter?.input ?? "").split(/[^\w]+/).includes(`${local}_prev`);
}
