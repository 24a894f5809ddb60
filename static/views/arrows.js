/** The arrows of the stage: thin grey ones forwards, wide magenta ones backwards. */

import { inView, middle, timesteps } from "../geometry.js";
import { traceName } from "../names.js";
import { shortFromLog } from "../number.js";
import { gradientColor, strength } from "../palette.js";
import { nothing, svg } from "../vendor/lit-html/lit-html.js";
import { waysBefore } from "./feedback.js";

/** @import { Geometry, Strip } from "../geometry.js" */
/** @import { Scene } from "./scene.js" */

/** How wide the strongest gradient's arrow is, and the faintest's. */
const WIDEST = 15;
const THINNEST = 3;
/** What is not there. */
const NONE = { shape: nothing, text: nothing };
/** A column narrower than this has no room for a number beside its arrow. */
const NUMBER = 72;
/** Under a strip lower than this a number that is wider than the gap between columns would run into other arrows. */
const TALL = 60;
/** How wide a number of four digits is, and how tall. */
const DIGITS = 54;
const LINE = 15;

/** Everything between the strips. @param {Scene} scene */
export function arrows(scene) {
  const back = backward(scene).flat(2);
  return svg`<g class="forward">${forward(scene)}</g>
    <g class="backward">${back.map(({ shape }) => shape)}</g>
    <g>${back.map(({ text }) => text)}</g>`;
}

/** The grey arrows: those of what is there already as one shape, the others as another. @param {Scene} scene */
function forward(scene) {
  const all = present(scene).flatMap((t) =>
    scene.g.strips.flatMap((strip) => ways(scene, strip, t)),
  );
  return [false, true].map((known) => {
    const shapes = all.filter((one) => one.known === known).map(({ shape }) => shape);
    return svg`<path class=${known ? "arrow" : "arrow ahead"} d=${shapes.join("")}></path>`;
  });
}

/** The steps in view that are no padding: from that no arrow comes. @param {Scene} scene */
function present({ g, pass }) {
  return timesteps(g).filter((t) => pass.status(t) !== "over");
}

/** What comes up into a strip, and what a state gives to the next step. @param {Scene} scene @param {Strip} strip @param {number} t */
function ways({ pass, g, line, moment }, strip, t) {
  const known = moment.index >= line.earned(strip.row.name, t);
  const found = [];
  if (strip.arrows) {
    const [x, y] = [middle(g, t) - g.strip * 0.24, strip.top + strip.height];
    found.push({ known, shape: thin(x, y + gapBelow(g, strip) - 4, x, y + 4) });
  }
  if (strip.row.kind === "state" && goesOn(g, pass, t)) {
    const y = strip.top + strip.height * 0.3;
    const [from, to] = [middle(g, t) + g.strip / 2 + 3, middle(g, t + 1) - g.strip / 2 - 3];
    found.push({ known, shape: thin(from, y, to, y) });
  }
  return found;
}

/** Whether a state is carried on to a step in view. @param {Geometry} g @param {Scene["pass"]} pass @param {number} t */
function goesOn(g, pass, t) {
  return pass.carries && inView(g, t + 1) && pass.status(t + 1) !== "over";
}

/** @param {Geometry} g @param {Strip} strip */
function gapBelow(g, strip) {
  const next = g.strips[g.strips.indexOf(strip) + 1];
  return next.top - strip.top - strip.height;
}

/** @param {number} x1 @param {number} y1 @param {number} x2 @param {number} y2 */
function thin(x1, y1, x2, y2) {
  const [dx, dy] = [Math.sign(x2 - x1), Math.sign(y2 - y1)];
  const head = `M${x2} ${y2}l${-6 * dx - 3.5 * dy} ${-6 * dy - 3.5 * dx}l${7 * dy} ${7 * dx}z`;
  return `M${x1} ${y1}L${x2 - 4 * dx} ${y2 - 4 * dy}${head}`;
}

/** @param {Scene} scene */
function backward(scene) {
  const { g } = scene;
  return g.strips
    .filter((strip) => strip.row.kind === "state")
    .map((strip) =>
      present(scene).map((t) => [fromAbove(scene, strip, t), fromFuture(scene, strip, t)]),
    );
}

