/** Plotly, the only place that names it: heatmaps and bars with nothing of its own around them. */

import { boxOf, isWorded } from "./figure.js";
import { PLOT } from "./palette.js";

/** @typedef {import("./palette.js").Theme} Theme */
/** @typedef {[number, string][]} Scale */

const FONT = '"Inter Variable", Inter, sans-serif';
const BARE = { staticPlot: true, displayModeBar: false, responsive: false, showTips: false };
const HIDDEN = { visible: false, fixedrange: true };
/** More steps than this stand without gaps and marks. */
const CROWDED = 60;
const CLEAR = "rgba(0,0,0,0)";
const SOURCE = new URL("vendor/plotly/plotly-cartesian.min.js", import.meta.url).href;

/** The newest drawing of each element that waits for Plotly. @type {Map<HTMLElement, () => void>} */
const waiting = new Map();
let loaded = false;

/**
 * Draw now, or when Plotly is here. It takes a third of a second to start, so it is asked for once
 * the frame of the first drawing is painted: what the page draws without it is on screen by then.
 * @param {HTMLElement} element @param {() => void} draw
 */
function withPlotly(element, draw) {
  if (loaded) return draw();
  if (waiting.size === 0) setTimeout(() => void load());
  waiting.set(element, draw);
}

async function load() {
  if (!loaded) await import(SOURCE);
  loaded = true;
  for (const draw of waiting.values()) draw();
  waiting.clear();
}

/**
 * A heatmap whose cells lie between given pixel edges; NaN is a gap.
 * @param {HTMLElement} element
 * @param {{ x: number[], y: number[], z: Float32Array[], width: number, height: number, scale: Scale }} what
 */
export function drawMap(element, { x, y, z, width, height, scale }) {
  const trace = {
    type: "heatmap",
    x,
    y,
    z,
    colorscale: scale,
    zmin: -1,
    zmax: 1,
    showscale: false,
    hoverinfo: "skip",
    zsmooth: false,
  };
  const layout = {
    width,
    height,
    margin: { l: 0, r: 0, t: 0, b: 0, pad: 0 },
    paper_bgcolor: CLEAR,
    plot_bgcolor: CLEAR,
    xaxis: { ...HIDDEN, range: [0, width] },
    yaxis: { ...HIDDEN, range: [height, 0] },
  };
  withPlotly(element, () => void Plotly.react(element, [trace], layout, BARE));
}

/** New values in the cells of a heatmap that is drawn, or is going to be with these very arrays. @param {HTMLElement} element @param {Float32Array[]} z */
export function recolorMap(element, z) {
  if (loaded) void Plotly.restyle(element, { z: [z] });
}

/**
 * What a bar plot shows. `values[t]` and `running[t]` are null where there is nothing yet; `range`
 * is the least and the largest there will be, so that the axis stays while bars come.
 * @typedef {{
 *   values: (number | null)[], running: (number | null)[], log: boolean, range: [number, number],
 *   colors: Record<string, string>, width: number, height: number, text: number,
 * }} Bars `text` is the size of its text, in pixels
 */

/** The room that text of a size needs at the left and below. @param {number} text */
function marginOf(text) {
  return { l: 4 * text, r: 6, t: 6, b: 2 * text, pad: 2 };
}

/** What each element's bars were drawn for: all but the bars themselves, and those. @type {WeakMap<HTMLElement, { frame: string, bars: string }>} */
const barred = new WeakMap();

/** Bars over timesteps, and a line of what they build. @param {HTMLElement} element @param {Bars} what */
export function drawBars(element, what) {
  const { values, running, ...around } = what;
  const frame = JSON.stringify([values.length, around]);
  const bars = JSON.stringify([values, running]);
  const before = barred.get(element);
  if (before?.frame === frame && before.bars === bars) return;
  barred.set(element, { frame, bars });
  // New bars in the old frame: axes, colours and sizes are as they were.
  if (loaded && before?.frame === frame)
    return void Plotly.restyle(element, { y: [values, running] });
  withPlotly(element, () => reactBars(element, what));
}

