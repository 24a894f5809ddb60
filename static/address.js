/** The page's state in the URL's fragment, so that a link shows the same moment. */

/** @import { Place } from "./playhead.js" */
/** @import { Change, Granularity, Selection } from "./types.js" */

/**
 * @typedef {{
 *   experiment: Change, place: Place | null, granularity: Granularity | null,
 *   selection: Partial<Selection>, theme: "light" | "dark" | null,
 * }} State
 */

const NUMBERS = ["hidden_size", "layers", "seed", "clip_norm"];
const WORDS = [
  "cell",
  "activation",
  "gate_activation",
  "recurrence",
  "readout",
  "loss_at",
  "dtype",
];
const SWITCHES = ["bias", "weights_shared"];
const NESTED = ["task", "feedback", "algorithm", "optimizer", "initialization"];
const TEXTS = ["kind", "text", "source", "mode"];

/** @param {State} state */
export function write(state) {
  const fields = new URLSearchParams();
  for (const [name, value] of Object.entries(state.experiment)) writeField(fields, name, value);
  const { place, selection } = state;
  if (place) fields.set("at", [place.phase, place.t === null ? "" : place.t + 1].join("."));
  if (place?.layer != null) fields.set("layer", String(place.layer));
  if (place && place.kind !== "") fields.set("kind", place.kind);
  if (place?.target) fields.set("line", place.target);
  if (state.granularity && state.granularity !== "timestep") fields.set("by", state.granularity);
  if (selection.parameter)
    fields.set("weight", [selection.parameter, selection.row, selection.column].join(","));
  if (selection.unit) fields.set("unit", String(selection.unit + 1));
  if (state.theme) fields.set("theme", state.theme);
  return `#${fields.toString()}`;
}

/** @param {URLSearchParams} fields @param {string} name @param {unknown} value */
function writeField(fields, name, value) {
  if (typeof value !== "object" || value === null) fields.set(name, String(value));
  else
    for (const [part, inner] of Object.entries(value)) fields.set(`${name}.${part}`, String(inner));
}

/** @param {string} fragment @returns {State} */
export function read(fragment) {
  const fields = new URLSearchParams(fragment.replace(/^#/, ""));
  const by = fields.get("by");
  const theme = fields.get("theme");
  return {
    experiment: readExperiment(fields),
    place: readPlace(fields),
    granularity: by === "pass" || by === "equation" ? by : null,
    selection: readSelection(fields),
    theme: theme === "light" || theme === "dark" ? theme : null,
  };
}

/** @param {URLSearchParams} fields @returns {Change} */
function readExperiment(fields) {
  /** @type {Change} */
  const experiment = {};
  for (const [key, text] of fields) {
    const [name, part] = key.split(".");
    if (part && (NESTED.includes(name) || name === "cell")) {
      const nested = /** @type {Change} */ (experiment[name] ?? {});
      nested[part] = name === "cell" || TEXTS.includes(part) ? text : readNested(part, text);
      experiment[name] = nested;
    } else if (NUMBERS.includes(name)) experiment[name] = text === "null" ? null : numberIn(text);
    else if (WORDS.includes(name)) experiment[name] = text;
    else if (SWITCHES.includes(name)) experiment[name] = SWITCHED.get(text) ?? text;
  }
  return experiment;
}

const SWITCHED = new Map([
  ["true", true],
  ["false", false],
]);

/** A number, or the numbers of a series. @param {string} part @param {string} text */
function readNested(part, text) {
  return part === "values" ? text.split(",").map(numberIn) : numberIn(text);
}

/** A number as written, or the text itself, which the server then refuses by its field. @param {string} text */
function numberIn(text) {
  const value = Number(text);
  return text.trim() === "" || Number.isNaN(value) ? text : value;
}

/** @param {URLSearchParams} fields @returns {Place | null} */
function readPlace(fields) {
  const at = fields.get("at");
  if (!at) return null;
  const [phase, t] = at.split(".");
  const layer = fields.get("layer");
  return {
    phase,
    t: t ? Number(t) - 1 : null,
    layer: layer === null ? null : Number(layer),
    kind: fields.get("kind") ?? "",
    target: fields.get("line"),
  };
}

/** @param {URLSearchParams} fields @returns {Partial<Selection>} */
function readSelection(fields) {
  const [parameter, row, column] = (fields.get("weight") ?? "").split(",");
  const unit = Number(fields.get("unit") ?? 1) - 1;
  /** @type {Partial<Selection>} */
  const found = Number.isInteger(unit) && unit >= 0 ? { unit } : {};
  if (!parameter) return found;
  return { ...found, parameter, row: whole(row), column: whole(column) };
}

/** @param {string | undefined} text */
function whole(text) {
  const value = Number(text);
  return Number.isInteger(value) && value >= 0 ? value : 0;
}
