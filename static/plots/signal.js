/** Signal left: what each backward step multiplies the gradient's norm by, and what is left of it then. */

import { counted, decades, sizes } from "../figure.js";
import { rowNamed } from "../names.js";
import { shortFromLog } from "../number.js";
import { PLOT } from "../palette.js";
import { firstOddBack } from "./odd.js";
import { scale } from "./options.js";
import { rowOf, states, wordOf } from "./rows.js";

/** @import { Mark } from "../figure.js" */
/** @import { Pass } from "../pass.js" */
/** @import { Hit, Made, Source } from "./catalogue.js" */
/** What a step back is: its factor, log10 of what is left after it, and log10 of the bounds. @typedef {{ factor: number, left: number, least: number, most: number }} Back */

/** By hand: a factor, taken so many times. */
const FACTORS = ["0.9", "0.5", "1", "1.1", "2"];
const TIMES = ["20", "5", "10", "50", "100"];

/** @type {Made} */
export const signal = {
  moves: false,
  needs: () => ["signals", "jacobians"],
  choices: (pass) => [
    { name: "of", word: "of", choices: states(pass) },
    scale("log"),
    { name: "factor", word: "by hand ×", choices: FACTORS.map((one) => [one, one]) },
    { name: "times", word: "times", choices: TIMES.map((one) => [one, one]) },
  ],
  figure,
  reading,
  now: ({ moment }) =>
    moment.t === null ? null : { x: [moment.t + 0.5, moment.t + 1.5], y: [-1e9, 1e9] },
  hit,
  mark: ({ options }, { name, t }) =>
    rowNamed(name) === options.of && t !== null ? { x: [t + 0.5, t + 1.5], y: [-1e9, 1e9] } : null,
  table,
};

/** The steps back, from step 1 on; null where they are not here. @param {Source} source @returns {Back[] | null} */
function backs({ pass, found, options }) {
  const factors = found(`measured_factor.${options.of}`)?.data;
  const left = found(`log10_signal_left.${options.of}`)?.data;
  if (!factors || !left) return null;
  const bounds = boundsOf(pass, found(`singular_values.${options.of}`));
  return Array.from({ length: pass.sizes.T }, (_, t) => ({
    factor: Number(factors[t]),
    left: Number(left[t]),
    ...bounds(t),
  }));
}

/** The Jacobian's smallest and largest singular value of a step, over all sequences, as log10. @param {Pass} pass @param {import("../types.js").Tensor | null} values */
function boundsOf(pass, values) {
  const { B, H } = pass.sizes;
  return (/** @type {number} */ t) => {
    if (!values) return { least: Number.NaN, most: Number.NaN };
    const own = Array.from(values.data.subarray(t * B * H, (t + 1) * B * H), Number);
    return { least: Math.log10(Math.min(...own)), most: Math.log10(Math.max(...own)) };
  };
}

/** @param {Source} source */
function figure(source) {
  const all = backs(source);
  if (!all) return null;
  const { pass, options, theme, room } = source;
  const isLog = options.scale === "log";
  const colors = PLOT[theme];
  const show = (/** @type {number} */ log) => {
    const shown = isLog ? log : 10 ** log;
    return Number.isFinite(log) && Number.isFinite(shown) ? shown : null;
  };
  const x = all.map((_, t) => t + 1);
  const lines = /** @type {[number[], string, boolean][]} */ ([
    [all.map(({ most }) => most), colors.faint, true],
    [all.map(({ least }) => least), colors.faint, true],
    [byHand(pass, options), colors.accent, true],
    [gateProduct(source), colors.value, false],
    [all.map(({ left }) => left), colors.sum, false],
  ]);
  const bars = all.map(({ factor }) => show(Math.log10(factor)));
  const shown = [...bars, ...lines.flatMap(([logs]) => logs.map(show))].filter(
    (one) => one !== null,
  );
  const [low, high] = [Math.min(...shown, isLog ? -0.5 : 0), Math.max(...shown, isLog ? 0.5 : 1)];
  const few = room.high / 2.4;
  return {
    marks: /** @type {Mark[]} */ ([
      { kind: "bars", x, y: bars, color: colors.bar, base: isLog ? 0 : undefined },
      ...lines.map(([logs, color, dash]) => ({
        kind: "line",
        x,
        y: logs.map(show),
        color,
        dash,
        dots: !dash && x.length <= 60,
      })),
    ]),
    x: counted(pass.sizes.T, room.wide / 3, "step"),
    y: isLog
      ? decades(low * 1.04, high + 0.2, "factor, signal left", few)
      : sizes(0, high * 1.06, "factor, signal left", few),
  };
}

/** The chosen factor, taken at every step back from the last step on, as log10. @param {Pass} pass @param {Record<string, string>} options */
function byHand({ sizes: { T } }, { factor }) {
  return Array.from({ length: T }, (_, t) => (T - 1 - t) * Math.log10(Number(factor)));
}

