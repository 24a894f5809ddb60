/** The colours of numbers: values diverge from the paper's colour, gradients are one magenta. */

/** @typedef {"light" | "dark"} Theme */
/** @typedef {[number, string][]} Scale */

const STEPS = [0, 0.25, 0.5, 0.75, 1];
const VALUES = {
  light: ["#b35806", "#f1a340", "#f7f7f7", "#6baed6", "#08519c"],
  dark: ["#ff8f3f", "#b3561b", "#1e2736", "#1f6fb2", "#6cc3ff"],
};

/** What Plotly and the page draw values with; given in full, since an unknown name would become another scale. */
export const VALUE_SCALE = {
  light: /** @type {Scale} */ (STEPS.map((at, i) => [at, VALUES.light[i]])),
  dark: /** @type {Scale} */ (STEPS.map((at, i) => [at, VALUES.dark[i]])),
};

/** From the faintest gradient to the strongest, on each paper. */
const GRADIENT = {
  light: [
    [0xe3, 0xc6, 0xe2],
    [0x86, 0x1f, 0x80],
  ],
  dark: [
    [0x4d, 0x2f, 0x52],
    [0xe8, 0x72, 0xdc],
  ],
};

/** How many decades a gradient's size is told apart over, from the strongest of its kind down. */
export const DECADES = 3;

/**
 * How strong a gradient shows, 0 to 1, by its logarithm against the largest there is.
 * @param {number} log @param {number} top both log10 of a norm
 */
export function strength(log, top) {
  if (!Number.isFinite(log)) return log > 0 ? 1 : 0;
  return Math.min(1, Math.max(0, 1 + (log - top) / DECADES));
}

/** @param {number} at 0 to 1 @param {Theme} theme */
export function gradientColor(at, theme) {
  const [from, to] = GRADIENT[theme];
  const mixed = from.map((part, i) => Math.round(part + (to[i] - part) * at));
  return `rgb(${mixed.join(" ")})`;
}

/** The colours a plot needs, which Plotly cannot take from the style sheet. */
export const PLOT = {
  light: {
    ink: "#12161c",
    muted: "#566073",
    line: "#d7dce4",
    accent: "#f0a202",
    bar: "#b84fae",
    sum: "#6d5bd0",
    value: "#08519c",
    other: "#b35806",
    alarm: "#b3261e",
    faint: "#8b95a5",
  },
  dark: {
    ink: "#e8edf5",
    muted: "#9aa6ba",
    line: "#313b4b",
    accent: "#ffb52e",
    bar: "#d667cb",
    sum: "#a99bff",
    value: "#6cc3ff",
    other: "#ff8f3f",
    alarm: "#ff8a80",
    faint: "#6f7b8f",
  },
};

/** Gradients as a scale, from nothing, which is the paper, to the strongest. */
export const GRADIENT_SCALE = {
  light: /** @type {Scale} */ (shades("light", "#f7f7f7")),
  dark: /** @type {Scale} */ (shades("dark", "#1e2736")),
};

/** @param {Theme} theme @param {string} nothing @returns {Scale} */
function shades(theme, nothing) {
  return [
    [0, nothing],
    [0.02, gradientColor(0, theme)],
    [1, gradientColor(1, theme)],
  ];
}

/** Shares from none to all, as ink on the paper. */
export const SHARE_SCALE = {
  light: /** @type {Scale} */ ([
    [0, "#f7f7f7"],
    [1, "#3d4a5f"],
  ]),
  dark: /** @type {Scale} */ ([
    [0, "#1e2736"],
    [1, "#c9d3e3"],
  ]),
};
