/** The copies of one parameter: the one map of its values, at every step that uses it. */

import { middle, timesteps } from "../geometry.js";
import { mapOf } from "../raster.js";
import { nothing, svg } from "../vendor/lit-html/lit-html.js";
import { shortName } from "../words.js";

/** @import { Strip } from "../geometry.js" */
/** @import { Parameter, Plan, Row } from "../types.js" */
/** @import { Scene } from "./scene.js" */

const LARGEST = 44;
const SMALLEST = 5;
/** The maps that are made, by what they show. @type {Map<string, string>} */
const made = new Map();

/** Every copy in view of the parameter that is lit, joined by a line where they are one. @param {Scene} now */
export function copiesOf(now) {
  const parameter = now.copies ? now.pass.parameters.get(now.copies) : undefined;
  const strip = parameter && stripOf(now, parameter);
  if (!parameter || !strip) return nothing;
  const [rows, columns] = shapeOf(now, parameter);
  const { width, height, y } = box(now, strip, rows, columns);
  const at = (/** @type {number} */ t) => middle(now.g, t) - now.g.strip / 2 - 5 - width;
  const steps = timesteps(now.g);
  const thread = `M${at(steps[0])} ${y + height / 2}H${at(steps[steps.length - 1])}`;
  return svg`<g class="copies">
    ${now.pass.shared ? svg`<path class="thread" d=${thread}></path>` : nothing}
    ${steps.map(
      (
        t,
      ) => svg`<g><rect x=${at(t) - 2} y=${y - 2} width=${width + 4} height=${height + 4} rx="3"></rect>
      <image href=${mapAt(now, parameter, t)} x=${at(t)} y=${y} width=${width} height=${height} preserveAspectRatio="none"></image></g>`,
    )}
  </g>`;
}

/** "the same matrix, 10 times". @param {Scene} now */
export function toldOf(now) {
  const parameter = now.copies ? now.pass.parameters.get(now.copies) : undefined;
  if (!parameter) return "";
  const { T } = now.pass.sizes;
  const kind = { matrix: "matrix", bias: "bias", scale: "vector" }[parameter.role];
  return now.pass.shared ? `the same ${kind}, ${T} times` : `each step has a ${kind} of its own`;
}

/** The row that a parameter works for: the first, in the order of the lines, that shows what its line makes. @param {Scene} now @param {Parameter} parameter @returns {Strip | undefined} */
function stripOf({ g, pass }, { name, layer }) {
  const row = rowOf(pass.plan, name, layer);
  return g.strips.find((strip) => strip.row === row);
}

/** @param {Plan} plan @param {string} name @param {number | null} layer @returns {Row | undefined} */
export function rowOf({ equations, rows }, name, layer) {
  const lines = layer === null ? equations.readout : equations.forward;
  const first = lines.findIndex((line) => reads(line.tree, shortName(name)));
  const targets = lines.slice(first).map(({ target }) => target);
  const own = (/** @type {string} */ target) =>
    rows.find((row) => row.local === target && row.layer === layer);
  return targets.map(own).find((row) => row !== undefined);
}

/** @param {import("../types.js").Tree} tree @param {string} name @returns {boolean} */
function reads(tree, name) {
  return Array.isArray(tree) ? tree.slice(1).some((part) => reads(part, name)) : tree === name;
}

/** @param {Scene} now @param {Parameter} parameter @returns {[number, number]} rows and columns */
function shapeOf({ pass }, { name }) {
  const [rows, columns = 1] = pass.shapeOf(name);
  return [rows, columns];
}

/** Where a copy lies: beside its strip, as large as there is room for. @param {Scene} now @param {Strip} strip @param {number} rows @param {number} columns */
function box({ g }, strip, rows, columns) {
  const room = Math.min(LARGEST * g.scale, (g.pitch - g.strip) / 2 + 2);
  const side = Math.max(SMALLEST, Math.min(room / columns, (strip.height - 6) / rows, 6));
  const width = Math.max(SMALLEST, Math.min(room, columns * side));
  const height = Math.max(SMALLEST, Math.min(strip.height - 4, rows * side));
  return { width, height, y: strip.top + (strip.height - height) / 2 };
}

/** The map of a parameter at a step. @param {Scene} now @param {Parameter} parameter @param {number} t */
export function mapAt(now, parameter, t) {
  const step = now.pass.shared ? null : t;
  const key = [now.pass.plan.id, parameter.name, step, now.theme].join();
  const tensor = now.pass.parameter(parameter.name, step);
  if (!tensor) return "";
  if (made.size > 1000) made.clear();
  const found = made.get(key) ?? mapOf(tensor.data, ...shapeOf(now, parameter), now.theme);
  made.set(key, found);
  return found;
}
