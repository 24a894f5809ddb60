/** The arithmetic of one weight: its share of a step, and the sum of its shares. */

import { joined } from "../joined.js";
import { derivative, parameter as letters } from "../notation.js";
import { parameterTitle, shortName } from "../words.js";
import { plain, Quantities } from "./quantities.js";
import { listOf, onward, step } from "./steps.js";
import { alone, chainOf, nameOf, operation, sumOf, terms } from "./terms.js";

/** @import { Pass } from "../pass.js" */
/** @import { Chosen, Moment, Tensor, Tree } from "../types.js" */
/** @import { Quantity } from "./quantities.js" */
/** @import { Step } from "./steps.js" */
/** @import { Group, Row } from "./terms.js" */
/** A weight: an entry of a parameter; `step` is the timestep whose own it is, null where all share it. @typedef {{ name: string, row: number, column: number | null, step: number | null }} Weight */

/** The pinned weight at a moment. @param {Pass} now @param {Moment} at @param {Chosen} chosen @returns {Weight} */
export function pinned(now, at, { parameter, row, column }) {
  const isMatrix = now.parameters.get(parameter)?.role === "matrix";
  return { name: parameter, row, column: isMatrix ? column : null, step: now.ownStep(at) };
}

/** "[3,5]" @param {Weight} weight */
function place({ row, column }) {
  return column === null ? `[${row + 1}]` : `[${row + 1},${column + 1}]`;
}

/** @param {Weight} weight */
export function texOf(weight) {
  return letters(weight.name, weight.step) + place(weight);
}

/** In words: "W[3,5]", "W[3,5] of step 4". @param {Pass} now @param {Weight} weight */
export function titleOf(now, weight) {
  const of = weight.step === null ? "" : ` of step ${weight.step + 1}`;
  return `${parameterTitle(now, weight.name).replace(/(,|$)/, `${place(weight)}$1`)}${of}`;
}

/** Its entry of a tensor. @param {Weight} weight @param {Tensor | null} tensor */
export function entryOf({ row, column }, tensor) {
  if (!tensor) return null;
  const columns = column === null ? 1 : tensor.shape[tensor.shape.length - 1];
  return Number(tensor.data[row * columns + (column ?? 0)]);
}

/** A weight's value by its name, or its gradient's. @param {Weight} weight @param {number} value @param {boolean} [isGradient] @returns {Quantity} */
export function named(weight, value, isGradient = false) {
  const [tex, words] = [texOf(weight), shortName(weight.name) + place(weight)];
  const lit = { name: weight.name, t: null, unit: null };
  if (!isGradient) return { value, tex, words, lit, gradient: false };
  return { value, tex: derivative(tex, true), words: `gradient of ${words}`, lit, gradient: true };
}

/** One step's share for a weight: the gradient where it acts times what it was given, for every sequence. @param {Pass} now @param {Moment} at @param {Weight} weight @returns {Step[]} */
export function share(now, at, weight) {
  const [q, line] = [new Quantities(now, at.t ?? 0, at.layer), at.line];
  if (!line) return [];
  const uses = now.plan.equations.backward.filter(
    ({ kind, target }) => kind === "share" && target === line.target,
  );
  const use = uses.findIndex((one) => joined(now.plan, one, at.layer).text === line.text);
  const { rows, times } = products(q, weight, Math.max(use, 0), uses.length);
  const [, left, right] = /** @type {import("../types.js").TreeList} */ (line.tree);
  const [delta, z] = times ? [left, right] : [line.tree, null];
  const group = factored(q, weight, delta, z, rows);
  const name = named(weight, Number.NaN, true);
  const result = now.shared ? { ...name, tex: `\\left.${name.tex}\\right|_{${q.t + 1}}` } : name;
  const note =
    uses.length > 1
      ? `Its equations use ${shortName(weight.name)} ${uses.length} times; this is use ${use + 1}.`
      : "";
  const sum = step(now, "share", [group], result, { engine: null, note });
  return [...factorSteps(q, weight, delta), sum];
}

/** A row for every sequence; `times` is whether anything is multiplied. @param {Quantities} q @param {Weight} weight @param {number} use @param {number} uses */
function products({ now, t }, { name, row, column }, use, uses) {
  const delta = now.steps.get(`factor.${name}.delta`)?.[t];
  const z = now.steps.get(`factor.${name}.z`)?.[t];
  const [all = 0, height = 1] = delta?.shape ?? [];
  const width = z?.shape[1] ?? 1;
  const several = all / uses;
  const factors = Array.from({ length: several }, (_, i) => {
    const at = use * several + i;
    const right = z ? Number(z.data[at * width + (column ?? row)]) : 1;
    return {
      left: Number(delta?.data[at * height + row]),
      right,
      mark: several > 1 ? `sequence ${i + 1}` : "",
    };
  });
  const times = column !== null || factors.some(({ right }) => right !== 1);
  const rows = factors.map(({ left, right, mark }) => {
    const arriving = { ...plain(left), gradient: true };
    return times ? operation(arriving, "×", plain(right), { mark }) : alone(arriving, { mark });
  });
  return { rows, times };
}

/** The products, by what they are products of. @param {Quantities} q @param {Weight} weight @param {Tree} delta @param {Tree | null} z @param {Row[]} rows @returns {Group} */
function factored(q, { row, column }, delta, z, rows) {
  const left = chainOf(q, delta, row).last;
  const right = z === null ? null : chainOf(q, z, column ?? row).last;
  const place = (/** @type {number} */ unit) => `[${unit + 1}]`;
  const tex = `${left.tex}${place(row)}${right ? ` \\times ${right.tex}${place(column ?? row)}` : ""}`;
  const words = `${left.words}${right ? ` times ${right.words}` : ""}`;
  const lit = right?.lit ?? left.lit;
  if (rows.length === 1) return onward("share", [{ ...rows[0], tex, words, lit }]);
  return { ...sumOf("share", rows), head: { tex, words, lit } };
}

/** The gradient where the weight acts, where that is more than a name. @param {Quantities} q @param {Weight} weight @param {Tree} delta @returns {Step[]} */
function factorSteps(q, { row }, delta) {
  if (nameOf(delta) !== null) return [];
  const { last } = chainOf(q, delta, row);
  return [
    step(q.now, "delta", terms(q, delta, row), { ...last, gradient: true }, { engine: null }),
  ];
}

/** The shares of all steps. @param {Pass} now @param {Weight} weight @returns {Step[]} */
export function sum(now, weight) {
  const { name, row, column, step: own } = weight;
  const steps = own === null ? Array.from({ length: now.sizes.T }, (_, t) => t) : [own];
  const rows = steps.map((t) => {
    const value = now.share(name, t, row, column ?? 0)?.share ?? Number.NaN;
    return alone(
      { ...plain(value), gradient: true },
      { mark: `step ${t + 1}`, words: `share of step ${t + 1}` },
    );
  });
  const engine = entryOf(weight, now.gradient(name, own));
  const note = own === null ? "" : "Every step has its own: no share is added to another’s.";
  const result = named(weight, engine ?? Number.NaN, true);
  return [step(now, "shares", [listOf("shares", "share", rows)], result, { engine, note })];
}
