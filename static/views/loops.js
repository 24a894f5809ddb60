/** The lines of the rolled-up network: boxes, arrows and loops, gradients the other way round them. */

import { strength } from "../palette.js";
import { nothing, svg } from "../vendor/lit-html/lit-html.js";
import { falling, isKnown, returning } from "./folded.js";
import { gradientWay, rounded, thinHead } from "./wires.js";

/** @import { Fold, Loop, Rise } from "../diagram/fold.js" */
/** @import { Point } from "../diagram/routes.js" */
/** @import { Rolled } from "./folded.js" */

/** Everything that is drawn with lines. @param {Rolled} now */
export function lines(now) {
  const { f } = now;
  const current = now.moment.layer;
  return svg`<svg width=${f.width} height=${f.height} viewBox="0 0 ${f.width} ${f.height}">
    ${f.boxes.map(({ layer, left, top, width, height }) => svg`<rect class=${layer === current ? "rolled-box works" : "rolled-box"} x=${left} y=${top} width=${width} height=${height} rx=${12 * f.scale}></rect>`)}
    ${f.rises.map((rise, i) => [
      back(now, fallOf(rise), falling(now, i)),
      forwards(now, riseOf(rise, f.scale), isKnown(now, rise.into) ? "" : " ahead"),
    ])}
    ${f.loops.map((loop) => loopOf(now, loop))}
    ${f.bands.map((band) => svg`<rect class=${isKnown(now, band.row) ? "strip" : "strip ahead"} x=${band.left} y=${band.top} width=${band.width} height=${band.height} rx="1.5"></rect>`)}
  </svg>`;
}

/** From a state round to its own layer, one step later; or the same way backwards. @param {Loop} loop @param {boolean} backwards @returns {Point[]} */
function wayOf({ left, right, out, into }, backwards) {
  const way = /** @type {Point[]} */ ([
    [left + 1, out],
    [right, out],
    [right, into],
    [left + 3, into],
  ]);
  return backwards
    ? [
        [left + 1, into],
        [right, into],
        [right, out],
        [left + 3, out],
      ]
    : way;
}

/** @param {Rolled} now @param {Loop} loop */
function loopOf(now, loop) {
  const log = returning(now, loop);
  const over = log !== null && log > Number.NEGATIVE_INFINITY;
  const kind = over ? " over" : isKnown(now, loop.row) ? "" : " ahead";
  return [
    back(now, wayOf(loop, true), log),
    forwards(now, wayOf(loop, false), kind),
    delay(now.f, loop),
  ];
}

/** @param {Rise} rise @param {number} scale @returns {Point[]} */
function riseOf({ x, from, to }, scale) {
  return [
    [x - 8 * scale, from - 3],
    [x - 8 * scale, to + 3],
  ];
}

/** @param {Rise} rise @returns {Point[]} */
function fallOf({ x, from, to }) {
  return [
    [x + 10, to + 2],
    [x + 10, from - 3],
  ];
}

/** @param {Rolled} now @param {Point[]} way @param {string} kind */
function forwards({ f }, way, kind) {
  return svg`<path class=${`cell-wire${kind}`} d=${rounded(way, 16 * f.scale)}></path>${thinHead(way, f.scale * 1.2, kind)}`;
}

/** The mark of one step's delay. @param {Fold} f @param {Loop} loop */
function delay({ scale }, { right, out, into }) {
  const side = 11 * scale;
  return svg`<rect class="rolled-delay" x=${right - side / 2} y=${(out + into) / 2 - side / 2} width=${side} height=${side}></rect>`;
}

/** A gradient on its way; nothing where it is exactly nothing. @param {Rolled} now @param {Point[]} way @param {number | null} log */
function back({ f, theme, top }, way, log) {
  if (log === null || log === Number.NEGATIVE_INFINITY) return nothing;
  const how = { size: strength(log, top), scale: f.scale, theme, head: true };
  return svg`<g class="rolled-gradient" data-log=${log}>${gradientWay(way, how)}</g>`;
}
