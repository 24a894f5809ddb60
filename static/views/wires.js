/** The wires of an opened cell: thin grey ones forwards, under them wide magenta ones backwards. */

import { shortFromLog } from "../number.js";
import { gradientColor, strength } from "../palette.js";
import { nothing, svg } from "../vendor/lit-html/lit-html.js";
import { isKnown } from "./open.js";

/** @import { Piece, Point } from "../diagram/routes.js" */
/** @import { Opened } from "./open.js" */
/** What goes back along a piece: how strong that shows, and whether it is of the moment's operation. @typedef {{ piece: Piece, log: number, size: number, now: boolean }} Back */

/** How wide the strongest gradient's wire is, and the faintest's. */
const WIDEST = 11;
const THINNEST = 3;
const ROUND = 7;

/** @param {Opened} now */
export function wires(now) {
  const { d } = now;
  const back = d.pieces.flatMap((piece) => backOf(now, piece));
  const over = new Set(back.map(({ piece }) => piece));
  return svg`<svg width=${d.width} height=${d.height} viewBox="0 0 ${d.width} ${d.height}">
    <rect class="cell-frame" x=${d.frame.left} y="1" width=${d.frame.right - d.frame.left} height=${d.height - 2} rx=${14 * d.scale}></rect>
    <g class="cell-back">${back.map((one) => wide(now, one))}</g>
    <g class="cell-wires">${d.pieces.map((piece) => thin(now, piece, over.has(piece)))}</g>
    <g class="cell-forks">${d.pieces.map((piece) => fork(now, piece))}</g>
    <g>${back.filter((one) => isTold(now, one)).map((one) => label(now, one))}</g>
  </svg>`;
}

/** @param {Opened} now @param {Piece} piece @param {boolean} over whether it lies over a wide one */
function thin(now, piece, over) {
  const lit = now.moment.phase === "forward" && goesInto(now, piece) ? " works" : "";
  const kind = over ? " over" : `${isKnown(now, piece.net) ? "" : " ahead"}${lit}`;
  return svg`<path class=${`cell-wire${kind}`} d=${rounded(piece.points, ROUND * now.d.scale)}></path>${heads(now, piece, kind)}`;
}

/** Whether a piece brings a value to what works now, or takes from there what it makes. @param {Opened} now @param {Piece} piece */
function goesInto({ work }, { net, uses }) {
  return uses.some((use) => {
    const to = net.to[net.uses.indexOf(use)];
    return work.nodes.has(to);
  });
}

/** The head of an arrow where a piece ends at a node. @param {Opened} now @param {Piece} piece @param {string} kind */
function heads({ d }, { points, uses }, kind) {
  if (uses.length !== 1 || !endsAtNode(d.pieces, points)) return nothing;
  return thinHead(points, d.scale, kind);
}

/** Whether no other piece goes on from where this one ends. @param {Piece[]} pieces @param {Point[]} points */
function endsAtNode(pieces, points) {
  const [x, y] = points[points.length - 1];
  return !pieces.some(({ points: [[px, py]] }) => px === x && py === y);
}

/** Where a wire forks. @param {Opened} now @param {Piece} piece */
function fork(now, { net, points, uses }) {
  if (uses.length < 2) return nothing;
  const [x, y] = points[points.length - 1];
  return svg`<circle class=${isKnown(now, net) ? "cell-fork" : "cell-fork ahead"} cx=${x} cy=${y} r=${2.6 * now.d.scale}></circle>`;
}

/** @param {Opened} now @param {Piece} piece @returns {Back[]} */
function backOf(now, piece) {
  const { branches, moment: at, t, top } = now;
  if (at.index < branches.earned(piece, t)) return [];
  const log = branches.log(piece, t);
  // Of what is exactly nothing there is no wire, however faint.
  if (log === null || log === Number.NEGATIVE_INFINITY || Number.isNaN(log)) return [];
  return [{ piece, log, size: strength(log, top), now: isOfMoment(now, piece) }];
}

/** Whether a piece carries what the moment works on. @param {Opened} now @param {Piece} piece */
function isOfMoment({ work, moment: at }, { net }) {
  return at.phase === "backward" && at.kind !== "share" && work.values.has(net);
}

/** Whether the number of a piece stands beside it: of what is merged, and of what is reached, where no strip or activation tells it. @param {Opened} now @param {Back} back */
function isTold({ moment: at, work }, { piece: { net, uses, first } }) {
  const ends = uses.map((use) => net.to[net.uses.indexOf(use)].kind);
  if (at.kind === "merge")
    return work.nodes.has(net) && !first && uses.length === 1 && ends[0] !== "next";
  const reached =
    at.kind === "line" && at.line?.target === `grad.${net.name}` && work.values.has(net);
  return reached && first && net.kind !== "value" && !ends.includes("call");
}

