/** Where on the stage there is nothing to see at a moment, so that something may lie over it. */

import { inView, middle } from "../geometry.js";
import { traceName } from "../names.js";

/** @import { Scene } from "./scene.js" */
/** A place: from where, how wide and how tall, and on which side of it the current column is. @typedef {{ left: number, width: number, height: number, beside: "left" | "right" | null }} Free */

/** Where the stage is in what lies over it, how large it is and how far it is scrolled; `whole` is how wide all of that is. @typedef {{ x: number, y: number, width: number, height: number, whole: number, scrolled: number }} Site */

/** How far from a column anything keeps. */
const GAP = 10;
const EDGE = 4;

/**
 * The places at a moment, the best first: before the current column on the way back, since those
 * are not reached yet, and after it on the way forward. The neighbour that an arrow comes from or
 * goes to stays in view.
 * @param {Scene} now @param {Site} site
 * @returns {Free[]}
 */
export function freeOf({ g, moment: at }, site) {
  const [from, to] = [g.left - GAP, Math.min(g.width, site.width + site.scrolled) - EDGE];
  const height = site.height - 2 * EDGE;
  if (at.t === null || !inView(g, at.t))
    return [{ left: from, width: to - from, height, beside: null }];
  const back = at.phase === "backward";
  const own = g.pitch / 2 + EDGE;
  const neighbour = g.pitch + g.strip / 2 + GAP;
  const x = middle(g, at.t);
  const end = x - (back && at.kind !== "handover" ? own : neighbour);
  const start = x + (back ? neighbour : own);
  const before = { left: from, width: end - from, height, beside: /** @type {const} */ ("right") };
  const after = { left: start, width: to - start, height, beside: /** @type {const} */ ("left") };
  return back ? [before, after] : [after, before];
}

/**
 * Put a panel into a place, as near to the current column as it goes, level with the moment's row.
 * @param {HTMLElement} panel @param {Scene} now
 * @param {{ place: Free, box: { width: number, height: number } }} fitted about how large it is
 * @param {Site} site
 */
export function put(panel, now, { place, box: { width, height } }, site) {
  const level = place.beside ? levelOf(now) : site.height - height / 2;
  const top = Math.max(EDGE, Math.min(level - height / 2, site.height - height - EDGE));
  const start = place.left - site.scrolled + site.x;
  const shift = place.beside ? 0 : (place.width - width) / 2;
  const onRight = place.beside === "right";
  panel.style.left = onRight ? "auto" : `${start + shift}px`;
  panel.style.right = onRight ? `${site.whole - start - place.width}px` : "auto";
  panel.style.top = `${top + site.y}px`;
  panel.style.setProperty("--level", `${Math.max(18, Math.min(level - top, height - 18))}px`);
  panel.dataset.beside = place.beside ?? "";
}

/** How far down the row of the moment is, or of the state it works for. @param {Scene} now */
function levelOf({ g, pass, moment: at }) {
  const tree = at.line?.tree;
  const factor = Array.isArray(tree) ? tree[1] : tree;
  const of = at.kind === "share" && typeof factor === "string" ? factor : (at.line?.target ?? "");
  const stem = of
    .replace(/^grad\./, "")
    .replace(/\.(a|from_above|from_future|part\d+)$/, "")
    .replace(/_prev$/, "");
  const name = traceName(stem, at.layer, pass.sizes.L);
  const strip =
    g.strips.find(({ row }) => row.name === name) ??
    g.strips.find(({ row }) => row.kind === "state" && row.layer === at.layer) ??
    g.strips[0];
  return strip.top + strip.height / 2;
}
