/** The legend: every symbol and colour that is on the screen now, each with its word. */

import { isWindowed } from "../geometry.js";
import { parameter, symbol } from "../notation.js";
import { gradientColor, VALUE_SCALE } from "../palette.js";
import { html, nothing, svg } from "../vendor/lit-html/lit-html.js";
import { shortName, targetWord, visible, word } from "../words.js";

/** @import { Pass } from "../pass.js" */
/** @import { Faces, Parameter, Picture, Plan } from "../types.js" */
/** A sign, and what it stands for. @typedef {{ sign: unknown, told: unknown }} Entry */
/** @typedef {{ title: string, entries: Entry[] }} Part */
/**
 * What is on the screen: `cards` are those that can be seen, `workings` whether a moment is drawn large over the stage.
 * @typedef {{
 *   now: Pass | null, look: "light" | "dark", shown: Picture, faces: Faces, cards: (keyof Faces)[],
 *   copies: string | null, workings: boolean,
 * }} Shown
 */

/** Characters that are written as a sign of their own. */
const SIGNS = /** @type {[string, string][]} */ ([
  [" ", "a space"],
  ["\n", "a new line"],
  ["\t", "a tab"],
]);
const FED = /** @type {Record<string, string>} */ ({
  teacher: "the true one",
  free: "what was predicted",
  sampled: "a draw from what was predicted",
  scheduled: "the true one or a draw from what was predicted",
});
const PHASES = {
  forward: "forward: every value from the one before",
  loss: "loss: how far the outputs are off",
  backward: "backward: gradients, from the last step to the first",
  sum: "sum: the steps’ shares added up",
  update: "update: the weights move",
};

/** @param {Shown} shown @returns {Part[]} */
export function legend(shown) {
  const { now } = shown;
  if (!now) return [];
  const seen = MARKS.filter(({ when }) => when?.(shown, now) ?? true);
  return [
    { title: "Symbols", entries: [...quantities(now), ...calculus(now)] },
    { title: "Parameters", entries: parameters(now.plan) },
    { title: "Colours", entries: colours(now, shown.look) },
    { title: "Marks", entries: [...columns(now), ...seen] },
  ];
}

/** @param {string} tex */
function math(tex) {
  return html`<span data-tex=${tex}></span>`;
}

/** What has a row of its own, and what the lines between make. @param {Pass} now @returns {Entry[]} */
function quantities({ plan }) {
  const { rows, equations, spec } = plan;
  const words = new Map(rows.map(({ local, word: told }) => [local, told]));
  if (spec.feedback.source === "output")
    words.set("y_prev", `output before, fed back: ${FED[spec.feedback.mode]}`);
  for (const { target } of [...equations.forward, ...equations.readout])
    if (!words.has(target) && target !== "loss") words.set(target, word(target));
  return [...words].map(([local, told]) => ({ sign: math(symbol(local, null)), told }));
}

/** @param {Pass} now @returns {Entry[]} */
function calculus({ plan, sizes }) {
  const lines = JSON.stringify(plan.equations);
  const has = (/** @type {string} */ name) => lines.includes(`"${name}"`);
  return [
    { sign: math("L"), told: "the loss: of the pass, the mean of the steps’ that count" },
    {
      sign: math("\\partial L/\\partial h"),
      told: "how the loss changes with h: the gradient of h",
    },
    {
      sign: math("\\delta_t,\\; z_t"),
      told: "the gradient where a parameter comes in, and what the parameter multiplies there: its share is their product",
    },
    ...(has("sigmoid") ? [{ sign: math("\\sigma"), told: "the sigmoid, from 0 to 1" }] : []),
    { sign: math("\\odot"), told: "unit by unit product" },
    { sign: math("\\top"), told: "a matrix turned over" },
    ...(has("N") ? [{ sign: math("N"), told: "how many losses count" }] : []),
    ...(sizes.L > 1 ? [{ sign: math("h^{(2)}"), told: "of layer 2; layer 1 is the lowest" }] : []),
  ];
}

/** Letters that do the same are told together. @param {Plan} plan @returns {Entry[]} */
function parameters({ parameters: all, spec, sizes }) {
  /** @type {Map<string, Set<string>>} */
  const found = new Map();
  for (const one of all) {
    const told = does(one);
    found.set(told, (found.get(told) ?? new Set()).add(parameter(shortName(one.name))));
  }
  const entries = [...found].map(([told, letters]) => ({
    sign: [...letters].map(math),
    told,
  }));
  if (spec.weights_shared) return entries;
  const letter = parameter(shortName(all[0].name), sizes.T - 1);
  return [...entries, { sign: math(letter), told: `step ${sizes.T}’s own` }];
}

