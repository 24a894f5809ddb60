/** The borders of truncation: where windows begin, which losses end there, and their arrows stopped. */

import { inView, middle, timesteps } from "../geometry.js";
import { nothing, svg } from "../vendor/lit-html/lit-html.js";

/** @import { Strip } from "../geometry.js" */
/** @import { Window } from "../truncation.js" */
/** @import { Scene } from "./scene.js" */

/** How wide a letter of small type is on average, of the words beside a border. */
const LETTER = 6.2;
/** A strip lower than this has room for what passes alone. */
const ROOM = 60;
/** Half of what a number over a state keeps free of a border. */
const NUMBER = 12;

/** The windows that begin in view after the first step, where something is cut. @param {Scene} now */
function begun({ g, pass }) {
  return pass.windows.filter(({ begin }) => begin > 0 && inView(g, begin));
}

/** A line over the whole height before every window's first step, and what ends there. @param {Scene} now */
export function borders(now) {
  const all = begun(now);
  return all.map((one, i) => border(now, one, all[i + 1]?.begin));
}

/** @param {Scene} now @param {Window} window @param {number} [next] where the next border is */
function border(now, window, next) {
  const { g, moment: at } = now;
  const x = Math.round(before(g, window.begin));
  const end = next === undefined ? g.width : before(g, next);
  const swept = at.phase === "backward" && at.t !== null && isIn(window, at.t);
  return svg`<g class=${swept ? "border swept" : "border"} data-begin=${window.begin + 1}>
    <path class="before" d=${line(now, window, x)}></path>
    <text x=${x + 5} y=${2 + 11 * g.scale}>${told(window, (end - x - 10) / (LETTER * g.scale))}</text>
  </g>`;
}

/** Whether the losses of a window go back through a step. @param {Window} window @param {number} t */
function isIn({ begin, end }, t) {
  return t >= begin && t < end;
}

/** Half way to a step from the one before it. @param {Scene["g"]} g @param {number} t */
function before(g, t) {
  return middle(g, t) - g.pitch / 2;
}

/** Down to the last strip, but for where the numbers of the current step stand. @param {Scene} now @param {Window} window @param {number} x */
function line({ g, moment: at, pass }, { begin }, x) {
  const last = g.strips[g.strips.length - 1];
  const numbered = at.phase === "backward" && at.t === begin - 1;
  const states = numbered ? g.strips.filter(({ row }) => row.kind === "state") : [];
  const parts = states.map(({ top, height }) => {
    const end = pass.cut(begin - 1)?.rest ? top + height + NUMBER * g.scale : top;
    return `V${top - 2 * NUMBER}M${x} ${end}`;
  });
  return `M${x} 4${parts.join("")}V${last.top + last.height + 4}`;
}

/** As much as there is room for. @param {Window} window @param {number} letters */
function told({ first, end }, letters) {
  const one = end === first + 1;
  const which = one ? `loss ${end}` : `losses ${first + 1}–${end}`;
  const all = [`${which} ${one ? "ends" : "end"} here`, which];
  return all.find((text) => text.length <= letters) ?? nothing;
}

/** At every border the arrow that was stopped there, once the way back has come to it. @param {Scene} now */
export function stops(now) {
  const states = now.g.strips.filter(({ row }) => row.kind === "state");
  return timesteps(now.g).map((t) => states.map((strip) => stopped(now, strip, t)));
}

/** A stub that ends at a bar; beside the arrow of what passes where that is not all. @param {Scene} now @param {Strip} strip @param {number} t */
function stopped({ g, line: earned, moment: at, pass }, strip, t) {
  const reached = pass.carries && inView(g, t + 1) && pass.status(t + 1) !== "over";
  const cut = reached ? pass.cut(t) : null;
  if (!cut || at.index < earned.earned(`grad.${strip.row.name}.from_future`, t)) return nothing;
  if (cut.rest && strip.height < ROOM) return nothing;
  const y = strip.top + strip.height * (cut.rest ? 0.46 : 0.7);
  const half = cut.rest ? 4 : Math.min(9, strip.height / 2);
  const [from, to] = [middle(g, t + 1) - g.strip / 2 - 2, Math.round(before(g, t + 1))];
  const shape = `M${from} ${y}H${to}M${to} ${y - half}v${2 * half}`;
  return svg`<path class=${cut.rest ? "cut partial" : "cut"} d=${shape}></path>`;
}
