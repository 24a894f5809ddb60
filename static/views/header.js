/** The header: the experiment in words, and what can be opened from here. */

import { drawn } from "../drawing.js";
import { changeTheme, compare, present, toggle } from "../keys.js";
import { count } from "../number.js";
import { groupsOf } from "../overrides.js";
import { comparing, panel, pass, presenting, theme } from "../store.js";
import { html, render } from "../vendor/lit-html/lit-html.js";
import { quoted } from "../words.js";

/** @import { Pass } from "../pass.js" */
/** @import { Plan, Spec, Task } from "../types.js" */

const LONGEST = 40;

/** @param {HTMLElement} element @param {{ share: () => Promise<string> }} actions `share` copies the link and says how that went */
export function mount(element, { share }) {
  drawn(
    () => ({
      now: pass.value,
      open: panel.value,
      look: theme.value,
      room: presenting.value,
      two: comparing.value,
    }),
    ({ now, open, look, room, two }) => {
      // In Present only who hears the page is told its name.
      element.classList.toggle("hidden-text", room);
      render(
        html`<h1 class="wordmark">Unroll</h1>
          <button class="experiment-words" title="change the experiment (E)" @click=${() => toggle("experiment")}>
            ${now ? words(now) : ""}
          </button>
          <nav aria-label="Page">
            <button class="plain" aria-expanded=${open === "experiment"} @click=${() => toggle("experiment")}>Experiment</button>
            <button class="plain" aria-expanded=${open === "whatif"} @click=${() => toggle("whatif")}>What if</button>
            <button class="plain" aria-pressed=${two} @click=${compare}>Compare</button>
            <button class="plain" @click=${(/** @type {Event} */ event) => shared(event, share)}>Share</button>
            <button class="plain" id="present" @click=${present}>Present</button>
            <button class="plain" @click=${changeTheme}>${look === "dark" ? "Light" : "Dark"}</button>
            <button class="plain" aria-label="Help: keys and legend" aria-expanded=${open === "help"} @click=${() => toggle("help")}>Help</button>
          </nav>`,
        element,
      );
    },
  );
}

/** @param {Event} event @param {() => Promise<string>} share */
async function shared(event, share) {
  const button = /** @type {HTMLButtonElement} */ (event.currentTarget);
  button.textContent = await share();
  button.addEventListener("blur", () => (button.textContent = "Share"), { once: true });
}

/** The experiment in words: "lstm, 8 units, next character of “hello world”, 10 steps, ...". @param {Pass} now */
function words({ plan, sizes }) {
  const { spec } = plan;
  const name = typeof spec.cell === "string" ? spec.cell : spec.cell.name;
  const layers = sizes.L > 1 ? `${sizes.L} layers of ` : "";
  const task = TASKS[spec.task.kind]?.(spec.task) ?? spec.task.kind;
  const size = [several(sizes.T, "step"), ...(sizes.B > 1 ? [several(sizes.B, "sequence")] : [])];
  return html`<b>${name}</b>, ${layers}${several(sizes.H, `${kind(spec)}unit`)}, ${task}, ${size.join(", ")},
    ${parameters(plan)}${unusual(spec)}, seed ${spec.seed}${changed(spec)}`;
}

/** How many parameters there are; where each step has its own, what they are multiplied from. @param {Plan} plan */
function parameters({ parameters: all, spec, sizes }) {
  const held = all.reduce((sum, parameter) => sum + parameter.count, 0);
  if (spec.weights_shared) return several(held, "parameter");
  return `${sizes.T} × ${count(held / sizes.T)} = ${several(held, "parameter")}, each step its own`;
}

/** @param {Spec} spec */
function changed({ overrides }) {
  return overrides.length ? `, ${groupsOf(overrides, {}).length} changed` : "";
}

/** Each task as what is to be done. @type {Record<string, (task: Task) => unknown>} */
const TASKS = {
  text: ({ text = "" }) => html`next character of <b>${quoted(cut(text))}</b>`,
  zen: () => html`next character of <b>the Zen of Python</b>`,
  echo: ({ gap = 0 }) => html`<b>echo</b> what came ${several(gap, "step")} ago`,
  recall: ({ gap = 0 }) => html`<b>recall</b> the first symbol past ${several(gap, "distractor")}`,
  copy: ({ length = 0, gap = 0 }) =>
    html`<b>copy</b> ${several(length, "symbol")} past ${several(gap, "blank")}`,
  adding: ({ length = 0 }) => html`<b>add</b> the two marked of ${length} numbers`,
  parity: () => html`odd or even: the <b>parity</b> of the bits so far`,
  count: ({ most = 0 }) => html`next symbol of <b>aⁿbⁿ</b>, n up to ${most}`,
  reber: ({ gap = 0 }) => html`next symbol of a <b>Reber string</b>, ${gap} inside`,
  sine: ({ gap = 0, period = 0 }) =>
    html`next value of a <b>sine</b> of period ${period}${measured(gap)}`,
  wobble: ({ gap = 0, days = 0 }) =>
    html`where the <b>Earth’s pole</b> is in ${several(days, "day")}${measured(gap)}`,
  series: ({ values = [], gap = 0 }) =>
    html`next of <b>${values.length} numbers</b>${measured(gap)}`,
};

/** @param {number} gap */
function measured(gap) {
  return gap === 1 ? "" : `, measured every ${gap} steps`;
}

/** A text as it is told on one line. @param {string} text */
function cut(text) {
  const all = [...text];
  const told = all.length > LONGEST ? `${all.slice(0, LONGEST).join("")}…` : text;
  return told.replaceAll("\n", "⏎");
}

/** What is not as in most experiments. @param {Spec} spec */
function unusual({ algorithm, feedback, recurrence, loss_at }) {
  const found = [
    recurrence === "none" ? "no recurrence" : "",
    feedback.source === "output" ? FED[feedback.mode] : "",
    algorithm.kind === "truncated" ? `truncated ${algorithm.k1}, ${algorithm.k2}` : "",
    loss_at === "last_step" ? "loss at the last step" : "",
  ].filter(Boolean);
  return found.map((each) => `, ${each}`).join("");
}

const FED = /** @type {Record<string, string>} */ ({
  teacher: "teacher forcing",
  free: "fed its predictions",
  sampled: "fed draws",
  scheduled: "scheduled sampling",
});

/** What kind of units a built-in has, where it is not the usual one. @param {Spec} spec */
function kind(spec) {
  return typeof spec.cell === "string" ? `${spec.activation} ` : "";
}

/** @param {number} number @param {string} word */
function several(number, word) {
  return `${count(number)} ${word}${number === 1 ? "" : "s"}`;
}
