/** What marks a place on the stage: lanes of layers, the frame of the step, outlines, pins, what is lit. */

import { changedBands } from "../changes.js";
import { frameWidth, inView, middle, timesteps } from "../geometry.js";
import { rowNamed } from "../names.js";
import { nothing, svg } from "../vendor/lit-html/lit-html.js";
import { isLayered } from "./rows.js";

/** @import { Strip } from "../geometry.js" */
/** @import { Scene } from "./scene.js" */

/** Bands lower than this are too thin to be marked one by one. */
const THIN = 3;

/** A lane behind the rows of each layer, where there are several. @param {Scene} now */
export function lanes({ g, pass }) {
  if (!isLayered(g)) return nothing;
  return Array.from({ length: pass.sizes.L }, (_, layer) => {
    const own = g.strips.filter(({ row }) => row.layer === layer);
    const [first, last] = [own[0], own[own.length - 1]];
    if (!first || !last) return nothing;
    const height = last.top + last.height - first.top + 8;
    return svg`<rect class="lane" x=${g.left - 4} y=${first.top - 4} width=${g.pitch * g.columns + 8} height=${height} rx="8"></rect>`;
  });
}

/** The frame round the column of the moment. @param {Scene} now */
export function frame({ g, moment: at }) {
  if (at.t === null || !inView(g, at.t)) return nothing;
  const width = frameWidth(g);
  return svg`<rect class="now" x=${middle(g, at.t) - width / 2} y=${g.head + 4} width=${width} height=${g.height - g.head - 6} rx="10"></rect>`;
}

/** The strips' outlines: those of what is there already as one shape, the others as another. @param {Scene} now */
export function outlines({ g, line, moment: at }) {
  const shapes = { known: "", ahead: "" };
  for (const strip of g.strips)
    for (const t of timesteps(g)) {
      const known = strip.row.kind === "input" || at.index >= line.earned(strip.row.name, t);
      shapes[known ? "known" : "ahead"] += box(g, strip, t);
    }
  return [
    svg`<path class="strip ahead" d=${shapes.ahead}></path>`,
    svg`<path class="strip" d=${shapes.known}></path>`,
  ];
}

/** @param {Scene["g"]} g @param {Strip} strip @param {number} t */
function box(g, strip, t) {
  const x = (middle(g, t) - g.strip / 2).toFixed(1);
  return `M${x} ${strip.top}h${g.strip}v${strip.height}h${-g.strip}z`;
}

/** Pins, and what the pointer is on, here or in a card. @param {Scene} now */
export function marks(now) {
  return [changes(now), lights(now), now.g.full ? pins(now) : nothing];
}

/** Beside every band whose value is another than without the overrides a dot; bands too thin for that share one line. @param {Scene} now */
function changes({ g, line, moment: at }) {
  let dots = "";
  for (const { row, top, height } of g.strips)
    for (const t of timesteps(g)) {
      const known = row.kind === "input" || at.index >= line.earned(row.name, t);
      const changed = known ? changedBands(row.name, t) : null;
      if (!changed) continue;
      const x = middle(g, t) + g.strip / 2 + 2;
      const tall = height / row.size;
      if (tall < THIN) dots += `M${x} ${top}h2v${height}h-2z`;
      else
        for (const unit of changed.keys())
          if (changed[unit]) dots += `M${x} ${top + (unit + 0.5) * tall - 1.5}h3v3h-3z`;
    }
  return dots ? svg`<path class="changes" d=${dots}></path>` : nothing;
}

/** A quantity that is lit: of one step or of all, whole or one unit of it. @param {Scene} now */
function lights({ g, lit }) {
  if (!lit) return nothing;
  const of = rowNamed(lit.name);
  const strip = g.strips.find(({ row }) => row.name === of);
  if (!strip) return nothing;
  const at = lit.t === null ? timesteps(g) : [lit.t].filter((t) => inView(g, t));
  const { row, top, height } = strip;
  const whole = lit.unit === null || height / row.size < THIN;
  const [y, tall] = whole
    ? [top, height]
    : [top + (height * (lit.unit ?? 0)) / row.size, height / row.size];
  return at.map(
    (t) =>
      svg`<rect class="lit" x=${middle(g, t) - g.strip / 2 - 1.5} y=${y - 1.5} width=${g.strip + 3} height=${tall + 3} rx="3"></rect>`,
  );
}

/** The pinned units, marked in the current column: the first as the one that is written out. @param {Scene} now */
function pins({ g, moment: at, selected }) {
  const { t } = at;
  if (t === null) return nothing;
  const states = g.strips.filter(({ row }) => row.kind === "state");
  return [...selected.pins, selected.unit].flatMap((unit) =>
    states.map(({ top, height, row }) => {
      const y = top + ((unit + 0.5) * height) / row.size;
      const x = middle(g, t) - g.strip / 2 - 3;
      const second = unit !== selected.unit;
      return svg`<path class=${second ? "pin second" : "pin"} d=${`M${x} ${y}l-7 -4.5v9z`}></path>`;
    }),
  );
}