/** The norm of what comes back along a piece, beside its longest stretch. @param {Opened} now @param {Back} back */
function label({ d }, { piece: { points }, log }) {
  const stretches = points.slice(1).map((to, i) => ({ from: points[i], to }));
  const { from, to } = stretches.reduce((best, one) =>
    distance(one.from, one.to) > distance(best.from, best.to) ? one : best,
  );
  const level = from[1] === to[1];
  const [x, y] = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2];
  return svg`<text class="cell-norm" data-log=${log} x=${level ? x : x + 11 * d.scale} y=${level ? y - 11 * d.scale : y}
    text-anchor=${level ? "middle" : "start"} dominant-baseline="central">${shortFromLog(log)}</text>`;
}

/** @param {Opened} now @param {Back} back */
function wide({ d, theme }, { piece, log, size, now }) {
  const points = [...piece.points].reverse();
  return svg`<g class=${now ? "cell-gradient works" : "cell-gradient"} data-log=${log}><title>${`gradient, norm ${shortFromLog(log)}`}</title>
    ${gradientWay(points, { size, scale: d.scale, theme, head: piece.first })}</g>`;
}

/** A wide way in magenta, the wider and stronger the larger the gradient is. @param {Point[]} points @param {{ size: number, scale: number, theme: "light" | "dark", head: boolean }} how */
export function gradientWay(points, { size, scale, theme, head }) {
  const width = (THINNEST + (WIDEST - THINNEST) * size) * Math.min(1.3, scale);
  const long = head ? Math.min(9 * scale, lengthOf(points) * 0.7) : 0;
  const color = gradientColor(size, theme);
  return svg`<path d=${rounded(shortened(points, long), ROUND * scale)} fill="none" stroke=${color} stroke-width=${width.toFixed(1)}></path>
    ${long ? svg`<path d=${tip(points, long, width / 2 + 3.5)} fill=${color}></path>` : nothing}`;
}

/** An arrow's head at the end of a way. @param {Point[]} points @param {number} scale @param {string} kind */
export function thinHead(points, scale, kind) {
  const [[x1, y1], [x2, y2]] = points.slice(-2);
  const [ux, uy] = [Math.sign(x2 - x1), Math.sign(y2 - y1)];
  const [long, half] = [5.5 * scale, 3 * scale];
  const [bx, by] = [x2 - ux * long, y2 - uy * long];
  return svg`<path class=${`cell-head${kind}`} d=${`M${x2} ${y2}L${bx - uy * half} ${by - ux * half}L${bx + uy * half} ${by + ux * half}z`}></path>`;
}

/** @param {Point[]} points */
function lengthOf(points) {
  const [[x1, y1], [x2, y2]] = points.slice(-2);
  return Math.hypot(x2 - x1, y2 - y1);
}

/** A way without its last few pixels. @param {Point[]} points @param {number} by @returns {Point[]} */
function shortened(points, by) {
  const [[x1, y1], [x2, y2]] = points.slice(-2);
  const length = Math.hypot(x2 - x1, y2 - y1) || 1;
  const end = /** @type {Point} */ ([
    x2 - ((x2 - x1) / length) * by,
    y2 - ((y2 - y1) / length) * by,
  ]);
  return [...points.slice(0, -1), end];
}

/** @param {Point[]} points @param {number} long @param {number} half */
function tip(points, long, half) {
  const [x, y] = points[points.length - 1];
  const [[bx, by]] = shortened(points, long).slice(-1);
  const [ux, uy] = [(x - bx) / long, (y - by) / long];
  return `M${x} ${y}L${bx - uy * half} ${by + ux * half}L${bx + uy * half} ${by - ux * half}z`;
}

/** A way with its corners rounded. @param {Point[]} points @param {number} radius */
export function rounded(points, radius) {
  const way = points.filter(
    ([x, y], i) => i === 0 || x !== points[i - 1][0] || y !== points[i - 1][1],
  );
  let d = `M${way[0][0].toFixed(1)} ${way[0][1].toFixed(1)}`;
  for (let i = 1; i + 1 < way.length; i++) {
    const [a, b, c] = [way[i - 1], way[i], way[i + 1]];
    const r = Math.min(radius, distance(a, b) / 2, distance(b, c) / 2);
    d += `L${towards(b, a, r)}Q${b[0].toFixed(1)} ${b[1].toFixed(1)} ${towards(b, c, r)}`;
  }
  const [x, y] = way[way.length - 1];
  return `${d}L${x.toFixed(1)} ${y.toFixed(1)}`;
}

/** @param {Point} a @param {Point} b */
function distance(a, b) {
  return Math.hypot(a[0] - b[0], a[1] - b[1]);
}

/** @param {Point} from @param {Point} to @param {number} by */
function towards(from, to, by) {
  const part = by / (distance(from, to) || 1);
  const at = [from[0] + (to[0] - from[0]) * part, from[1] + (to[1] - from[1]) * part];
  return `${at[0].toFixed(1)} ${at[1].toFixed(1)}`;
}