/** What comes down to a state at its own step. @param {Scene} scene @param {Strip} strip @param {number} t */
function fromAbove(scene, strip, t) {
  const { g, line, moment } = scene;
  const name = `grad.${strip.row.name}.from_above`;
  if (moment.index < line.earned(name, t)) return NONE;
  const x = middle(g, t) + g.strip * 0.22;
  const above = g.strips[g.strips.indexOf(strip) - 1];
  const from = above.top + above.height + 2;
  const used = moment.index >= line.earned(`grad.${strip.row.name}`, t);
  return wideArrow(scene, name, t, [x, from], [x, strip.top - 3], used);
}

/** What comes back to a state from the step after. @param {Scene} scene @param {Strip} strip @param {number} t */
function fromFuture(scene, strip, t) {
  const { g, line, moment } = scene;
  const name = `grad.${strip.row.name}.from_future`;
  if (!goesOn(g, scene.pass, t) || moment.index < line.earned(name, t)) return NONE;
  const y = strip.top + strip.height * 0.7;
  const from = [middle(g, t + 1) - g.strip / 2 - 2, y];
  const to = [middle(g, t) + g.strip / 2 + 2, y];
  const cut = scene.pass.cut(t);
  if (cut && !cut.rest) return NONE;
  if (g.pitch - g.strip >= DIGITS * g.scale) return wideArrow(scene, name, t, from, to, true);
  const under = strip.height >= TALL ? strip.top + strip.height + LINE * g.scale : null;
  return wideArrow(scene, name, t, from, to, true, under);
}

/**
 * @param {Scene} scene @param {string} name @param {number} t
 * @param {number[]} from @param {number[]} to @param {boolean} used paler while it waits to be merged
 * @param {number | null} [least] how far down its number stands at the least; null where there is no room for it
 */
function wideArrow(scene, name, t, from, to, used, least = 0) {
  const { pass, g, theme, top } = scene;
  const log = pass.logNorm(name, t);
  // Of what is exactly nothing there is no arrow, however faint.
  if (log === null || log === Number.NEGATIVE_INFINITY) return NONE;
  const size = strength(log, top);
  const half = ((THINNEST + (WIDEST - THINNEST) * size) / 2) * (g.full ? Math.sqrt(g.scale) : 0.55);
  const color = gradientColor(used ? size : size * 0.45, theme);
  const told = least !== null && isTold(scene, name, t);
  return {
    shape: svg`<path class=${used ? "gradient" : "gradient waiting"} d=${outline(from, to, half)} fill=${color}></path>`,
    text: told ? label(from, to, half, least, g, shortFromLog(log)) : nothing,
  };
}

/** Whether the number of a gradient is told beside its arrow. @param {Scene} scene @param {string} name @param {number} t */
function isTold({ pass, g, moment }, name, t) {
  if (moment.t !== t || moment.phase !== "backward" || g.pitch < NUMBER * g.scale) return false;
  if (g.pitch - g.strip >= DIGITS * g.scale) return true;
  // Between narrow columns there is room for the two that arrive at one state.
  const state = moment.line && traceName(moment.line.target, moment.layer, pass.sizes.L);
  return moment.kind === "merge" && name.startsWith(`${state}.`);
}

/** @param {number[]} from @param {number[]} to @param {number} half */
function outline([x1, y1], [x2, y2], half) {
  const length = Math.hypot(x2 - x1, y2 - y1);
  const [ux, uy] = [(x2 - x1) / length, (y2 - y1) / length];
  const head = Math.min(length * 0.6, half + 7);
  const [bx, by] = [x2 - ux * head, y2 - uy * head];
  const wing = half + 4;
  const at = (/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ off) =>
    `${(x - uy * off).toFixed(1)} ${(y + ux * off).toFixed(1)}`;
  return `M${at(x1, y1, half)}L${at(bx, by, half)}L${at(bx, by, wing)}L${x2} ${y2}L${at(bx, by, -wing)}L${at(bx, by, -half)}L${at(x1, y1, -half)}z`;
}

/** A number beside a downward arrow or under one that goes back, where it keeps clear of what is fed back. @param {number[]} from @param {number[]} to @param {number} half @param {number} least @param {Geometry} g @param {string} text */
function label([x1, y1], [x2, y2], half, least, g, text) {
  const vertical = x1 === x2;
  const fed = waysBefore(g);
  const x = vertical ? x1 + half + 8 : fed ? x1 - fed : (x1 + x2) / 2;
  const y = vertical ? (y1 + y2) / 2 : Math.max(least, y1 + half + 6 + 14 * g.scale);
  const anchor = vertical ? "start" : fed ? "end" : "middle";
  return svg`<text class="norm" x=${x} y=${y} text-anchor=${anchor} dominant-baseline=${vertical ? "central" : "auto"}>${text}</text>`;
}
