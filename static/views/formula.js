/** The formula of a moment in terms: its line, the two arrivals of a merge, what becomes of the weights. */

import { evaluate, parameterName, vectorOf } from "../evaluation.js";
import {
  EQUALS,
  equation,
  gradientOf,
  lossTerms,
  MINUS,
  named,
  note,
  PLUS,
  terms,
} from "../terms.js";
import { quoted, silence, sourceOf } from "../words.js";
import { worstStep } from "./entries.js";
import { clip, sum, update } from "./weightformula.js";

/** @import { Pass } from "../pass.js" */
/** @import { Setting, Term } from "../terms.js" */
/** @import { Line, Moment, Selection, Tree } from "../types.js" */
/** Rows of terms, and of what their numbers are: "unit 4". @typedef {{ rows: Term[][], of: string }} Formula */

/** A moment in terms. @param {Pass} now @param {Moment} at @param {Selection} selected @returns {Formula} */
export function formula(now, at, selected) {
  const weights = { sum, clip, update }[at.kind];
  if (weights) return weights(now, at, selected);
  if (!at.line) return { rows: [], of: "" };
  const [row, of] = (MOMENTS[at.kind] ?? line)(now, at, selected);
  return { rows: [row], of };
}

/** @type {Record<string, (now: Pass, at: Moment, selected: Selection) => [Term[], string]>} */
const MOMENTS = { readout, loss, output, merge, share, handover };

/** Where a moment stands in its pass. @param {Pass} now @param {Moment} at @param {number} unit @returns {Setting} */
function settingOf(now, at, unit) {
  return { now, layer: at.layer, t: at.t ?? 0, own: now.ownStep(at), unit };
}

/** @param {Moment} at @returns {Line} */
const lineOf = (at) => /** @type {Line} */ (at.line);

/** @param {number} unit */
const unitName = (unit) => `unit ${unit + 1}`;

/** @param {Pass} now @param {Moment} at @param {Selection} selected @returns {[Term[], string]} */
function line(now, at, { unit }) {
  const { target, tree } = lineOf(at);
  const below = at.kind === "below" || target === "grad.x";
  const place = below ? Math.min(unit, widthOf(now, at, target) - 1) : unit;
  return [equation(target, tree, settingOf(now, at, place)), unitName(place)];
}

/** How many numbers a name stands for. @param {Pass} now @param {Moment} at @param {string} local */
function widthOf(now, at, local) {
  return vectorOf(settingOf(now, at, 0), local)?.length ?? 1;
}

/** The output that is looked at: the true symbol's, or the one at the pinned unit's place. @param {Pass} now @param {number} t @param {number} unit */
export function outputPlace(now, t, unit) {
  const target = now.status(t) === "target" ? now.target(t) : null;
  return target ?? Math.min(unit, now.sizes.O - 1);
}

/** @param {Pass} now @param {number} place */
function outputName(now, place) {
  const { alphabet } = now.plan.columns;
  if (alphabet) return quoted(alphabet[place]);
  return now.sizes.O > 1 ? `output ${place + 1}` : "";
}

/** @param {Pass} now @param {Moment} at @param {Selection} selected @returns {[Term[], string]} */
function readout(now, at, { unit }) {
  const place = outputPlace(now, at.t ?? 0, unit);
  const { target, tree } = lineOf(at);
  return [equation(target, tree, settingOf(now, at, place)), outputName(now, place)];
}

/** @param {Pass} now @param {Moment} at @returns {[Term[], string]} */
function loss(now, at) {
  const t = at.t ?? 0;
  const setting = settingOf(now, at, outputPlace(now, t, 0));
  if (now.status(t) !== "target")
    return [
      [named("loss", { ...setting, unit: 0 }), EQUALS, ...terms(0, setting), note("no target")],
      "",
    ];
  return [lossTerms(lineOf(at).tree, setting), outputName(now, setting.unit)];
}

/** The gradient at every output, in the numbers of the step where it is largest. @param {Pass} now @param {Moment} at @param {Selection} selected @returns {[Term[], string]} */
function output(now, at, { unit }) {
  const t = worstStep(now);
  const place = outputPlace(now, t, unit);
  const setting = { ...settingOf(now, at, place), t, generic: true };
  const left = { ...named("grad.o", setting), ...(now.freeRunning ? fromLoss(setting) : {}) };
  const right = terms(lineOf(at).tree, setting);
  const row = [left, EQUALS, ...right.map((term) => counted(term, left, setting))];
  return [row, [`step ${t + 1}`, outputName(now, place)].filter(Boolean).join(", ")];
}

/** How many losses count, as the gradient itself tells. @param {Term} term @param {Term} left @param {Setting} setting @returns {Term} */
function counted(term, left, setting) {
  if (term.parts[0]?.tex !== "N") return term;
  const missed = evaluate(["-", "y_hat", "y"], setting.unit, setting);
  const value = Math.round(missed / (left.value ?? 0));
  return value > 0 ? { ...term, value } : { ...term, value: undefined, under: "N" };
}

/** @param {Setting} setting @returns {Partial<Term>} */
function fromLoss(setting) {
  const { now, t, unit } = setting;
  return { value: now.value("grad.o.from_loss", t)?.[unit], brace: "from its own loss" };
}

