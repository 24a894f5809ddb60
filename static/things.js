/** The one thing that differs between experiments side by side: what it may be, and what it makes of a spec. */

/** @import { Change, Rival, Spec } from "./types.js" */
/**
 * A thing: its word, whether an experiment has it, what it may be, what it is in a spec, and the
 * spec's fields that make it so. Where `range` is there it is a number, or several.
 * @typedef {{
 *   name: string, word: string, applies: (spec: Spec) => boolean, choices?: [string, string][],
 *   range?: (spec: Spec) => [number, number, number][], of: (spec: Spec) => string,
 *   change: (value: string, spec: Spec) => Change, told: (value: string) => string,
 * }} Thing
 */

const always = () => true;
/** @param {string} value */
const itself = (value) => value;

/** Every thing that two experiments can differ in. @type {Thing[]} */
export const THINGS = [
  {
    name: "activation",
    word: "activation",
    applies: ({ cell }) => typeof cell === "string",
    choices: named(["tanh", "sigmoid", "relu"]),
    of: ({ activation }) => activation,
    change: (value) => ({ activation: value }),
    told: itself,
  },
  {
    name: "cell",
    word: "cell",
    applies: always,
    choices: named(["rnn", "gru", "lstm"]),
    of: ({ cell }) => (typeof cell === "string" ? cell : cell.name),
    change: (value) => ({ cell: value }),
    told: itself,
  },
  {
    name: "truncation",
    word: "truncation",
    applies: always,
    range: ({ algorithm }) => [
      [1, 64, algorithm.k1 ?? 3],
      [1, 64, algorithm.k2 ?? 3],
    ],
    of: ({ algorithm: { kind, k1, k2 } }) => (kind === "bptt" ? "" : `${k1},${k2}`),
    change: (value) => ({ algorithm: truncated(value) }),
    told: (value) =>
      value === ""
        ? "BPTT, nothing cut"
        : `truncated, k1 ${value.split(",")[0]}, k2 ${value.split(",")[1]}`,
  },
  {
    name: "feedback",
    word: "feedback",
    applies: always,
    choices: [
      ["none", "nothing fed back"],
      ["teacher", "teacher forcing"],
      ["apart", "teacher forcing alone"],
      ["free", "its own prediction"],
    ],
    of: ({ feedback, recurrence }) =>
      feedback.source === "none" ? "none" : recurrence === "none" ? "apart" : feedback.mode,
    change: fed,
    told: (value) =>
      ({
        none: "nothing fed back",
        teacher: "teacher forcing",
        apart: "teacher forcing alone, no hidden recurrence",
        free: "its own prediction fed back",
      })[value] ?? value,
  },
  {
    name: "sharing",
    word: "sharing",
    applies: always,
    choices: [
      ["shared", "one set for all steps"],
      ["own", "each step its own"],
    ],
    of: ({ weights_shared }) => (weights_shared ? "shared" : "own"),
    change: (value) => ({ weights_shared: value === "shared" }),
    told: (value) =>
      value === "shared" ? "weights shared by all steps" : "weights of each step’s own",
  },
  {
    name: "initialization",
    word: "initialisation",
    applies: always,
    choices: named(["xavier", "orthogonal", "identity", "normal"]),
    of: ({ initialization }) => initialization.kind,
    change: (value) => ({ initialization: { kind: value } }),
    told: (value) => `${value} weights`,
  },
  {
    name: "radius",
    word: "spectral radius",
    applies: always,
    range: ({ initialization }) => [
      [0, 2, initialization.kind === "spectral" ? initialization.radius : 1],
    ],
    of: ({ initialization: { kind, radius } }) => (kind === "spectral" ? String(radius) : ""),
    change: (value) => ({ initialization: { kind: "spectral", radius: Number(value) } }),
    told: (value) => (value === "" ? "as initialised" : `spectral radius ${value}`),
  },
  {
    name: "bias",
    word: "bias",
    applies: always,
    choices: [
      ["yes", "with biases"],
      ["no", "without biases"],
    ],
    of: ({ bias }) => (bias ? "yes" : "no"),
    change: (value) => ({ bias: value === "yes" }),
    told: (value) => (value === "yes" ? "with biases" : "without biases"),
  },
  {
    name: "clipping",
    word: "clipping",
    applies: always,
    range: ({ clip_norm }) => [[0.05, 5, clip_norm ?? 0.5]],
    of: ({ clip_norm }) => (clip_norm === null ? "" : String(clip_norm)),
    change: (value) => ({ clip_norm: value === "" ? null : Number(value) }),
    told: (value) => (value === "" ? "not clipped" : `clipped to norm ${value}`),
  },
  {
    name: "distance",
    word: "distance",
    applies: ({ task }) => task.gap !== undefined,
    range: ({ task }) => [[1, 60, task.gap ?? 5]],
    of: ({ task }) => String(task.gap ?? ""),
    change: (value, { task }) => ({ task: { ...task, gap: Number(value) } }),
    told: (value) => `gap ${value}`,
  },
];

/** @param {string[]} names @returns {[string, string][]} */
function named(names) {
  return names.map((name) => [name, name]);
}

/** @param {string} value @returns {Change} */
function truncated(value) {
  if (value === "") return { kind: "bptt" };
  const [k1, k2] = value.split(",").map(Number);
  return { kind: "truncated", k1, k2: Math.max(k1, k2) };
}

/** @param {string} value @returns {Change} */
function fed(value) {
  if (value === "none") return { feedback: { source: "none" }, recurrence: "full" };
  const mode = value === "apart" ? "teacher" : value;
  return { feedback: { source: "output", mode }, recurrence: value === "apart" ? "none" : "full" };
}

/** @param {string} name */
export function thingOf(name) {
  return THINGS.find((one) => one.name === name) ?? THINGS[0];
}

/** The spec of a rival: the page's experiment with its one thing. @param {Change} experiment @param {Spec} spec the same with every field @param {Rival} rival @returns {Change} */
export function specOf(experiment, spec, { thing, value }) {
  return { ...experiment, ...thingOf(thing).change(value, spec) };
}

/** A first rival of an experiment: the first choice that it does not have itself. @param {Spec} spec @param {Thing} thing @param {string[]} taken @returns {string} */
export function firstOf(spec, thing, taken) {
  const own = [thing.of(spec), ...taken];
  const choice = thing.choices?.find(([value]) => !own.includes(value));
  if (choice) return choice[0];
  const ranges = thing.range?.(spec) ?? [];
  const value = ranges.map(([, , usual]) => usual).join(",");
  if (!own.includes(value)) return value;
  return ranges
    .map(([least, most, usual]) => Math.min(most, usual * 2 || least + (most - least) / 2))
    .join(",");
}
