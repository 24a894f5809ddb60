/** The workings of the moment: its line as a picture over the stage, where there is nothing to see. */

import { drawn, sized } from "../drawing.js";
import { isWanted, settle } from "../motion.js";
import { parameter } from "../notation.js";
import { granularity, moment } from "../playhead.js";
import {
  book,
  chosen,
  comparing,
  lit,
  pass,
  picture,
  theme,
  timeline,
  workingsShown,
  zoom,
} from "../store.js";
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import { signal } from "../vendor/signals-core/signals-core.mjs";
import { allOf, firstOf } from "../words.js";
import { share, sum } from "./accounts.js";
import { arrive, isStep } from "./arrival.js";
import { aboutOf, NotHere, rowOf } from "./operands.js";
import { outputs } from "./outputs.js";
import { equationOf, litKey, symbolOf } from "./pictorial.js";
import { clip, update } from "./revision.js";
import { scene } from "./scene.js";
import { freeOf, put } from "./spot.js";

/** @import { Granularity, Moment } from "../types.js" */
/** @import { Scene } from "./scene.js" */
/** @import { Free } from "./spot.js" */
/** @import { Account } from "./accounts.js" */
/** How large everything is, and how wide all of it may be. @typedef {import("./pictorial.js").Scale & { width: number }} Scale */
/** How many rows, how many summands, and in which sizes. @typedef {{ rows: number, most: number, sizes: number[] }} Room */

/** What is told between the timesteps; at equations every moment is. */
const TOLD = new Set(["merge", "output", "sum", "clip", "update"]);
/** Narrower than this there is no stage to lie over. */
const PHONE = 720;
/** How much smaller everything may get before it is told in another way. */
const SIZES = [1, 0.85, 0.7, 0.55];
/** What there may be room for: everything in one row or in several, or only some of the summands. @type {Room[]} */
const ROOMS = [
  { rows: 1, most: Number.POSITIVE_INFINITY, sizes: SIZES },
  { rows: 2, most: Number.POSITIVE_INFINITY, sizes: SIZES.slice(2) },
  { rows: 3, most: Number.POSITIVE_INFINITY, sizes: SIZES.slice(2) },
  { rows: 1, most: 2, sizes: SIZES },
  { rows: 1, most: 1, sizes: SIZES },
];
/** How large what was drawn has been. @type {Map<string, { width: number, height: number }>} */
const boxes = new Map();
const MOST_BOXES = 2000;
/** How much wider it may be at another step, whose numbers have more digits. */
const SPARE = 16;
/** Pixels for a number on a stage of the usual height, and how much larger they may be on a taller one. */
const UNIT = 10;
const USUAL = 390;
const TALLER = 1.4;
/** How many numbers' room the longest vector has, and how much of the stage's height. */
const LONGEST = 13;
const TALLEST = 0.42;
/** How much of the stage's width what could fill it may have. */
const WIDEST = 0.65;

/** Where the stage is, asked only when it changes, and the size of small type there. */
const site = signal({ x: 0, y: 0, width: 0, height: 0, whole: 0, digits: 12 });

/** @param {HTMLElement} element */
export function mount(element) {
  const box = /** @type {HTMLElement} */ (document.querySelector(".stage-scroll"));
  sized(box, () => (site.value = siteOf(box, element)));
  element.addEventListener("pointerover", (event) => (lit.value = litAt(event)));
  element.addEventListener("pointerleave", () => (lit.value = null));
  drawn(read, (state) => draw(element, box, state));
  drawn(
    () => lit.value,
    () => light(element),
  );
}

/** @param {HTMLElement} box what the stage scrolls in @param {HTMLElement} over what lies over it */
function siteOf(box, over) {
  const [inner, outer] = [box.getBoundingClientRect(), over.getBoundingClientRect()];
  const digits = Number.parseFloat(getComputedStyle(box).getPropertyValue("--digits"));
  const { clientWidth: width, clientHeight: height } = box;
  const [x, y] = [inner.x - outer.x, inner.y - outer.y];
  return { x, y, width, height, whole: outer.width, digits };
}

