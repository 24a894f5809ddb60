/** What the page knows: the experiment asked for, the pass that came, what is selected. */

import { Timeline } from "./timeline.js";
import { computed, signal } from "./vendor/signals-core/signals-core.mjs";

/** @import { Pass } from "./pass.js" */
/** @import { Cell, Change, Problem, Selection, TaskOffer } from "./types.js" */
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

/** The chosen entry of the chosen parameter, and the pinned unit. */
export const selection = signal(
  /** @type {Selection} */ ({ parameter: "", row: 0, column: 0, unit: 0 }),
);

/** The theme that shows. */
export const theme = signal(/** @type {"light" | "dark"} */ ("light"));

/** Whether the theme was chosen, not taken from the system. */
export const themeChosen = signal(false);

/** Text size: 1 is as designed. */
export const zoom = signal(1);

/** Which panel is open over the page. */
export const panel = signal(/** @type {"experiment" | "help" | null} */ (null));

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
  };
});
