/** The plots: what each is called, and the key that shows it. */

import { inputs } from "./inputs.js";
import { COSINE, NAMES } from "./names.js";
import { answersOf } from "./options.js";
import { signal } from "./signal.js";
import { spectrum } from "./spectrum.js";
import { states } from "./states.js";
import { trajectory } from "./trajectory.js";
import { triangle } from "./triangle.js";

/** @import { Figure, Region } from "../figure.js" */
/** @import { What } from "../finding.js" */
/** @import { Pass } from "../pass.js" */
/** @import { Chosen, Lit, Moment, PlotName, Reach, Tensor } from "../types.js" */
/**
 * What a plot is made of: the pass and what was `found` out of it, which is here from the last step
 * down to `since` (from 0). `options` are the answers to its choices, by name.
 * @typedef {{
 *   pass: Pass, found: (name: string) => Tensor | null, since: number, moment: Moment,
 *   selected: Chosen, theme: "light" | "dark", options: Record<string, string>,
 *   room: { wide: number, high: number }, tops: number[] | null,
 * }} Source `room` is counted in letters; `tops` is what full colours stand for, where others are
 *   drawn beside it
 *
 * Something to choose; the first choice is the usual one. @typedef {{ name: string, word: string, choices: [string, string][] }} Choice
 *
 * What is under the pointer: what is told of it, the step that a click goes to, what it lights on
 * the stage, and how far a gradient came that it tells of.
 * @typedef {{ told: string, value: number | null, region: Region, t: number | null, lit: Lit | null, reach?: Reach }} Hit
 *
 * @typedef {{ head: string[], rows: (string | number)[][] }} Table
 * @typedef {{
 *   needs: (options: Record<string, string>) => What[],
 *   choices: (pass: Pass) => Choice[], figure: (source: Source) => Figure | null,
 *   reading: (source: Source) => string, now: (source: Source) => Region | null,
 *   hit: (source: Source, x: number, y: number) => Hit | null,
 *   mark: (source: Source, lit: Lit) => Region | null, table: (source: Source) => Table,
 *   moves: boolean, tops?: (source: Source) => number[],
 * }} Made `moves` where the figure itself is another at another moment
 */

const MADE = { states, triangle, signal, spectrum, inputs, trajectory };

/** A plot with its name and word. @typedef {Made & { name: PlotName, word: string }} Plot */
/** @type {Plot[]} */
export const PLOTS = NAMES.map(([name, word]) => ({
  ...MADE[/** @type {keyof typeof MADE} */ (name)],
  name,
  word,
}));

/** What the plot that shows needs beyond the pass. @param {PlotName} name @param {Pass} pass @param {Record<string, string>} options @returns {What[]} */
export function needsOf(name, pass, options) {
  if (name === "shares") return options["shares.measure"] === COSINE ? ["signals"] : [];
  const plot = PLOTS.find((one) => one.name === name);
  return plot ? plot.needs(answersOf(plot, pass, options)) : [];
}
