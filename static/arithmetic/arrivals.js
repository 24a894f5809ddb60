/** What arrives at a state from two sides, and what is handed on: the merge, the hand-over, what goes to the layer below. */

import { silence, sourceOf } from "../words.js";
import { operands, resultOf } from "./lines.js";
import { plain, Quantities } from "./quantities.js";
import { nothingToAdd, step } from "./steps.js";
import { alone, groupsOf, summands, terms } from "./terms.js";

/** @import { Pass } from "../pass.js" */
/** @import { Line, Moment } from "../types.js" */
/** @import { Step } from "./steps.js" */
/** @import { Group, Row } from "./terms.js" */

/** A state's gradient: the products that come from above, and those that the step after sends. @param {Pass} now @param {Moment} at @param {number} unit @returns {Step[]} */
export function merge(now, at, unit) {
  const [q, target] = [new Quantities(now, at.t ?? 0, at.layer), at.line?.target ?? ""];
  const state = target.slice("grad.".length);
  const groups = [...fromAbove(q, at, state, unit), ...fromFuture(q, state, unit)];
  return [step(now, target, groups, resultOf(q, target, unit))];
}

/** @param {Quantities} q @param {Moment} at @param {string} state @param {number} unit @returns {Group[]} */
function fromAbove(q, at, state, unit) {
  const { now, t } = q;
  if (state !== "h") return [one(q, `grad.${state}.from_above`, unit)];
  const from = `from ${sourceOf(now, at, state)}`;
  const layer = at.layer ?? 0;
  if (layer === now.sizes.L - 1) {
    const readout = new Quantities(now, t, null);
    return told(terms(readout, ["@T", "V", "grad.o"], unit), from);
  }
  const above = new Quantities(now, t, layer + 1);
  return told(terms(above, lineOf(now, "grad.x")?.tree ?? 0, unit), from);
}

/** @param {Quantities} q @param {string} state @param {number} unit @returns {Group[]} */
function fromFuture(q, state, unit) {
  if (silence(q.now, q.t)) return nobody(q);
  const sent = addsItself(q.now, state) ? null : handedBack(q, state, unit);
  return sent ?? [one(q, `grad.${state}.from_future`, unit)];
}

/** That nothing comes, and why. @param {Quantities} q @returns {Group[]} */
function nobody({ now, t }) {
  return [of(alone(plain(0, "", silence(now, t) ?? "")))];
}

/** The products of what the step after hands back; null where part of that is cut. @param {Quantities} q @param {string} state @param {number} unit @returns {Group[] | null} */
function handedBack({ now, t, layer }, state, unit) {
  const line = lineOf(now, `grad.${state}_prev`);
  if (!line || now.cut(t)) return null;
  return told(terms(new Quantities(now, t + 1, layer), line.tree, unit), `from step ${t + 2}`);
}

/** Whether other lines of a state's own step read it, so that they send to it as the step after does. @param {Pass} now @param {string} state */
function addsItself(now, state) {
  return lineOf(now, `grad.${state}.from_future`) !== undefined;
}

/** Groups that tell where they come from; of several products only what each comes to. @param {Group[]} groups @param {string} from */
function told(groups, from) {
  const several = groups.filter(({ head }) => head).length > 1;
  return groups.map((group) => ({
    ...group,
    id: `${from} ${group.id}`.replace(/\d+/, ""),
    from,
    closed: several || group.closed,
  }));
}

/** @param {Quantities} q @param {string} local @param {number} unit @returns {Group} */
function one(q, local, unit) {
  return of(alone(q.of(local, unit)));
}

/** A row as a term of its own. @param {Row} row @returns {Group} */
function of(row) {
  return {
    id: row.words,
    head: null,
    rows: [row],
    zeros: 0,
    value: row.value,
    minus: false,
    noun: "product",
  };
}

/** @param {Pass} now @param {string} target @returns {Line | undefined} */
function lineOf(now, target) {
  return now.plan.equations.backward.find((line) => line.target === target);
}

/** What later steps and the state's own step send it, where both do. @param {Pass} now @param {Moment} at @param {number} unit @returns {Step[]} */
export function later(now, at, unit) {
  const [q, target] = [new Quantities(now, at.t ?? 0, at.layer), at.line?.target ?? ""];
  const rest = summands(at.line?.tree ?? 0).filter(({ term }) => !isNext(term));
  const [own, result] = [groupsOf(q, rest, unit), resultOf(q, target, unit)];
  const state = target.slice("grad.".length, -".from_future".length);
  const sent = silence(now, q.t) ? nobody(q) : handedBack(q, state, unit);
  if (sent) return [step(now, target, [...sent, ...own], result)];
  // Part of what came is cut: what is left is known only as what the own step did not send.
  const left = result.value - own.reduce((sum, { value }) => sum + value, 0);
  const row = alone(plain(left, "", `from step ${q.t + 2}, less what is cut`));
  return [step(now, target, [of(row), ...own], result, { engine: null })];
}

/** @param {import("../types.js").Tree} term */
function isNext(term) {
  return typeof term === "string" && term.endsWith(".next");
}

/** What a step hands back. @param {Pass} now @param {Moment} at @param {number} unit @returns {Step[]} */
export function handover(now, at, unit) {
  const [q, target] = [new Quantities(now, at.t ?? 0, at.layer), at.line?.target ?? ""];
  const state = target.slice("grad.".length, -"_prev".length);
  const result = beforeCut(q, resultOf(q, target, unit));
  if (!now.carries)
    return [nothingToAdd(`Step ${q.t + 1} was given no state, so it hands nothing back.`, result)];
  const tree = at.line?.tree ?? 0;
  const [engine, asides] = received(q, state, unit);
  const sum = step(now, target, terms(q, tree, unit), result, { engine, asides });
  return [...operands(q, tree), sum];
}

/** Named for what it is where truncation cuts it. @param {Quantities} q @param {import("./quantities.js").Quantity} result */
function beforeCut({ now, t }, result) {
  if (t === 0 || !now.cut(t - 1)) return result;
  return {
    ...result,
    tex: `${result.tex}\\text{ before the cut}`,
    words: `${result.words} before the cut`,
  };
}

/** What the step before has of it; where truncation cuts, that is less, and told beside it. @param {Quantities} q @param {string} state @param {number} unit @returns {[number | null, Row[]]} */
function received({ now, t, layer }, state, unit) {
  const name = `grad.layer${layer}.${state}`;
  if (t === 0) return [Number(now.whole.get(`${name}.initial`)?.data[unit]), []];
  const lit = { name: `${name}.from_future`, t: t - 1, unit };
  const known = Number(now.value(lit.name, t - 1)?.[unit]);
  const cut = now.cut(t - 1);
  const own = addsItself(now, state);
  if (!cut) return [own ? null : known, []];
  const words = cut.rest ? `sent to step ${t}, less what is cut` : `cut here: sent to step ${t}`;
  const value = cut.rest ? known : 0;
  if (own && cut.rest) return [null, []];
  return [null, [alone({ ...plain(value, "", words), lit, gradient: true })]];
}
