/** One cell opened: its equations as a diagram, values on the wires, gradients on the way back. */

import { drawn, sized } from "../drawing.js";
import { typesetAll } from "../notation.js";
import { moment } from "../playhead.js";
import { chosen, lit, pass, selection } from "../store.js";
import { html, nothing, render, svg } from "../vendor/lit-html/lit-html.js";
import { signal } from "../vendor/signals-core/signals-core.mjs";
import { firstOf } from "../words.js";
import { follow, light } from "./lighting.js";
import { nodes, vectorOf } from "./nodes.js";
import { asked, isKnown, opened, placeOf } from "./open.js";
import { drawPaintings } from "./paintings.js";
import { wires } from "./wires.js";

/** @import { Placed } from "../diagram/diagram.js" */
/** @import { Opened } from "./open.js" */

const size = signal({ width: 0, height: 0 });

/** @param {HTMLElement} element */
export function mount(element) {
  render(frame(), element);
  const box = part(element, "cell-scroll");
  sized(box, (width, height) => (size.value = { width, height }));
  follow(part(element, "cell-nodes"));
  drawn(
    () => opened(size.value),
    (now) => now && draw(element, now),
  );
  drawn(
    () => [lit.value, opened(size.value)],
    () => drawPins(element),
  );
}

/** @param {HTMLElement} element @param {string} name @returns {HTMLElement} */
function part(element, name) {
  return /** @type {HTMLElement} */ (element.querySelector(`.${name}`));
}

function frame() {
  return html`<div class="cell-side"></div>
    <div class="cell-scroll" tabindex="0" role="group" aria-label="Diagram of the cell">
      <div class="cell-sheet" @pointermove=${hover} @pointerleave=${() => point(null)} @click=${click}>
        <div class="cell-picture" role="img"></div>
        <canvas class="cell-bands" aria-hidden="true"></canvas>
        <div class="cell-nodes"></div>
        <div class="cell-pins" aria-hidden="true"></div>
      </div>
    </div>`;
}

/** @param {HTMLElement} element @param {Opened} now */
function draw(element, now) {
  const { d, inset } = now;
  const sheet = part(element, "cell-sheet");
  sheet.style.cssText = `left:${inset.left}px;top:${inset.top}px;width:${d.width}px;height:${d.height}px;--s:${d.scale}`;
  const picture = part(element, "cell-picture");
  picture.setAttribute("aria-label", spoken(now));
  render(wires(now), picture);
  const canvas = /** @type {HTMLCanvasElement} */ (element.querySelector(".cell-bands"));
  drawPaintings(canvas, d, paintings(now), now.pass, now.theme);
  const host = part(element, "cell-nodes");
  render(nodes(now), host);
  typesetAll(host);
  light(host);
  render(side(now), part(element, "cell-side"));
  keepInView(element, now);
}

/** @param {Opened} now */
function spoken({ pass: now, moment: at, t, layer }) {
  const { L, T } = now.sizes;
  const { cell } = now.plan.spec;
  const name = typeof cell === "string" ? cell : cell.name;
  const which = L > 1 ? `, layer ${layer + 1} of ${L}` : "";
  const shown = now.sizes.B > 1 ? ` Shown is ${firstOf(now)}.` : "";
  const works = at.line ? `: ${at.line.text}` : "";
  return `The cell ${name}${which}, step ${t + 1} of ${T}.${shown} Now: ${at.phase}${works}.`;
}

/** The step, and the layers where there are several. @param {Opened} now */
function side({ pass: { sizes }, t, layer, moment: at, inset }) {
  if (inset.left === 0 && inset.top === 0) return nothing;
  const layers = Array.from({ length: sizes.L }, (_, one) => one).reverse();
  return html`<p class="cell-step">step <b>${t + 1}</b> of ${sizes.T}</p>
    ${
      sizes.L === 1
        ? nothing
        : html`<div class="cell-layers" role="group" aria-label="Layer">${layers.map(
            (one) =>
              html`<button class="plain" aria-pressed=${one === layer} @click=${() => (asked.value = { layer: one, index: at.index })}>layer ${one + 1}</button>`,
          )}</div>`
    }`;
}

/** Every known vector. @param {Opened} now @returns {import("./paintings.js").Painting[]} */
function paintings(now) {
  return now.d.nodes.filter(isBands).flatMap(({ node, x, y, width, height }) => {
    const [values, at] = [isKnown(now, node) ? vectorOf(now, node) : null, placeOf(now, node)];
    if (!values || !at) return [];
    return [{ name: at.name, values, left: x - width / 2, top: y - height / 2, width, height }];
  });
}

/** @param {Placed} placed */
function isBands({ node }) {
  if (node.readout) return node.kind === "value" && node.name !== "loss";
  return node.kind === "value" || node.kind === "given";
}

