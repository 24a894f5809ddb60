/** The answers to a plot's choices. */

/** @import { Pass } from "../pass.js" */
/** @import { Choice, Plot } from "./catalogue.js" */

/** What was chosen, where it is still there to choose; else the usual. @param {Choice[]} choices @param {Record<string, string>} wanted @returns {Record<string, string>} */
function answered(choices, wanted) {
  return Object.fromEntries(
    choices.map(({ name, choices: offered }) => [
      name,
      (offered.find(([value]) => value === wanted[name]) ?? offered[0] ?? [""])[0],
    ]),
  );
}

/** The answers to the choices of a plot, from those of all plots by PLOT.CHOICE. @param {Plot} plot @param {Pass} pass @param {Record<string, string>} all */
export function answersOf(plot, pass, all) {
  const start = `${plot.name}.`;
  const own = Object.entries(all).filter(([name]) => name.startsWith(start));
  const wanted = own.map(([name, value]) => [name.slice(start.length), value]);
  return answered(plot.choices(pass), Object.fromEntries(wanted));
}

/** Linear, or by powers of ten. @param {"linear" | "log"} usual @returns {Choice} */
export function scale(usual) {
  const both = /** @type {[string, string][]} */ ([
    ["linear", "linear"],
    ["log", "log"],
  ]);
  return { name: "scale", word: "scale", choices: usual === "log" ? both.reverse() : both };
}