/** The two arrivals, each by where it comes from, and in full where that is one product. @param {Pass} now @param {Moment} at @param {Selection} selected @returns {[Term[], string]} */
function merge(now, at, { unit }) {
  const target = lineOf(at).target;
  const [setting, t] = [settingOf(now, at, unit), at.t ?? 0];
  const state = target.slice("grad.".length);
  const top = state === "h" && at.layer === now.sizes.L - 1;
  const [above] = top ? terms(["@T", "V", "grad.o"], { ...setting, layer: null }) : [];
  const arrivals = [arrival(`${target}.from_above`, above, sourceOf(now, at, state), setting)];
  if (!silence(now, t))
    arrivals.push(
      PLUS,
      arrival(`${target}.from_future`, future(state, setting), `step ${t + 2}`, setting),
    );
  return [[named(target, setting), EQUALS, ...arrivals], unitName(unit)];
}

/** One of the two: the product it is, or else that part of the gradient. @param {string} local @param {Term | undefined} product @param {string} brace @param {Setting} setting @returns {Term} */
function arrival(local, product, brace, setting) {
  const came = named(local, setting);
  return { ...came, parts: product?.parts ?? came.parts, brace };
}

/** What the step after sends back, where that is one product of which nothing is cut. @param {string} state @param {Setting} setting */
function future(state, setting) {
  const { now, t } = setting;
  const back = now.plan.equations.backward.find(({ target }) => target === `grad.${state}_prev`);
  if (!back || now.cut(t) || !Array.isArray(back.tree) || back.tree[0] !== "@T") return undefined;
  const [after] = terms(back.tree, { ...setting, t: t + 1, own: now.shared ? null : t + 1 });
  return after;
}

/** One entry of a step's share: in the chosen row and column where it is the chosen parameter's. @param {Pass} now @param {Moment} at @param {Selection} selected @returns {[Term[], string]} */
function share(now, at, selected) {
  const { target, tree } = lineOf(at);
  const name = parameterName(at.layer, target.slice("grad.".length));
  const [t, own] = [at.t ?? 0, now.ownStep(at)];
  const is = name === selected.parameter;
  const [row, column] = [is ? selected.row : selected.unit, is ? selected.column : 0];
  const known = now.share(name, t, row, column);
  const left = {
    parts: [gradientOf(name, own, own === null ? String(t + 1) : "")],
    value: known?.share,
    gradient: true,
  };
  const matrix = Array.isArray(tree) && tree[0] === "outer";
  const right = matrix
    ? outer(tree[1], tree[2], settingOf(now, at, row), column)
    : terms(tree, settingOf(now, at, row));
  if ((known?.products ?? 1) > 1) right.push(note(`and of ${now.sizes.B - 1} more sequences`));
  return [[left, EQUALS, ...right], matrix ? `entry ${row + 1},${column + 1}` : unitName(row)];
}

/** A column times a row: of one entry, a number times a number. @param {Tree} delta @param {Tree} z @param {Setting} setting @param {number} column @returns {Term[]} */
function outer(delta, z, setting, column) {
  const right = terms(z, { ...setting, unit: column });
  const last = /** @type {Term} */ (right.at(-1));
  const turned = last.parts.map((one, i, all) =>
    i === all.length - 1 ? { ...one, tex: `${one.tex}^{\\top}` } : one,
  );
  const times = { parts: [], under: "×" };
  return [...terms(delta, setting), times, ...right.slice(0, -1), { ...last, parts: turned }];
}

/** What is handed back, or that nothing is. @param {Pass} now @param {Moment} at @param {Selection} selected @returns {[Term[], string]} */
function handover(now, at, { unit }) {
  const [t, { target, tree }] = [at.t ?? 0, lineOf(at)];
  const setting = settingOf(now, at, unit);
  const cut = t > 0 ? now.cut(t - 1) : null;
  if (now.carries && !cut) return line(now, at, /** @type {Selection} */ ({ unit }));
  if (now.carries && cut?.rest)
    return [
      [...equation(target, tree, setting), MINUS, unsent(target, tree, setting)],
      unitName(unit),
    ];
  const reason = note(now.carries ? "cut here" : "no state was given");
  return [[named(target, setting), EQUALS, ...terms(0, setting), reason], unitName(unit)];
}

/** What truncation leaves out of what is handed back. @param {string} target @param {Tree} tree @param {Setting} setting @returns {Term} */
function unsent(target, tree, setting) {
  const value = evaluate(tree, setting.unit, setting) - evaluate(target, setting.unit, setting);
  return { parts: [{ tex: "\\text{what is cut}" }], value, gradient: true };
}

/** A moment's formula as it is read out. @param {Pass} now @param {Moment} at */
export function spoken(now, at) {
  const [t, text] = [at.t ?? 0, at.line?.text ?? at.kind];
  if (at.kind === "loss" && now.status(t) !== "target") return "loss = 0";
  if (at.kind !== "handover") return text;
  if (t === 0 ? !now.carries : silence(now, t - 1)) return `${at.line?.target} = 0`;
  return t > 0 && now.cut(t - 1) ? `${text}, less what is cut` : text;
}