/** The pinned unit of what the moment reads and makes, and the band that is lit. @param {HTMLElement} element */
function drawPins(element) {
  const now = opened(size.peek());
  if (!now) return;
  const { d, work, selected } = now;
  const shown = lit.peek();
  const marks = d.nodes.filter(isBands).flatMap((placed) => {
    const at = placeOf(now, placed.node);
    const units = placed.node.readout || placed.node.name === "x" ? 0 : now.pass.sizes.H;
    const pinned = units > 0 && work.values.has(placed.node) && isKnown(now, placed.node);
    const same = shown && at && shown.name === at.name && shown.t === at.t && shown.unit !== null;
    const size = vectorOf(now, placed.node)?.length ?? 1;
    return [
      pinned ? pin(placed, selected.unit, units) : nothing,
      same ? band(placed, shown.unit ?? 0, size) : nothing,
    ];
  });
  render(svg`<svg width=${d.width} height=${d.height}>${marks}</svg>`, part(element, "cell-pins"));
}

/** @param {Placed} placed @param {number} unit @param {number} units */
function pin({ x, y, width, height }, unit, units) {
  const [left, at] = [x - width / 2 - 2, y - height / 2 + ((unit + 0.5) * height) / units];
  return svg`<path class="pin" d=${`M${left} ${at}l-6 -4v8z`}></path>`;
}

/** @param {Placed} placed @param {number} unit @param {number} units */
function band({ x, y, width, height }, unit, units) {
  const top = y - height / 2 + (unit * height) / units;
  return svg`<rect class="lit" x=${x - width / 2 - 1.5} y=${top - 1.5} width=${width + 3} height=${height / units + 3} rx="3"></rect>`;
}

/** Scroll, where the sheet is larger than its box, so that what works now can be seen. @param {HTMLElement} element @param {Opened} now */
function keepInView(element, { d, work, inset }) {
  const box = part(element, "cell-scroll");
  if (d.width + inset.left <= box.clientWidth + 1 && d.height + inset.top <= box.clientHeight + 1)
    return;
  const rows = [...work.rows].map((row) => Number(row.split(".")[0]));
  const works = d.nodes.filter(({ node }) => work.nodes.has(node) || rows.includes(node.id));
  if (works.length === 0) return;
  const [left, right] = [
    Math.min(...works.map(({ x, width }) => x - width)),
    Math.max(...works.map(({ x, width }) => x + width)),
  ];
  const [top, bottom] = [
    Math.min(...works.map(({ y, height }) => y - height)),
    Math.max(...works.map(({ y, height }) => y + height)),
  ];
  if (left < box.scrollLeft || right > box.scrollLeft + box.clientWidth - inset.left)
    box.scrollLeft = Math.min(left, (left + right - box.clientWidth) / 2 + inset.left);
  if (top < box.scrollTop || bottom > box.scrollTop + box.clientHeight - inset.top)
    box.scrollTop = (top + bottom - box.clientHeight) / 2;
}

/** What this view has lit, which it alone puts out. @type {import("../types.js").Lit | null} */
let ours = null;

/** @param {PointerEvent} event */
function hover(event) {
  const target = /** @type {Element} */ (event.target);
  const strip = /** @type {HTMLElement | null} */ (target.closest(".cell-value"));
  if (strip)
    point({
      name: strip.dataset.name ?? "",
      t: Number(strip.dataset.t),
      unit: unitAt(strip, event.clientY),
    });
  else if (!target.closest("[data-name]")) point(null);
}

/** @param {import("../types.js").Lit | null} what */
function point(what) {
  const now = lit.peek();
  if (what === null && now !== ours) return;
  if (what?.name === now?.name && what?.t === now?.t && what?.unit === now?.unit) return;
  ours = what;
  lit.value = what;
}

/** The unit under the pointer; null where a strip is of one number. @param {HTMLElement} strip @param {number} y */
function unitAt(strip, y) {
  const now = opened(size.peek());
  const placed = now?.d.nodes.find(({ node }) => node.id === Number(strip.dataset.node));
  const values = now && placed && isBands(placed) ? vectorOf(now, placed.node) : null;
  if (!values) return null;
  const box = strip.getBoundingClientRect();
  return Math.max(
    0,
    Math.min(values.length - 1, Math.floor(((y - box.top) / box.height) * values.length)),
  );
}

/** A band is pinned. @param {MouseEvent} event */
function click(event) {
  const strip = /** @type {HTMLElement | null} */ (
    /** @type {Element} */ (event.target).closest(".cell-value")
  );
  const layered = strip?.dataset.name?.startsWith("layer");
  const unit = strip && layered ? unitAt(strip, event.clientY) : null;
  if (unit === null || !pass.peek() || !moment.peek()) return;
  selection.value = { ...selection.peek(), ...chosen.peek(), unit };
}
