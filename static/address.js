/** The page's state in the URL's fragment, so that a link shows the same moment. */

/** @import { Place } from "./playhead.js" */
/** @import { Book, Change, Faces, Granularity, Override, Picture, Rival, Selection } from "./types.js" */

/**
 * @typedef {{
 *   experiment: Change, place: Place | null, granularity: Granularity | null,
 *   selection: Partial<Selection>, theme: "light" | "dark" | null, faces: Partial<Faces>,
 *   picture: Picture | null, book: Book | null, copies: string | null, presenting: boolean,
 *   front: keyof Faces, bare: boolean, options: Record<string, string>, enlarged: boolean,
 *   rivals: Rival[], difference: boolean,
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
/** What may be chosen; the first of each is what shows where nothing is said. */
const CHOICES = {
  meaning: ["equation", "numbers"],
  code: ["numpy", "torch"],
  plots: ["shares", "weight", "states", "triangle", "signal", "spectrum", "inputs", "trajectory"],
  picture: ["unrolled", "rolled", "cell"],
  symbols: ["goodfellow", "pytorch", "karpathy"],
  front: ["meaning", "code", "plots"],
};
/** What the choices of plots are written with: plot.NAME.CHOICE. */
const PLOT = "plot.";
/** An override as it is written: what is changed, the place of the entry, the value. */
const OVERRIDE = /^([\w.]+)(?:\[([\d,]*)\])?:(.+)$/;

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
  if (selection.pins?.length) fields.set("pins", selection.pins.map((unit) => unit + 1).join(","));
  writeLook(fields, state);
  if (state.theme) fields.set("theme", state.theme);
  return `#${fields.toString()}`;
}

/** Which faces show, in which picture and letters, where that is not the usual one. @param {URLSearchParams} fields @param {State} state */
function writeLook(fields, state) {
  const { faces, picture, book, copies, presenting, front, bare } = state;
  const look = { ...faces, picture, symbols: book, ...(presenting ? { front } : {}) };
  for (const [name, [usual]] of Object.entries(CHOICES)) {
    const value = /** @type {Record<string, string | null | undefined>} */ (look)[name];
    if (value && value !== usual) fields.set(name, value);
  }
  for (const [name, value] of Object.entries(state.options)) fields.set(`${PLOT}${name}`, value);
  if (state.enlarged) fields.set("larger", "yes");
  for (const { thing, value } of state.rivals) fields.append("vs", `${thing}:${value}`);
  if (state.difference) fields.set("difference", "yes");
  if (copies) fields.set("copies", copies);
  if (presenting) fields.set("present", bare ? "bare" : "yes");
}

/** @param {URLSearchParams} fields @param {string} name @param {unknown} value */
function writeField(fields, name, value) {
  if (Array.isArray(value)) {
    if (value.length) fields.set(name, value.map(writeOverride).join(";"));
  } else if (typeof value !== "object" || value === null) fields.set(name, String(value));
  else
    for (const [part, inner] of Object.entries(value)) fields.set(`${name}.${part}`, String(inner));
}

/** @param {Override} override */
function writeOverride({ name, index, value }) {
  return `${name}${index ? `[${index.join(",")}]` : ""}:${value}`;
}

/** An override, or the text as it stands, which the server then refuses by its field. @param {string} text @returns {Override | string} */
function readOverride(text) {
  const [, name, index, value] = OVERRIDE.exec(text) ?? [];
  if (!name) return text;
  const place = index === undefined ? {} : { index: index.split(",").filter(Boolean).map(Number) };
  return { name, ...place, value: /** @type {number} */ (numberIn(value)) };
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
    ...readLook(fields),
  };
}

/** @param {URLSearchParams} fields */
function readLook(fields) {
  const found = /** @type {Record<string, any>} */ ({});
  for (const [name, allowed] of Object.entries(CHOICES)) {
    const value = fields.get(name) ?? allowed[0];
    found[name] = allowed.includes(value) ? value : allowed[0];
  }
  const { picture, symbols: book, front, ...faces } = found;
  const own = [...fields].filter(([name]) => name.startsWith(PLOT));
  const options = Object.fromEntries(own.map(([name, value]) => [name.slice(PLOT.length), value]));
  const enlarged = fields.get("larger") === "yes";
  const rivals = fields.getAll("vs").map(readRival).slice(0, 2);
  const difference = fields.get("difference") === "yes";
  const [presenting, bare] = [fields.has("present"), fields.get("present") === "bare"];
  const look = {
    picture,
    book,
    faces,
    options,
    enlarged,
    presenting,
    front,
    bare,
    rivals,
    difference,
  };
  return { ...look, copies: fields.get("copies") };
}

/** @param {string} text @returns {Rival} */
function readRival(text) {
  const [thing, ...value] = text.split(":");
  return { thing, value: value.join(":") };
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
    else if (name === "overrides") experiment[name] = text.split(";").map(readOverride);
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
  if (fields.has("pins"))
    found.pins = (fields.get("pins") ?? "").split(",").map(whole).map(fromOne);
  if (!parameter) return found;
  return { ...found, parameter, row: whole(row), column: whole(column) };
}

/** @param {number} place from 1 */
function fromOne(place) {
  return Math.max(0, place - 1);
}

/** @param {string | undefined} text */
function whole(text) {
  const value = Number(text);
  return Number.isInteger(value) && value >= 0 ? value : 0;
}