/**
 * Of a state that is carried over by a gate (gate * state_prev): that gate's own product over the
 * later steps, of the pinned unit, as log10; NaN where there is no such gate.
 * @param {Source} source
 */
function gateProduct({ pass, options, selected }) {
  const gate = gateOf(pass, options.of);
  const { T } = pass.sizes;
  const logs = new Array(T).fill(Number.NaN);
  if (!gate) return logs;
  let log = 0;
  for (let t = T - 1; t >= 0; t--) {
    logs[t] = log;
    log += Math.log10(Math.abs(Number(pass.value(gate, t)?.[selected.unit] ?? Number.NaN)));
  }
  return logs;
}

/** The name of the gate that multiplies a state's own past in its line, null for none. @param {Pass} pass @param {string} name */
function gateOf(pass, name) {
  const row = rowOf(pass, name);
  const line = pass.plan.equations.forward.find(({ target }) => target === row.local);
  const gates = new Set(pass.plan.equations.forward.map(({ target }) => target));
  const found = line ? factorOf(line.tree, `${row.local}_prev`, gates) : null;
  return found && `layer${row.layer}.${found}`;
}

/** @param {import("../types.js").Tree} tree @param {string} past @param {Set<string>} gates @returns {string | null} */
function factorOf(tree, past, gates) {
  if (!Array.isArray(tree)) return null;
  const [operator, left, right] = tree;
  if (operator === "*" && right === past && gates.has(left)) return left;
  if (operator === "*" && left === past && gates.has(right)) return right;
  return operator === "+" || operator === "-"
    ? (factorOf(left, past, gates) ?? factorOf(right, past, gates))
    : null;
}

/** @param {Source} source */
function reading(source) {
  const { pass, options, selected } = source;
  const all = backs(source);
  const hand = `By hand: ${options.factor}, ${options.times} times, is ${shortFromLog(Number(options.times) * Math.log10(Number(options.factor)))} (dashed).`;
  const gate = gateOf(pass, options.of);
  const own = gate
    ? ` Blue: the ${rowOf(pass, gate).word}’s own product, unit ${selected.unit + 1}.`
    : "";
  const bars =
    "Bars: what each step back multiplies the gradient’s norm by. Line: what is left, from the last step on.";
  return `${bars}${ends(pass, all)}${own} ${hand}${routes(pass, all)}${oddTold(source)}`;
}

/** The first step, on the way back, whose gradient is not finite; or that there is none at all. @param {Source} source */
function oddTold({ pass, options }) {
  const norms = pass.norms.get(`grad.${options.of}`);
  if (!norms || !pass.complete) return "";
  if (norms.every((log) => log === Number.NEGATIVE_INFINITY)) return " No gradient reaches it.";
  return firstOddBack(norms, "the gradient is");
}

/** What is left of the signal at step 1. @param {Pass} pass @param {Back[] | null} all */
function ends({ sizes: { T } }, all) {
  const left = all?.[0]?.left ?? Number.NaN;
  return Number.isNaN(left) || T < 2 ? "" : ` At step 1: ${shortFromLog(left)}.`;
}

/** That a norm may pass its bounds where a state is reached by way of another, if it does. @param {Pass} pass @param {Back[] | null} all */
function routes(pass, all) {
  const beyond = all?.some(({ factor, most }) => Math.log10(factor) > most + 1e-6);
  return beyond && states(pass).length > pass.sizes.L
    ? " A bar passes its bound where more arrives by way of the other state."
    : "";
}

/** @param {Source} source @param {number} x @returns {Hit | null} */
function hit(source, x) {
  const t = Math.round(x) - 1;
  const back = backs(source)?.[t];
  if (!back) return null;
  const { pass, options } = source;
  const to = t > 0 ? `step ${t + 1} to step ${t}` : "step 1 to the first state";
  const bounds = Number.isNaN(back.most)
    ? ""
    : `, between ${shortFromLog(back.least)} and ${shortFromLog(back.most)}`;
  const left = Number.isNaN(back.left) ? "" : `; left at step ${t + 1}: ${shortFromLog(back.left)}`;
  return {
    told: `factor of the ${wordOf(pass, rowOf(pass, options.of))} from ${to}${bounds}${left}`,
    value: back.factor,
    region: { x: [t + 0.5, t + 1.5], y: [-1e9, 1e9] },
    t,
    lit: { name: options.of, t, unit: null },
  };
}

/** @param {Source} source */
function table(source) {
  const gate = gateProduct(source);
  return {
    head: [
      "step",
      "measured_factor",
      "log10_signal_left",
      "log10_smallest_singular_value",
      "log10_largest_singular_value",
      "log10_gate_product",
    ],
    rows: (backs(source) ?? []).map(({ factor, left, least, most }, t) => [
      t + 1,
      factor,
      left,
      least,
      most,
      gate[t],
    ]),
  };
}