/** What there is to draw, or null; every signal that it takes part of is read here. */
function read() {
  const [now, at, by] = [pass.value, moment.value, granularity.value];
  const stage = site.value;
  const [look, selected] = [theme.value, chosen.value];
  now?.arrived.value;
  timeline.value;
  zoom.value;
  book.value;
  if (comparing.value || picture.value !== "unrolled" || stage.width < PHONE)
    return { closed: false };
  if (!workingsShown.value || !now || !at || !isTold(at, by))
    return { closed: !workingsShown.value };
  return { closed: false, shown: { stage, look, selected } };
}

/** @param {Moment} at @param {Granularity} by */
function isTold({ kind }, by) {
  return by === "equation" || TOLD.has(kind);
}

/** @param {HTMLElement} element @param {HTMLElement} box @param {ReturnType<typeof read>} state */
function draw(element, box, { closed, shown }) {
  settle();
  const [line, at] = [timeline.peek(), moment.peek()];
  const step = line !== null && at !== null && isStep(line, at.index);
  const stage = site.peek();
  const now = shown ? scene(stage.width, stage.height, stage.digits) : null;
  // Only what does not fit is scrolled, and asking makes the browser lay out everything.
  const scrolled = now && now.g.width > stage.width + 1 ? box.scrollLeft : 0;
  const fitted = now ? fit(element, now, freeOf(now, { ...stage, scrolled })) : null;
  if (!fitted || !now) {
    render(closed ? opener() : nothing, element);
    return;
  }
  const panel = /** @type {HTMLElement} */ (element.firstElementChild);
  put(panel, now, fitted, { ...stage, scrolled });
  light(element);
  if (step && isWanted()) arrive(panel);
}

/** Draw it as large as there is room for; its place and how large it is, null where it has none. @param {HTMLElement} element @param {Scene} now @param {Free[]} free the best place first */
function fit(element, now, free) {
  const of = keyOf(now, free);
  for (const { room, part, place } of tries(free)) {
    const key = [of, room.rows, room.most, part].join();
    const known = boxes.get(key);
    if (known && !fits(known, place)) continue;
    if (!drawAt(element, now, room, scaleOf(now, free, part))) return null;
    const box = known ?? measured(element);
    if (boxes.size > MOST_BOXES) boxes.clear();
    boxes.set(key, box);
    if (fits(box, place)) return { place, box };
  }
  return null;
}

/** Everything in one row in any place and size, then in more, then less of it. @param {Free[]} free */
function tries(free) {
  return ROOMS.flatMap((room) =>
    free.flatMap((place) => room.sizes.map((part) => ({ room, part, place }))),
  );
}

/** What tells how much room a moment takes; its step is not of it. @param {Scene} now @param {Free[]} free */
function keyOf({ pass: now, moment: at, selected, g }, free) {
  const line = [at.kind, at.line?.target, at.layer, at.t === null ? free[0].width : ""];
  return [now.plan.id, ...line, selected.parameter, g.scale, free[0].height, book.peek()].join();
}

/** @param {{ width: number, height: number }} box @param {Free} place */
function fits(box, place) {
  return box.width + SPARE <= place.width && box.height <= place.height;
}

/** As large as the type, and on a tall stage larger. @param {Scene} now @param {Free[]} free @param {number} part of the whole size */
function scaleOf(now, free, part) {
  const [{ height }] = free;
  const unit = UNIT * Math.max(now.g.scale, Math.min(TALLER, height / USUAL));
  return {
    unit: unit * part,
    longest: Math.min(LONGEST * unit, height * TALLEST) * part,
    wide: now.g.scale,
    theme: now.theme,
    width: Math.max(...free.map(({ width }) => width)) * WIDEST,
  };
}

/** Whether its numbers are here, so that it is drawn. @param {HTMLElement} element @param {Scene} now @param {Room} room @param {Scale} scale */
function drawAt(element, now, room, scale) {
  const content = contentOf(now, room, scale);
  if (content) render(panelOf(now, content), element);
  return content !== null;
}

/** How large it is: asked once for all steps, since the browser must lay out everything to tell. @param {HTMLElement} element */
function measured(element) {
  const { offsetWidth: width, offsetHeight: height } = /** @type {HTMLElement} */ (
    element.firstElementChild
  );
  return { width, height };
}

