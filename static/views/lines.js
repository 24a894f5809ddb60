/** All lines of the moment's direction, small, with the one of the moment marked; a click goes there. */

import { parameterName } from "../evaluation.js";
import { traceName } from "../names.js";
import { derivative, latex, parameter, symbol, written } from "../notation.js";
import { goTo, playing } from "../playhead.js";
import { html, nothing } from "../vendor/lit-html/lit-html.js";

/** @import { Pass } from "../pass.js" */
/** @import { Timeline } from "../timeline.js" */
/** @import { Line, Moment } from "../types.js" */

/** @param {Pass} now @param {Timeline} timeline @param {Moment} at @param {string} chosen the parameter */
export function lines(now, timeline, at, chosen) {
  const title = TITLES[at.phase];
  return html`<ol class="lines" aria-label=${title}>
    ${siblings(now, timeline, at).map((one) => item(now, one, one.index === at.index, chosen))}
  </ol>`;
}

/** Lines of more signs take a row of their own. */
const WIDE = 44;

const TITLES = {
  forward: "The lines of the way forward",
  loss: "The lines of the way back",
  backward: "The lines of the way back",
  sum: "What becomes of the weights",
  update: "What becomes of the weights",
};

/** The moments of the same step and direction: those of its layer, and those of none. @param {Pass} now @param {Timeline} timeline @param {Moment} at */
function siblings(now, { list }, at) {
  const layer = at.layer ?? now.sizes.L - 1;
  const weights = at.phase === "sum" || at.phase === "update";
  if (weights) return list.filter(({ phase }) => phase === "sum" || phase === "update");
  if (at.phase === "forward")
    return list.filter((one) => one.phase === "forward" && one.t === at.t && isOf(one, layer));
  const t = at.t ?? now.sizes.T - 1;
  return list.filter(
    (one) => one.phase === "loss" || (one.phase === "backward" && one.t === t && isOf(one, layer)),
  );
}

/** @param {Moment} one @param {number} layer */
function isOf(one, layer) {
  return one.layer === null || one.layer === layer;
}

/** @param {Pass} now @param {Moment} one @param {boolean} current @param {string} chosen */
function item(now, one, current, chosen) {
  const go = () => {
    playing.value = false;
    goTo(one.index);
  };
  const { name, from } = made(now, one, chosen);
  return html`<li class=${(one.line?.text.length ?? 0) > WIDE ? "wide" : ""}><button class="one-line ${current ? "current" : ""}" aria-current=${current ? "step" : nothing}
    data-name=${name} data-from=${from ?? nothing} @click=${go}>${written(tex(now, one, chosen), one.line?.text ?? one.kind)}</button></li>`;
}

/** What a line makes, by its name in the trace, and at which step counted from its own. @param {Pass} now @param {Moment} one @param {string} chosen */
function made(now, { kind, line, layer }, chosen) {
  if (!line) return { name: chosen, from: null };
  if (kind === "share")
    return { name: parameterName(layer, line.target.slice("grad.".length)), from: null };
  const before = line.target.endsWith("_prev");
  const target = before ? line.target.slice(0, -"_prev".length) : line.target;
  return { name: traceName(target, layer, now.sizes.L), from: -Number(before) };
}

/** @param {Pass} now @param {Moment} one @param {string} chosen */
function tex(now, { kind, line, layer }, chosen) {
  const gradient = derivative(parameter(chosen), true);
  if (kind === "sum") return `${gradient} = \\textstyle\\sum_t \\left.${gradient}\\right|_t`;
  if (kind === "clip")
    return "\\lVert \\mathbf{g} \\rVert \\leftarrow \\min(c, \\lVert \\mathbf{g} \\rVert)";
  if (!line) return `${parameter(chosen)} \\leftarrow ${parameter(chosen)} - \\dots`;
  if (kind === "merge") return merged(line);
  return latex(line, setting(now, layer));
}

/** @param {Line} line */
function merged({ target }) {
  const whole = derivative(symbol(target.slice("grad.".length), null), true);
  return `${whole} = \\text{from above} + \\text{from step } t{+}1`;
}

/** @param {Pass} now @param {number | null} layer */
function setting(now, layer) {
  const own = now.plan.parameters.filter((one) => one.layer === layer);
  const parameters = new Set(own.map(({ name }) => name.replace(/^layer\d+\./, "")));
  const named = (/** @type {string} */ local) =>
    parameters.has(local) ? parameterName(layer, local) : traceName(local, layer, now.sizes.L);
  return { t: null, parameters, flat: true, named };
}
