/** The plots of the whole pass by name and word, in the order of their keys. Here alone, since their code comes only when one is opened. */

/** @type {[import("../types.js").PlotName, string][]} */
export const NAMES = [
  ["states", "States over time"],
  ["triangle", "Loss to state"],
  ["signal", "Signal left"],
  ["spectrum", "Spectrum"],
  ["inputs", "Inputs that mattered"],
  ["trajectory", "Trajectory"],
];

/** The answer that asks for cosines in place of norms, where the gradient by timestep shows. */
export const COSINE = "cosine";

/** The one that asks for parts of the whole. */
export const RELATIVE = "relative";

/** Whether what shows is of the code that comes later. @param {string} name @param {Record<string, string>} options */
export function isLater(name, options) {
  return NAMES.some(([one]) => one === name) || options["shares.measure"] === COSINE;
}
