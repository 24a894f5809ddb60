/** What is fed back, as arrows from step to step: from where it comes, and whether a gradient goes back. */

import { frameWidth, middle, SYMBOL_TOP, timesteps } from "../geometry.js";
import { shortFromLog } from "../number.js";
import { gradientColor, strength } from "../palette.js";
import { length } from "../vector.js";
import { nothing, svg } from "../vendor/lit-html/lit-html.js";

/** @import { Strip } from "../geometry.js" */
/** @import { Scene } from "./scene.js" */
/** From where to where a way leads, by which lane between the columns. @typedef {{ from: number, start: number, to: number, end: number, lane: number }} Way */

/** How far the lane keeps from a column, so that pins and arrowheads have their place; and the lane back from it. */
const [LANE, BACK] = [12, 8];
/** Gaps narrower than this are shared out instead. */
const NARROW = 30;
const SHARED = [0.35, 0.72];
/** How wide a letter of small type is on average. */
const LETTER = 6.2;
/** How wide the strongest gradient's way back is, and the faintest's. */
const [WIDEST, THINNEST] = [7, 2];
/** How wide a digit of a norm is, where it begins beside the arrow that it is of, and half its line. */
const [DIGIT, BESIDE, LINE] = [8, 16, 10];
/** What an arrow that goes back between states takes of the lane that it crosses, to either side. */
const CROSSING = 13;
const CORNER = 6;

/** All ways of what is fed back, forwards and back; none where nothing is. @param {Scene} now */
export function feedback(now) {
  const fed = now.g.strips.find(({ row }) => row.kind === "fed");
  if (!fed) return nothing;
  const steps = timesteps(now.g).filter((t) => t > now.g.first);
  return steps.map((t) => [returned(now, fed, t), given(now, fed, t)]);
}

/** What the two lanes take of the gap before a column. @param {Scene["g"]} g */
export function waysBefore(g) {
  const fed = g.strips.some(({ row }) => row.kind === "fed");
  return fed ? LANE + BACK + CORNER : 0;
}

/** The two lanes to a step from the one before it: forwards, and back. @param {Scene["g"]} g @param {number} t */
function lanesTo(g, t) {
  const [gap, edge] = [g.pitch - g.strip, middle(g, t) - g.strip / 2];
  if (gap < NARROW) return SHARED.map((part) => edge - part * gap);
  const lane = edge - LANE;
  return [lane, lane - BACK];
}

/** What a step is given: a line from its source; of a schedule only once it is known. @param {Scene} now @param {Strip} fed @param {number} t */
function given(now, fed, t) {
  const { g, pass, line, moment: at } = now;
  const ahead = at.index < line.earned("y_prev", t);
  const source = ahead && pass.plan.spec.feedback.mode === "scheduled" ? null : pass.fedFrom(t);
  if (!source) return nothing;
  const [lane] = lanesTo(g, t);
  const [from, start] = source === "target" ? symbolOf(now, t - 1) : predictionOf(now, t - 1, 0.3);
  const size = g.pitch - g.strip < NARROW ? 4 : 6;
  const [to, end] = [middle(g, t) - g.strip / 2 - size / 2, fed.top + fed.height * 0.3];
  const way = wayOf({ from, start, to: to - size + 2, end, lane });
  return svg`<g class=${`fed ${source}${ahead ? " ahead" : ""}`} data-t=${t + 1}>
    <path class="way" d=${way}></path>
    <path class="end" d=${`M${to} ${end}l${-size} ${-size / 2 - 0.5}v${size + 1}z`}></path>
    ${source === "draw" ? svg`<circle cx=${from} cy=${start} r="3"></circle>` : nothing}
    ${at.t === t && at.phase === "forward" ? named(now, fed, source) : nothing}
  </g>`;
}

/** Beside the true symbol over a column, or the number. @param {Scene} now @param {number} t @returns {[number, number]} */
function symbolOf({ g, pass }, t) {
  const half = pass.plan.columns.alphabet ? 8 : 5 + 13 * pass.sizes.O;
  const [next] = lanesTo(g, t + 1);
  return [
    Math.min(middle(g, t) + half * g.scale + 2, next - CORNER),
    g.head + (SYMBOL_TOP + 10) * g.scale,
  ];
}

/** The right side of a column's prediction, so far down in it. @param {Scene} now @param {number} t @param {number} part @returns {[number, number]} */
function predictionOf({ g }, t, part) {
  const [{ top, height }] = g.strips;
  return [middle(g, t) + g.strip / 2 + 3, top + height * part];
}

/** Along, down or up the lane, and along, with round corners. @param {Way} way @param {string} [between] what of the lane is left out */
function wayOf({ from, start, to, end, lane }, between = "") {
  const [out, into, turn] = [
    Math.sign(lane - from),
    Math.sign(to - lane),
    CORNER * Math.sign(end - start),
  ];
  const [first, last] = [lane - from, to - lane].map((one) => Math.min(CORNER, Math.abs(one)));
  return `M${from} ${start}H${lane - out * first}Q${lane} ${start} ${lane} ${start + turn}${between}V${end - turn}Q${lane} ${end} ${lane + into * last} ${end}H${to}`;
}

