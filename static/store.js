/** What the page knows: the experiment asked for, the pass that came, what is selected. */

import { Timeline } from "./timeline.js";
import { computed, signal } from "./vendor/signals-core/signals-core.mjs";

/** @import { Pass } from "./pass.js" */
/** @import { Book, Cell, Change, Faces, Lit, Picture, Problem, Selection, TaskOffer } from "./types.js" */
/** @template T @typedef {import("./vendor/signals-core/signals-core.mjs").Signal<T>} Signal */

/** What the user asks for: the spec's fields that are not at their defaults. */
export const experiment = signal(/** @type {Change} */ ({}));

/** The pass on the page; it stays until the first frame of another is here. */
export const pass = signal(/** @type {Pass | null} */ (null));

/** The moments of that pass. */
export const timeline = computed(() => (pass.value ? new Timeline(pass.value.plan) : null));

/** What the server says is wrong with the experiment. */
export const problem = signal(/** @type {Problem | null} */ (null));

/** The state of the connection. */
export const connection = signal(/** @type {"connecting" | "open" | "lost"} */ ("connecting"));

/** What may be asked for: answers of the server, by the name of the call. */
export const offers = signal(
  /** @type {{ cells: Cell[], activations: string[], tasks: TaskOffer[], limits: Record<string, [number, number]> }} */ ({
    cells: [],
    activations: [],
    tasks: [],
    limits: {},
  }),
);

/** The chosen entry of the chosen parameter, the pinned unit, and further units pinned beside it. */
export const selection = signal(
  /** @type {Selection} */ ({ parameter: "", row: 0, column: 0, unit: 0, pins: [] }),
);

/** The face that shows of each card. */
export const faces = signal(
  /** @type {Faces} */ ({ meaning: "equation", code: "numpy", plots: "shares" }),
);

/** The answers to the choices of each plot, by PLOT.CHOICE; what is not here is as usual. */
export const options = signal(/** @type {Record<string, string>} */ ({}));

/** Whether the plot has the room of all cards, and more of the page's height. */
export const enlarged = signal(false);

/** What has been found out of the passes, by the pass and what was asked. */
export const findings = signal(
  /** @type {Map<string, import("./finding.js").Finding>} */ (new Map()),
);

/** The experiments beside the page's own: what each has another, and as what. */
export const rivals = signal(/** @type {import("./types.js").Rival[]} */ ([]));

/** Their passes, or why there is none; null where it is not here yet. */
export const rivalPasses = signal(/** @type {(Pass | { problem: string } | null)[]} */ ([]));

/** Whether experiments show side by side. */
export const comparing = computed(() => rivals.value.length > 0);

/** Whether what one has more than the other shows too. */
export const difference = signal(false);

/** How far a gradient came, where a plot is pointed at that tells of it. */
export const reach = signal(/** @type {import("./types.js").Reach | null} */ (null));

/** How the network shows on the stage. */
export const picture = signal(/** @type {Picture} */ ("unrolled"));

/** Whose letters the parameters have. */
export const book = signal(/** @type {Book} */ ("goodfellow"));

/** What the pointer or the focus is on, which lights up wherever it stands. */
export const lit = signal(/** @type {Lit | null} */ (null));

/** The parameter whose copies stay lit over all steps; null for none. */
export const copies = signal(/** @type {string | null} */ (null));

/** The same experiment's pass without its overrides, where it has any and that pass is here. */
export const baseline = signal(/** @type {Pass | null} */ (null));

/** Whether the page is shown to a room: the stage, the now line and one card, in large type. */
export const presenting = signal(false);

/** Which card that is: the one of which a face was chosen last. */
export const front = signal(/** @type {keyof Faces} */ ("meaning"));

/** Whether that card is put away, and the stage has its room. */
export const bare = signal(false);

/** Whether the curtain is down: a dark cover over everything. */
export const curtain = signal(false);

/** The theme that shows. */
export const theme = signal(/** @type {"light" | "dark"} */ ("light"));

/** Whether the theme was chosen, not taken from the system. */
export const themeChosen = signal(false);

/** Text size: 1 is as designed. */
export const zoom = signal(1);

/** Whether the moment's line lies over the stage as a picture. */
export const workingsShown = signal(true);

/** Which panel is open over the page. */
export const panel = signal(/** @type {"experiment" | "whatif" | "help" | null} */ (null));

/** The selection, kept within the pass that is shown. */
export const chosen = computed(() => {
  const current = pass.value;
  const wanted = selection.value;
  if (!current) return wanted;
  const parameter =
    current.parameters.get(wanted.parameter) ??
    current.plan.parameters.find((one) => one.role === "matrix" && one.input?.includes("_prev")) ??
    current.plan.parameters[0];
  const [rows, columns = 1] = current.shapeOf(parameter.name);
  return {
    parameter: parameter.name,
    row: Math.min(wanted.row, rows - 1),
    column: Math.min(wanted.column, columns - 1),
    unit: Math.min(wanted.unit, current.sizes.H - 1),
    pins: wanted.pins.filter((unit) => unit < current.sizes.H),
  };
});

/** The parameter whose copies are lit: the one pointed at, else the one that stays. */
export const shownCopies = computed(() => {
  const pointed = lit.value?.name ?? "";
  return pass.value?.parameters.has(pointed) ? pointed : copies.value;
});