/** What a parameter does. @param {Parameter} parameter */
function does({ role, input, layer }) {
  const where = layer === null ? ", of the output" : "";
  if (role === "bias") return `bias${where}: added, whatever comes in`;
  const reads = (input ?? "")
    .split(/[,;\s[\]]+/)
    .filter(Boolean)
    .map(word);
  const of = reads.length > 0 ? ` the ${reads.join(" and the ")}` : "";
  return role === "scale" ? `factors, unit by unit, of${of}` : `weights on${of}${where}`;
}

/** @param {string} colors @param {string} [more] */
function swatch(colors, more = "") {
  return html`<span class="swatch ${more}" style=${colors ? `background:${colors}` : nothing}></span>`;
}

/** @param {Pass} now @param {"light" | "dark"} look @returns {Entry[]} */
function colours(now, look) {
  const stops = VALUE_SCALE[look].map(([, color]) => color).join(",");
  const faint = [0, 0.5, 1].map((at) => gradientColor(at, look)).join(",");
  const free = now.plan.rows.some(({ bounds }) => !bounds);
  return [
    {
      sign: swatch(`linear-gradient(90deg,${stops})`),
      told: `a value, one band a unit: orange −1, paper 0, blue +1${free ? "; where values are not held within 1, the largest there is" : ""}`,
    },
    {
      sign: swatch(`linear-gradient(90deg,${faint})`),
      told: "a gradient coming back: the wider and stronger, the larger its norm, which stands beside it; paler by a third, ten times smaller",
    },
    ...Object.entries(PHASES).map(([phase, told]) => ({
      sign: swatch("", `phase ${phase}`),
      told,
    })),
    { sign: swatch("", "now-swatch"), told: "amber: this moment, and what is chosen" },
  ];
}

/** What stands over and under the columns. @param {Pass} now @returns {Entry[]} */
function columns(now) {
  const { alphabet } = now.plan.columns;
  const steps = Array.from({ length: now.sizes.T }, (_, t) => now.status(t));
  return [
    ...(alphabet
      ? [
          {
            sign: "✓",
            told: `the likeliest was the true ${targetWord(now)}, which stands over it`,
          },
          { sign: "not", told: "what was likeliest instead" },
        ]
      : []),
    ...(steps.some((status) => status === "free")
      ? [{ sign: "–", told: "nothing is asked of this step" }]
      : []),
    ...(steps.includes("over")
      ? [
          {
            sign: html`<span class="swatch hatched"></span>`,
            told: "padding: the sequence has ended, and the step gives nothing",
          },
        ]
      : []),
    ...SIGNS.filter(([sign]) => alphabet?.includes(sign)).map(([sign, told]) => ({
      sign: visible(sign),
      told,
    })),
  ];
}

/** @param {unknown} content */
function drawing(content) {
  return html`<svg class="sign" width="40" height="20" aria-hidden="true">${content}</svg>`;
}

/** @param {keyof Faces} card @param {string} face @returns {(shown: Shown) => boolean} */
function shows(card, face) {
  return ({ cards, faces }) => cards.includes(card) && faces[card] === face;
}

/** @param {Shown} shown */
function isUnrolled({ shown }) {
  return shown === "unrolled";
}

/** @param {Shown} shown @param {Pass} now */
function isStopped(shown, now) {
  const { source, mode } = now.plan.spec.feedback;
  const held = isUnrolled(shown) && source === "output" && mode !== "free";
  return held || isCut(shown, now);
}

/** @param {Shown} shown @param {Pass} now */
function isCut(shown, now) {
  return (
    isUnrolled(shown) && Array.from({ length: now.sizes.T }, (_, t) => now.cut(t)).some(Boolean)
  );
}

/** @param {Shown} _ @param {Pass} now */
function isChanged(_, { plan }) {
  return plan.spec.overrides.length > 0;
}

/** From where what is fed back comes, in which modes. @type {[string, string, string[]][]} */
const FED_FROM = [
  ["target", "a target, given to the next step", ["teacher", "scheduled"]],
  ["prediction", "a prediction, given to the next step", ["free"]],
  ["draw", "a draw from the prediction, given to the next step", ["sampled", "scheduled"]],
];

/** @typedef {Entry & { when?: (shown: Shown, now: Pass) => boolean }} Mark */

/** @type {Mark[]} */
const FED_SIGNS = FED_FROM.map(([source, told, modes]) => ({
  sign: drawing(svg`<g class=${`fed ${source}`}><path class="way" d="M3 10H32"></path>
    <path class="end" d="M38 10l-6 -3.5v7z"></path>
    ${source === "draw" ? svg`<circle cx="4" cy="10" r="3"></circle>` : nothing}</g>`),
  told,
  when: (shown, { plan }) =>
    isUnrolled(shown) &&
    plan.spec.feedback.source === "output" &&
    modes.includes(plan.spec.feedback.mode),
}));