/** Where it came from in a word, beside the frame and over the row of what is fed back, where there is room. @param {Scene} now @param {Strip} fed @param {string} source */
function named({ g, moment: at }, fed, source) {
  const high = 2 * (fed.top - middleAbove(g, fed));
  const end = middle(g, at.t ?? 0) - frameWidth(g) / 2 - 5;
  const wide = end - middle(g, (at.t ?? 0) - 1) + g.strip * 0.1;
  if (high < 12 * g.scale || wide < source.length * LETTER * g.scale) return nothing;
  return svg`<text x=${end} y=${fed.top - high / 2} text-anchor="end" dominant-baseline="central">${source}</text>`;
}

/** What goes back to the prediction that was given, or stops before it, once the way back has passed the step. @param {Scene} now @param {Strip} fed @param {number} t */
function returned(now, fed, t) {
  const { g, pass, line, moment: at, theme, top } = now;
  const passed = line.earned(`grad.layer${pass.sizes.L - 1}.h`, t - 1);
  if (at.index < passed || pass.fedFrom(t) === null) return nothing;
  const cut = pass.cut(t - 1);
  const passes = pass.freeRunning && (!cut || cut.rest);
  const size = length(passes ? pass.all("grad.o.from_future", t - 1) : pass.all("grad.y_prev", t));
  if (size === 0) return nothing;
  const [, lane] = lanesTo(g, t);
  const [from, start] = [middle(g, t) - g.strip / 2 - 2, fed.top + fed.height * 0.7];
  if (!passes) {
    const bar = Math.min(6, fed.height / 2);
    return svg`<path class="cut fed-back" data-t=${t + 1} d=${`M${from} ${start}H${lane}M${lane} ${start - bar}v${2 * bar}`}></path>`;
  }
  const strong = strength(Math.log10(size), top);
  const width = (THINNEST + (WIDEST - THINNEST) * strong) * (g.full ? 1 : 0.5);
  const [to, end] = predictionOf(now, t - 1, 0.7);
  const head = width / 2 + 4;
  const way = wayOf({ from, start, to: to + head, end, lane }, crossings(now, t - 1, lane));
  const color = gradientColor(strong, theme);
  return svg`<g class="fed-back" data-t=${t + 1} data-norm=${size}>
    <path class="way" d=${way} stroke=${color} stroke-width=${width.toFixed(2)}></path>
    <path d=${`M${to - 1} ${end}l${head + 2} ${-head}v${2 * head}z`} fill=${color}></path>
  </g>`;
}

/** What the lane back passes under, from the lowest up: arrows between states, and numbers that reach into it. @param {Scene} now @param {number} t the step that it goes back to @param {number} lane */
function crossings(now, t, lane) {
  const { g } = now;
  const half = g.full ? CROSSING : CROSSING / 2;
  const states = g.strips.filter(({ row }) => row.kind === "state").reverse();
  const all = states.flatMap((strip) => [
    ...(arrives(now, strip, t) ? [around(strip.top + strip.height * 0.7, half)] : []),
    ...(reaches(now, strip, t, lane) ? [around(middleAbove(g, strip), LINE * g.scale)] : []),
  ]);
  return joined(all)
    .map(([low, high]) => `V${low}M${lane} ${high}`)
    .join("");
}

/** @param {number} y @param {number} half @returns {[number, number]} */
function around(y, half) {
  return [y + half, y - half];
}

/** What lies so close together that no piece of the lane is to be seen between is one. @param {[number, number][]} all from the lowest up */
function joined(all) {
  /** @type {[number, number][]} */
  const found = [];
  for (const [low, high] of all) {
    const last = found[found.length - 1];
    if (last && low > last[1] - CROSSING) last[1] = high;
    else found.push([low, high]);
  }
  return found;
}

/** Whether an arrow comes back to a state from the step after. @param {Scene} now @param {Strip} strip @param {number} t */
function arrives({ line, moment: at, pass }, { row }, t) {
  const name = `grad.${row.name}.from_future`;
  return at.index >= line.earned(name, t) && Number.isFinite(pass.logNorm(name, t));
}

/** Whether the number of what comes down to a state, told at the current step, is so long. @param {Scene} now @param {Strip} strip @param {number} t @param {number} lane */
function reaches({ g, moment: at, pass }, { row }, t, lane) {
  const log = pass.logNorm(`grad.${row.name}.from_above`, t);
  if (at.t !== t || at.phase !== "backward" || !g.full || log === null) return false;
  const start = middle(g, t) + g.strip * 0.22 + BESIDE;
  return start + shortFromLog(log).length * DIGIT * g.scale > lane - CORNER;
}

/** The middle of the gap over a strip. @param {Scene["g"]} g @param {Strip} strip */
function middleAbove(g, strip) {
  const above = g.strips[g.strips.indexOf(strip) - 1];
  return (above.top + above.height + strip.top) / 2;
}