/** @param {HTMLElement} element @param {Bars} what */
function reactBars(element, what) {
  const { values, width, height, text, colors } = what;
  const layout = {
    width,
    height,
    margin: marginOf(text),
    bargap: values.length > CROWDED ? 0 : 0.35,
    showlegend: false,
    paper_bgcolor: CLEAR,
    plot_bgcolor: CLEAR,
    font: { family: FONT, size: text, color: colors.muted },
    xaxis: stepAxis(values.length, width / text, colors),
    yaxis: sizeAxis(what, height / text),
  };
  void Plotly.react(element, barTraces(what), layout, BARE);
}

/** @param {Bars} what */
function barTraces({ values, running, colors }) {
  const x = values.map((_, t) => t + 1);
  const common = { x, hoverinfo: "skip" };
  const mode = values.length > CROWDED ? "lines" : "lines+markers";
  const line = { color: colors.sum, width: 2 };
  return [
    { ...common, type: "bar", y: values, marker: { color: colors.bar }, name: "share" },
    { ...common, type: "scatter", mode, y: running, line, marker: { size: 5 }, name: "sum so far" },
  ];
}

/** @param {number} steps @param {number} width in ems @param {Record<string, string>} colors */
function stepAxis(steps, width, colors) {
  const every = [1, 2, 5, 10, 20, 50, 100, 200].find((n) => (steps / n) * 2.5 < width) ?? 500;
  return {
    range: [0.3, steps + 0.7],
    fixedrange: true,
    showgrid: false,
    zeroline: false,
    tick0: every === 1 ? 1 : 0,
    dtick: every,
    color: colors.muted,
  };
}

/** @param {Bars} what @param {number} height in ems */
function sizeAxis({ log, range, colors }, height) {
  const [least, largest] = range;
  const known = largest > 0;
  return {
    type: log ? "log" : "linear",
    range: log
      ? [Math.log10(least) - 0.2, Math.log10(largest) + 0.1]
      : [0, known ? largest * 1.06 : 1],
    showticklabels: known,
    fixedrange: true,
    nticks: Math.max(2, Math.min(5, Math.floor(height / 2.4))),
    gridcolor: colors.line,
    zeroline: !log,
    zerolinecolor: colors.line,
    exponentformat: "power",
    color: colors.muted,
  };
}

/** A bar plot's box and how many steps it shows. @typedef {{ width: number, height: number, text: number, steps: number }} BarPlot */

/** Where the bar of a timestep (from 0) stands, from one bar's room to the next's, in pixels. @param {BarPlot} plot @param {number} t */
export function barBox({ width, height, text, steps }, t) {
  const { l, r, t: top, b } = marginOf(text);
  const pitch = (width - l - r) / (steps + 0.4);
  return { left: l + (t + 0.25) * pitch, top, width: 0.9 * pitch, height: height - top - b };
}

/** The timestep (from 0) whose bar is at so many pixels from the left; null beside them all. @param {BarPlot} plot @param {number} x */
export function barAt({ width, text, steps }, x) {
  const { l, r } = marginOf(text);
  const t = Math.round(0.3 + ((x - l) / (width - l - r)) * (steps + 0.4)) - 1;
  return t >= 0 && t < steps ? t : null;
}

/** @typedef {import("./figure.js").Figure} Figure */
/** @typedef {import("./figure.js").Size} Size */
/** @typedef {import("./figure.js").Mark} Mark */

/** A figure, anew. @param {HTMLElement} element @param {Figure} figure @param {Size} size @param {Theme} theme */
export function drawFigure(element, figure, size, theme) {
  const { data, layout } = described(figure, size, theme);
  barred.delete(element);
  withPlotly(element, () => void Plotly.react(element, data, layout, BARE));
}

/** What Plotly is to draw of a figure. @param {Figure} figure @param {Size} size @param {Theme} theme */
function described(figure, size, theme) {
  const box = boxOf(figure, size);
  const { width, height, text } = size;
  const { left: l, top: t } = box;
  const margin = { l, t, r: width - l - box.width, b: height - t - box.height, pad: 0 };
  const layout = {
    width,
    height,
    margin,
    bargap: figure.x.range[1] - figure.x.range[0] > CROWDED ? 0 : 0.25,
    showlegend: false,
    paper_bgcolor: CLEAR,
    plot_bgcolor: CLEAR,
    font: { family: FONT, size: text, color: PLOT[theme].muted },
    xaxis: axisOf(figure.x, size, theme),
    yaxis: axisOf(figure.y, size, theme),
  };
  return {
    data: figure.marks.map((mark) => MARKS[mark.kind](/** @type {any} */ (mark), size)),
    layout,
  };
}