/** What is drawn on the stage and in the cards, and when it is. @type {Mark[]} */
const MARKS = [
  {
    sign: drawing(svg`<path class="arrow" d="M2 10L32 10M38 10l-6 -3.5v7z"></path>`),
    told: "a value going forward",
  },
  ...FED_SIGNS,
  {
    sign: drawing(svg`<path class="strip ahead" d="M13 2h14v16h-14z"></path>`),
    told: "not there yet at this moment",
  },
  {
    sign: drawing(svg`<path class="pin" d="M24 10l-7 -4.5v9z"></path>`),
    told: "the unit that is written out; hollow, further ones that are pinned",
  },
  {
    sign: drawing(svg`<g class="border"><path class="before" d="M20 1v18"></path></g>`),
    told: "a border of truncation: the losses beside it send no gradient further back; stronger while the way back is in their window",
    when: isCut,
  },
  {
    sign: drawing(svg`<path class="cut" d="M34 10H14M14 2v16"></path>`),
    told: "a gradient that is stopped",
    when: isStopped,
  },
  {
    sign: drawing(svg`<rect class="lane" x="2" y="2" width="36" height="16" rx="4"></rect>`),
    told: "the rows of a layer",
    when: (shown, { sizes }) => isUnrolled(shown) && sizes.L > 1,
  },
  {
    sign: drawing(svg`<path class="overview-norm" d="M2 16Q14 2 22 10T38 4"></path>
      <rect class="overview-window" x="14" y="2" width="14" height="16"></rect>`),
    told: "over the stage, all steps: the hidden state, the norm of its gradient, and framed the steps in view",
    when: (shown, { plan }) => isUnrolled(shown) && isWindowed(plan, innerWidth),
  },
  {
    sign: drawing(svg`<g class="copies"><path class="thread" d="M0 10H40"></path>
      <rect x="14" y="4" width="12" height="12" rx="2"></rect></g>`),
    told: "the values of one parameter, at every step that uses it",
    when: (shown) => isUnrolled(shown) && shown.copies !== null,
  },
  {
    sign: drawing(svg`<path class="arrow" d="M2 10L32 10M38 10l-6 -3.5v7z"></path>
      <g class="own"><rect x="11" y="4" width="12" height="12" rx="2"></rect></g>`),
    told: "on the way to a step, its own recurrent matrix: no other step has it",
    when: (shown, { shared, carries }) => isUnrolled(shown) && !shared && carries,
  },
  {
    sign: drawing(
      svg`<path class="gradient-bars" d="M20 2h14v4h-14zM8 8h12v4h-12zM20 14h6v4h-6z"></path>`,
    ),
    told: "a gradient unit by unit: to the left what is negative; in a matrix with a dash",
    when: (shown) => isUnrolled(shown) && shown.workings,
  },
  {
    sign: html`<span class="changed">0.5</span>`,
    told: "another number than without the changes",
    when: isChanged,
  },
  {
    sign: drawing(svg`<path class="changes" d="M18 3h4v4h-4zM18 13h4v4h-4z"></path>`),
    told: "on the stage, a unit that is another",
    when: isChanged,
  },
  {
    sign: "✓",
    told: "in the numbers: the terms as written add up to what the pass holds",
    when: shows("meaning", "numbers"),
  },
  {
    sign: html`<span class="bar-key"></span>`,
    told: "the norm of a step’s share of the gradient",
    when: shows("plots", "shares"),
  },
  {
    sign: html`<span class="line-key"></span>`,
    told: "the norm of the sum of the shares so far",
    when: (shown, { shared }) => shared && shows("plots", "shares")(shown),
  },
  { sign: "·", told: "a share that has not come yet", when: shows("plots", "weight") },
  {
    sign: drawing(
      svg`<g class="reach"><path d="M34 2V10H8"></path><circle cx="8" cy="10" r="5"></circle></g>`,
    ),
    told: "on the stage, the way of the gradient that is pointed at in a plot",
    when: (shown) => shows("plots", "triangle")(shown) || shows("plots", "inputs")(shown),
  },
  {
    sign: drawing(svg`<path class="bounds" d="M2 10H38"></path>`),
    told: "the most and the least a step back can multiply by: its Jacobian’s singular values",
    when: shows("plots", "signal"),
  },
  {
    sign: drawing(svg`<path class="by-hand" d="M2 16L38 4"></path>`),
    told: "one factor at every step, by hand",
    when: shows("plots", "signal"),
  },
  {
    sign: html`<span class="swatch odd"></span>`,
    told: "in a plot, infinite or not a number",
    when: ({ cards, faces }) =>
      cards.includes("plots") && ["states", "triangle"].includes(faces.plots),
  },
];
