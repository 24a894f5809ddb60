/** What the opened cell shows at a moment: the pass, the diagram, the step and the layer, what is known there. */

import { Branches, diagram, operation } from "../diagram/diagram.js";
import { plainName } from "../letters.js";
import { moment } from "../playhead.js";
import {
  book,
  chosen,
  copies,
  pass,
  picture,
  presenting,
  theme,
  timeline,
  zoom,
} from "../store.js";
import { signal } from "../vendor/signals-core/signals-core.mjs";

/** @import { Diagram } from "../diagram/diagram.js" */
/** @import { Node } from "../diagram/circuit.js" */
/** @import { Operation } from "../diagram/operation.js" */
/** @import { Pass } from "../pass.js" */
/** @import { Timeline } from "../timeline.js" */
/** @import { Chosen, Moment, Plan } from "../types.js" */
/**
 * @typedef {{
 *   pass: Pass, line: Timeline, moment: Moment, d: Diagram, t: number, layer: number, work: Operation,
 *   branches: Branches, theme: "light" | "dark", top: number, selected: Chosen, copies: string | null,
 *   inset: { left: number, top: number },
 * }} Opened `top` is the largest log10 of a norm of a gradient, what the widest wire stands for
 */

/** Where there is less room than this the step stands over the sheet, not beside it. */
const NARROW = 900;
const SIDE = 104;
const OVER = 40;

/** The layer that was asked for, until the playhead moves. */
export const asked = signal(/** @type {{ layer: number, index: number } | null} */ (null));

/** The diagrams of one plan, by what they were laid out for. @type {{ plan: Plan | null, made: Map<string, Diagram> }} */
const laid = { plan: null, made: new Map() };
/** The gradients on the wires of one pass, by layer. @type {{ pass: Pass | null, made: Map<number, Branches> }} */
const known = { pass: null, made: new Map() };

/** @param {{ width: number, height: number }} size @returns {Opened | null} */
export function opened({ width, height }) {
  if (picture.value !== "cell") return null;
  const [now, line, current] = [pass.value, timeline.value, moment.value];
  if (!now || !line || !current || width === 0) return null;
  now.arrived.value;
  book.value;
  const layer = layerOf(now, current);
  const inset = insetOf(width);
  const d = laidOut(now.plan, layer, width - inset.left, height - inset.top);
  return {
    pass: now,
    line,
    moment: current,
    d,
    t: current.t ?? (current.phase === "loss" ? now.sizes.T - 1 : 0),
    layer,
    work: operation(d.circuit, current),
    branches: branchesOf(now, line, layer),
    theme: theme.value,
    top: largestNorm(now),
    selected: chosen.value,
    copies: copies.value,
    inset,
  };
}

/** Where the step is told and the picture is chosen; a room is shown the diagram alone. @param {number} width */
function insetOf(width) {
  if (presenting.value) return { left: 0, top: 0 };
  return width < NARROW ? { left: 0, top: OVER } : { left: SIDE, top: 0 };
}

/** The layer that was asked for, else the moment's, else the top one. @param {Pass} now @param {Moment} at */
function layerOf({ sizes }, at) {
  const wanted = asked.value?.index === at.index ? asked.value.layer : (at.layer ?? sizes.L - 1);
  return Math.min(wanted, sizes.L - 1);
}

/** @param {Plan} plan @param {number} layer @param {number} width @param {number} height */
function laidOut(plan, layer, width, height) {
  const scale = presenting.value ? 1 : zoom.value;
  // Where each step has its own, its number stands with the letter.
  const step = plan.spec.weights_shared ? "" : `_${plan.sizes.T}`;
  const letters = (/** @type {string} */ local, /** @type {boolean} */ readout) =>
    plainName(readout ? local : `layer${layer}.${local}`) + step;
  if (laid.plan !== plan) Object.assign(laid, { plan, made: new Map() });
  const key = [layer, width, height, scale, book.value].join();
  const found = laid.made.get(key) ?? diagram(plan, layer, { width, height, scale, letters });
  laid.made.set(key, found);
  return found;
}

/** @param {Pass} now @param {Timeline} line @param {number} layer */
function branchesOf(now, line, layer) {
  if (known.pass !== now) Object.assign(known, { pass: now, made: new Map() });
  const found = known.made.get(layer) ?? new Branches(now, line, layer);
  known.made.set(layer, found);
  return found;
}

/** @type {WeakMap<Pass, { arrived: number, top: number }>} */
const tops = new WeakMap();

/** The largest log10 of a norm of a gradient. @param {Pass} now */
export function largestNorm(now) {
  const arrived = now.arrived.peek();
  const found = tops.get(now);
  if (found?.arrived === arrived) return found.top;
  let top = Number.NEGATIVE_INFINITY;
  for (const [name, norms] of now.norms)
    if (name.startsWith("grad."))
      for (const log of norms) if (log > top && log < Number.POSITIVE_INFINITY) top = log;
  tops.set(now, { arrived, top });
  return top;
}

/** Where a node's vector stands in the trace; null where it has none. @param {Opened} now @param {Node} node @returns {{ name: string, t: number } | null} */
export function placeOf({ layer, t }, { kind, name, readout }) {
  if (name === null || kind === "sum" || kind === "call") return null;
  if (readout) return { name, t };
  if (name === "x") return { name: layer === 0 ? "x" : `layer${layer - 1}.h`, t };
  if (name === "y_prev") return { name, t };
  if (kind === "given")
    return { name: `layer${layer}.${name.slice(0, -"_prev".length)}`, t: t - 1 };
  return { name: `layer${layer}.${name}`, t };
}

/** Whether a node's value is known at the moment: what is given always is, what is made once its line has run. @param {Opened} now @param {Node} node @returns {boolean} */
export function isKnown(now, node) {
  const { line, moment: at, layer, t } = now;
  if (node.line === null && node.kind !== "given")
    return node.inputs.every(({ from }) => isKnown(now, from));
  const place = placeOf(now, node);
  if (place && node.kind === "given")
    return (
      place.t < 0 || ["x", "y"].includes(place.name) || at.index >= line.earned(place.name, place.t)
    );
  const target = node.line ?? node.name ?? "";
  return at.index >= line.earned(node.readout ? target : `layer${layer}.${target}`, t);
}
