/** The gradient by timestep as a figure and a table: each step's share, and the sum that the shares build. */

import { counted, sizes } from "../figure.js";
import { PLOT } from "../palette.js";

/** @import { Figure } from "../figure.js" */
/** @import { Table } from "./catalogue.js" */
/** Norms of every step: of its share, and of the sum from the last step down to it; the cosine of the share with the whole, where it was asked for. @typedef {{ norms: number[], running: number[], cosines: number[] | null }} Shares */

/** @param {Shares} shares @param {"light" | "dark"} theme @param {{ wide: number, high: number }} room in letters @returns {Figure} */
export function sharesFigure({ norms, running }, theme, room) {
  const { bar, sum } = PLOT[theme];
  const x = norms.map((_, t) => t + 1);
  const most = Math.max(...[...norms, ...running].filter(Number.isFinite), 1e-300);
  return {
    marks: [
      { kind: "bars", x, y: norms, color: bar },
      {
        kind: "line",
        x: running.map((_, t) => t + 1),
        y: running,
        color: sum,
        dots: x.length <= 60,
      },
    ],
    x: counted(norms.length, room.wide / 3, "step"),
    y: sizes(0, most * 1.06, "norm", room.high / 2.4),
  };
}

/** @param {Shares} shares @param {string} name of the parameter @returns {Table} */
export function sharesTable({ norms, running, cosines }, name) {
  const head = ["step", `contribution_norm.${name}`, "norm of the sum so far"];
  const rows = norms.map((norm, t) => [t + 1, norm, running[t] ?? ""]);
  if (!cosines) return { head, rows };
  return {
    head: [...head, `contribution_cosine.${name}`],
    rows: rows.map((row, t) => [...row, cosines[t]]),
  };
}
