/** The inputs that mattered: how strongly the loss of one step depends on what each earlier step read. */

import { counted, decades, sizes } from "../figure.js";
import { PLOT } from "../palette.js";
import { visible } from "../words.js";
import { scale } from "./options.js";

/** @import { Pass } from "../pass.js" */
/** @import { Hit, Made, Source } from "./catalogue.js" */

/** @type {Made} */
export const inputs = {
  moves: true,
  needs: () => ["inputs"],
  choices: () => [
    scale("linear"),
    {
      name: "measure",
      word: "as",
      choices: [
        ["absolute", "absolute"],
        ["relative", "of the largest"],
      ],
    },
  ],
  figure,
  reading,
  now: (source) => {
    const t = lossOf(source);
    return { x: [t + 0.5, t + 1.5], y: [-1e9, 1e9] };
  },
  hit,
  mark: (_, { name, t }) =>
    name === "x" && t !== null ? { x: [t + 0.5, t + 1.5], y: [-1e9, 1e9] } : null,
  table,
};

/** The step whose loss is asked about: the moment's, else the last one that counts. @param {Source} source */
function lossOf({ pass, moment }) {
  if (moment.t !== null) return moment.t;
  for (let t = pass.sizes.T - 1; t > 0; t--) if (pass.counts(t)) return t;
  return 0;
}

/** The norms of the inputs up to that step. @param {Source} source @returns {number[] | null} */
function normsOf(source) {
  const data = source.found("flow.x")?.data;
  if (!data) return null;
  const { T } = source.pass.sizes;
  const t = lossOf(source);
  const norms = Array.from(data.subarray(t * T, t * T + t + 1), Number);
  if (source.options.measure !== "relative") return norms;
  const most = Math.max(...norms.filter(Number.isFinite));
  return norms.map((norm) => (most > 0 ? norm / most : norm));
}

/** @param {Source} source */
function figure(source) {
  const norms = normsOf(source);
  if (!norms) return null;
  const { pass, theme, options, room } = source;
  const { T } = pass.sizes;
  const isLog = options.scale === "log";
  const logs = norms.map((norm) => (norm > 0 && Number.isFinite(norm) ? Math.log10(norm) : null));
  const known = logs.filter((log) => log !== null);
  const floor = Math.min(...known, 0) - 0.3;
  const heights = isLog
    ? logs.map((log) => (log === null ? null : log - floor))
    : norms.map((norm) => (Number.isFinite(norm) ? norm : null));
  const word = options.measure === "relative" ? "part of the largest" : "norm of d loss / d x";
  const few = room.high / 2.4;
  return {
    marks: [
      {
        kind: /** @type {const} */ ("bars"),
        x: norms.map((_, k) => k + 1),
        y: heights,
        base: isLog ? floor : undefined,
        color: PLOT[theme].bar,
      },
    ],
    x: counted(T, room.wide / (pass.plan.columns.input ? 1.6 : 3), "input of step", (k) =>
      nameOf(pass, k),
    ),
    y: isLog
      ? decades(floor, Math.max(...known, floor) + 0.1, word, few)
      : sizes(0, Math.max(...norms.filter(Number.isFinite), 1e-300) * 1.06, word, few),
  };
}

/** What a step reads, or its number. @param {Pass} pass @param {number} k */
function nameOf(pass, k) {
  const symbol = pass.plan.columns.input?.[k];
  return symbol ? visible(symbol) : String(k + 1);
}

/** @param {Source} source */
function reading(source) {
  const t = lossOf(source);
  const norms = normsOf(source);
  const read = `How strongly the loss of step ${t + 1} depends on what each step up to it read.`;
  if (!norms) return read;
  const finite = norms.map((norm) => (Number.isFinite(norm) ? norm : 0));
  const most = Math.max(...finite);
  const odd = norms.findLastIndex((norm) => !Number.isFinite(norm));
  const none = odd < 0 ? " It depends on none." : "";
  const told = most > 0 ? ` Most on step ${finite.indexOf(most) + 1}’s.` : none;
  return read + told + (odd < 0 ? "" : ` Up to step ${odd + 1} it is no longer finite.`);
}

/** @param {Source} source @param {number} x @returns {Hit | null} */
function hit(source, x) {
  const k = Math.round(x) - 1;
  const value = normsOf(source)?.[k];
  if (value === undefined) return null;
  const t = lossOf(source);
  return {
    told: `loss of step ${t + 1} by the input of step ${k + 1}, “${nameOf(source.pass, k)}”`,
    value,
    region: { x: [k + 0.5, k + 1.5], y: [-1e9, 1e9] },
    t: k,
    lit: { name: "x", t: k, unit: null },
    reach: { from: t, to: k, name: "x" },
  };
}

/** @param {Source} source */
function table(source) {
  const t = lossOf(source);
  return {
    head: ["step", "reads", `norm of d loss_${t + 1} / d x`],
    rows: (normsOf(source) ?? []).map((norm, k) => [k + 1, nameOf(source.pass, k), norm]),
  };
}