/** @param {import("./figure.js").Axis} axis @param {Size} size @param {Theme} theme */
function axisOf({ range, word, ticks, grid = false }, size, theme) {
  const { muted, line } = PLOT[theme];
  return {
    range,
    fixedrange: true,
    tickmode: "array",
    tickvals: ticks.map(({ at }) => at),
    ticktext: ticks.map(({ text }) => text),
    tickangle: 0,
    showgrid: grid,
    gridcolor: line,
    zeroline: false,
    color: muted,
    title: isWorded(size)
      ? { text: word, standoff: size.text * 0.4, font: { size: size.text } }
      : { text: "" },
  };
}

/** Each mark as a trace. @type {{ [K in Mark["kind"]]: (mark: Extract<Mark, { kind: K }>, size: Size) => Record<string, unknown> }} */
const MARKS = {
  map: ({ x, y, z, scale, range: [zmin, zmax] }) => ({
    type: "heatmap",
    ...{ x, y, z, zmin, zmax, colorscale: scale },
    ...{ showscale: false, hoverinfo: "skip", zsmooth: false },
  }),
  bars: ({ x, y, color, base, lying, width }) => ({
    type: "bar",
    ...{ x, y, base, width, orientation: lying ? "h" : "v", marker: { color }, hoverinfo: "skip" },
  }),
  line: ({ x, y, color, dash, width = 2, dots }) => ({
    type: "scatter",
    mode: dots ? "lines+markers" : "lines",
    ...{
      x,
      y,
      line: { color, width, dash: dash ? "dash" : "solid" },
      marker: { size: 5 },
      hoverinfo: "skip",
    },
  }),
  dots: ({ x, y, color, size }) => ({
    type: "scatter",
    mode: "markers",
    ...{ x, y, marker: { color, size, line: { width: 0 } }, hoverinfo: "skip" },
  }),
  area: ({ x, y, color }) => ({
    type: "scatter",
    mode: "none",
    ...{ x, y, fill: "toself", fillcolor: CLEAR, hoverinfo: "skip" },
    fillpattern: { shape: "/", fgcolor: color, fgopacity: 0.7, size: 6, solidity: 0.25 },
  }),
  words: ({ x, y, text, color }, { text: size }) => ({
    type: "scatter",
    mode: "text",
    ...{
      x,
      y,
      text,
      textposition: "top center",
      textfont: { size: size * 0.9, color },
      hoverinfo: "skip",
    },
  }),
};

/**
 * A figure as a picture with its title and how to read it, at the size of a projector.
 * @param {Figure} figure @param {"png" | "svg"} format @param {Theme} theme
 * @param {{ title: string, reading: string, paper: string }} words
 * @returns {Promise<string>} the address of the picture
 */
export async function pictureOf(figure, format, theme, { title, reading, paper }) {
  await load();
  const size = { width: 1920, height: 1080 - HEAD, text: 28 };
  const { data, layout } = described(figure, size, theme);
  const margin = { ...layout.margin, t: layout.margin.t + HEAD };
  const { ink, muted } = PLOT[theme];
  const head = {
    ...{ text: title, x: 0.02, xanchor: "left", y: 0.97, yref: "container", yanchor: "top" },
    font: { size: 40, color: ink },
    subtitle: { text: wrapped(reading), font: { size: 24, color: muted } },
  };
  const whole = { ...layout, height: 1080, margin, paper_bgcolor: paper, title: head };
  return Plotly.toImage({ data, layout: whole }, { format, width: 1920, height: 1080 });
}

/** The room above a picture's plot for its title and how to read it. */
const HEAD = 190;
/** Letters in a line of how to read it. */
const LINE = 130;

/** @param {string} text */
function wrapped(text) {
  const lines = [""];
  for (const word of text.split(" ")) {
    if (`${lines[lines.length - 1]} ${word}`.length > LINE) lines.push(word);
    else lines[lines.length - 1] = `${lines[lines.length - 1]} ${word}`.trim();
  }
  return lines.join("<br>");
}