/** Moments that are told by more than their line. @type {Record<string, (account: Account, scale: Scale) => unknown>} */
const ACCOUNTS = { output: outputs, share, sum, clip, update };

/** What the panel holds, a row or several; null where its numbers are not here yet. @param {Scene} now @param {Room} room @param {Scale} scale */
function contentOf(now, room, scale) {
  try {
    return rowsOf(now, room, scale);
  } catch (problem) {
    if (problem instanceof NotHere) return null;
    throw problem;
  }
}

/** @param {Scene} now @param {Room} room @param {Scale} scale @returns {unknown[] | null} */
function rowsOf({ pass: now, line, moment: at, selected }, room, scale) {
  const account = ACCOUNTS[at.kind];
  if (!account) return equationOf(rowOf(now, at), room, scale);
  const made = account({ now, line, at, selected }, scale);
  return made ? [made] : null;
}

/** @param {Scene} now @param {unknown[]} content */
function panelOf(now, content) {
  const { kind } = now.moment;
  return html`<div class="panel-of-workings" data-kind=${kind} data-moment=${now.moment.index}>
    <div class="work" aria-hidden="true">
      <p class="about">${about(now)}</p>
      ${content.map((row) => html`<div class="row">${row}</div>`)}
    </div>
    <button class="put-away" aria-label="Hide the workings" title="Hide the workings (K)" @click=${() => (workingsShown.value = false)}>×</button>
    <div class="moving" aria-hidden="true"></div>
  </div>`;
}

function opener() {
  return html`<button class="button bring-back" title="Show the workings (K)" @click=${() => (workingsShown.value = true)}>Workings</button>`;
}

/** What the moments of a parameter are about. @type {Record<string, (now: Scene) => unknown>} */
const ABOUT = {
  output: () => "At every output at once: (prediction − truth) ∕ N",
  share: ({ pass: now, moment: at }) => {
    const of = symbolOf(parameter(at.line?.target.slice("grad.".length) ?? "", now.ownStep(at)));
    return now.shared
      ? html`What step ${(at.t ?? 0) + 1} gives to ${of}`
      : html`The gradient of ${of}`;
  },
  sum: (now) =>
    now.pass.shared
      ? html`The shares of ${chosenOf(now)} add up, from the last step back`
      : html`The gradient of ${chosenOf(now)}: no other step adds to it`,
  clip: () => "The length of the whole gradient",
  update: (now) => html`${chosenOf(now)} moves`,
};

/** @param {Scene} now */
function chosenOf({ pass: now, moment: at, selected }) {
  const layer = /^layer(\d+)\./.exec(selected.parameter);
  const which = layer && now.sizes.L > 1 ? ` of layer ${Number(layer[1]) + 1}` : "";
  return html`${symbolOf(parameter(selected.parameter, now.ownStep(at)))}${which}`;
}

/** What it is, of which layer and which sequence. @param {Scene} now */
function about(now) {
  const { pass: current, moment: at } = now;
  const layer = at.layer !== null && current.sizes.L > 1 ? `, layer ${at.layer + 1}` : "";
  const told = at.kind === "share" ? `summed over ${allOf(current)}` : firstOf(current);
  const which = at.t !== null && current.sizes.B > 1 ? `, ${told}` : "";
  return html`${ABOUT[at.kind]?.(now) ?? aboutOf(at)}${layer}${which}`;
}

/** What the pointer is on. @param {PointerEvent} event @returns {import("../types.js").Lit | null} */
function litAt(event) {
  const place = /** @type {HTMLElement} */ (event.target).closest("[data-lit]");
  const [name, t] = (place instanceof HTMLElement ? (place.dataset.lit ?? "") : "").split("@");
  return name ? { name, t: t ? Number(t) : null, unit: null } : null;
}

/** Outline what is lit, wherever it was pointed at; what is of no step is so at every one. @param {HTMLElement} element */
function light(element) {
  const key = String(litKey(lit.peek()));
  for (const place of element.querySelectorAll("[data-lit]")) {
    const own = /** @type {HTMLElement} */ (place).dataset.lit ?? "";
    place.classList.toggle("lit", own === key || (key.endsWith("@") && own.startsWith(key)));
  }
}
