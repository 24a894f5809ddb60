/** How far a gradient came: from the loss of one step down to its state, and back through the steps to where it arrives. */

import { middle } from "../geometry.js";
import { nothing, render, svg } from "../vendor/lit-html/lit-html.js";

/** @import { Strip } from "../geometry.js" */
/** @import { Reach } from "../types.js" */
/** @import { Scene } from "./scene.js" */

/** @param {HTMLElement} element @param {Scene | null} now @param {Reach | null} way */
export function drawReach(element, now, way) {
  render(now && way ? path(now, way) : nothing, element);
}

/** @param {Scene} now @param {Reach} way */
function path(now, { from, to, name }) {
  const { g } = now;
  const [target, along] = [stripOf(now, name), stripOf(now, carrierOf(now, name))];
  if (!target || !along) return nothing;
  const [right, left] = [x(now, from), x(now, to)];
  const level = y(along);
  const steps = [`M${right} ${g.strips[0].top}`, `V${level}`, `H${left}`];
  if (target !== along) steps.push(`V${y(target)}`);
  const end = [left, y(target)];
  return svg`<svg class="reach" width=${g.width} height=${g.height} viewBox="0 0 ${g.width} ${g.height}">
    <path d=${steps.join("")}></path><circle cx=${end[0]} cy=${end[1]} r="5"></circle>
  </svg>`;
}

/** What carries a gradient back to a quantity: a state itself, or for an input the bottom layer's. @param {Scene} now @param {string} name */
function carrierOf({ pass }, name) {
  const isState = pass.plan.rows.some((row) => row.name === name && row.kind === "state");
  return isState ? name : "layer0.h";
}

/** @param {Scene} now @param {string} name */
function stripOf({ g }, name) {
  return g.strips.find(({ row }) => row.name === name);
}

/** @param {Strip} strip */
function y({ top, height }) {
  return top + height / 2;
}

/** The middle of a column; of one beside the window, the window's edge. @param {Scene} now @param {number} t */
function x({ g }, t) {
  return middle(g, Math.min(g.first + g.columns - 0.5, Math.max(g.first - 0.5, t)));
}
