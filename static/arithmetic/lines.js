/** The arithmetic of a line of the cell, forwards or backwards, for one unit. */

import { lowered, partsRead } from "./lowering.js";
import { Quantities } from "./quantities.js";
import { nothingToAdd, step, vectorStep } from "./steps.js";
import { chainOf, isProduct, nameOf, slopeRow, summands, terms } from "./terms.js";

/** @import { Pass } from "../pass.js" */
/** @import { Line, Moment, Tree } from "../types.js" */
/** @import { Entry, Step } from "./steps.js" */
/** @import { Row } from "./terms.js" */

/** A name's result in one unit. @param {Quantities} q @param {string} local @param {number} unit */
export function resultOf(q, local, unit) {
  const found = q.of(local, unit);
  const place = `[${unit + 1}]`;
  return {
    ...found,
    tex: q.tex(local, place),
    words: `${q.words(local)}, ${q.mark(local, unit)}`,
  };
}

/** A forward line: its parts, the sum its activation is applied to, the activation. @param {Pass} now @param {Moment} at @param {number} unit @returns {Step[]} */
export function forward(now, at, unit) {
  const [q, target] = [new Quantities(now, at.t ?? 0, at.layer), at.line?.target ?? ""];
  const line = now.plan.equations.forward.find((one) => one.target === target);
  if (!line) return [];
  if (now.status(q.t) === "over") return [padding()];
  const low = lowered(now.plan, line);
  const steps = partSteps(q, low, unit);
  if (low.inside !== null) steps.push(sum(q, `${target}.a`, low.inside, unit));
  steps.push(sum(q, target, low.tree, unit));
  return steps;
}

/** Of a sequence that has ended. */
export function padding() {
  return nothingToAdd("This step is padding: the sequence has ended, and every value is 0.");
}

/** A step for every part that is read: of one unit, or all entries where a matrix is applied to it. @param {Quantities} q @param {import("./lowering.js").Lowered} low @param {number} unit */
function partSteps(q, low, unit) {
  const read = partsRead(low);
  return low.parts
    .filter(({ target }) => read.has(target))
    .map((part) => (read.get(part.target) ? every(q, part) : sum(q, part.target, part.tree, unit)));
}

/** @param {Quantities} q @param {string} local @param {Tree} tree @param {number} unit @returns {Step} */
function sum(q, local, tree, unit) {
  const asides = slopes(q, tree, unit);
  return step(q.now, local, terms(q, tree, unit), resultOf(q, local, unit), { asides });
}

/** All entries of a part. @param {Quantities} q @param {Line} part @returns {Step} */
function every(q, { target, tree }) {
  const long = JSON.stringify(tree).includes('["@"');
  const values = Array.from(q.vector(target) ?? [], Number);
  const entries = values.map((engine, unit) => ({
    mark: q.mark(target, unit),
    engine,
    long,
    groups: () => terms(q, tree, unit),
  }));
  const made = long ? "" : ` = ${chainOf(q, tree, 0).last.tex}`;
  return vectorStep(target, entries, { ...q.of(target, 0), tex: `${q.tex(target)}[j]${made}` });
}

/** The slopes of the activations in a line, which the way back will need. @param {Quantities} q @param {Tree} tree @param {number} unit @returns {Row[]} */
function slopes(q, tree, unit) {
  if (!Array.isArray(tree)) return [];
  const [operator, ...parts] = tree;
  if (operator === "call") return [{ ...slopeRow(parts[0], q.of(parts[1], unit)), mark: "slope" }];
  return operator === "@" ? [] : parts.flatMap((part) => slopes(q, part, unit));
}

/** A backward line of its own. @param {Pass} now @param {Moment} at @param {number} unit @returns {Step[]} */
export function backward(now, at, unit) {
  const [q, target] = [new Quantities(now, at.t ?? 0, at.layer), at.line?.target ?? ""];
  const tree = at.line?.tree ?? 0;
  return [...operands(q, tree), step(now, target, terms(q, tree, unit), resultOf(q, target, unit))];
}

/** What matrices are applied to, where that is more than a name. @param {Quantities} q @param {Tree} tree @returns {Step[]} */
export function operands(q, tree) {
  /** @type {Map<string, Tree>} */
  const found = new Map();
  for (const { term } of summands(tree))
    if (isProduct(term) && nameOf(term[2]) === null) found.set(JSON.stringify(term[2]), term[2]);
  return [...found.values()].map((operand) => operandStep(q, operand));
}

/** @param {Quantities} q @param {Tree} operand @returns {Step} */
function operandStep(q, operand) {
  const { last } = chainOf(q, operand, 0);
  /** @type {Entry[]} */
  const entries = Array.from({ length: q.now.sizes.H }, (_, unit) => ({
    mark: String(unit + 1),
    engine: null,
    long: false,
    groups: () => terms(q, operand, unit),
  }));
  return vectorStep(last.tex, entries, { ...last, tex: `(${last.tex})[j]` });
}
