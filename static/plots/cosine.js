/** How far each step's share pulls where the whole gradient does: the cosine between them, from −1 to 1. */

import { counted, sizes } from "../figure.js";
import { PLOT } from "../palette.js";

/** @import { Figure } from "../figure.js" */
/** @import { Numbers } from "../types.js" */

/** @param {Numbers | number[]} cosines of every step @param {"light" | "dark"} theme @param {{ wide: number, high: number }} room in letters @returns {Figure} */
export function cosineFigure(cosines, theme, room) {
  const { bar, other, faint } = PLOT[theme];
  const y = Array.from(cosines, Number);
  const x = y.map((_, t) => t + 1);
  const shown = y.map((cosine) => (Number.isFinite(cosine) ? cosine : null));
  return {
    marks: [
      { kind: "bars", x, y: shown, color: y.map((cosine) => (cosine < 0 ? other : bar)) },
      { kind: "line", x: [0.5, x.length + 0.5], y: [0, 0], color: faint, width: 1 },
    ],
    x: counted(x.length, room.wide / 3, "step"),
    y: sizes(-1, 1, "cosine with the whole", Math.max(2, room.high / 3)),
  };
}
