/** The header: the experiment in words, and what can be opened from here. */

import { drawn } from "../drawing.js";
import { count } from "../number.js";
import { panel, pass, theme, themeChosen } from "../store.js";
import { html, render } from "../vendor/lit-html/lit-html.js";
import { quoted } from "../words.js";

/** @import { Pass } from "../pass.js" */

const LONGEST = 40;

/** @param {HTMLElement} element @param {{ share: () => Promise<string> }} actions `share` copies the link and says how that went */
export function mount(element, { share }) {
  drawn(
    () => ({ now: pass.value, open: panel.value, look: theme.value }),
    ({ now, open, look }) =>
      render(
        html`<h1 class="wordmark">Unroll</h1>
          <button class="experiment-words" title="change the experiment (E)" @click=${() => toggle("experiment")}>
            ${now ? words(now) : ""}
          </button>
          <nav aria-label="Page">
            <button class="plain" aria-expanded=${open === "experiment"} @click=${() => toggle("experiment")}>Experiment</button>
            <button class="plain" @click=${(/** @type {Event} */ event) => shared(event, share)}>Share</button>
            <button class="plain" @click=${changeTheme}>${look === "dark" ? "Light" : "Dark"}</button>
            <button class="plain" aria-label="Help: keys and legend" aria-expanded=${open === "help"} @click=${() => toggle("help")}>Help</button>
          </nav>`,
        element,
      ),
  );
}

/** @param {"experiment" | "help"} which */
export function toggle(which) {
  panel.value = panel.value === which ? null : which;
}

function changeTheme() {
  themeChosen.value = true;
  theme.value = theme.value === "dark" ? "light" : "dark";
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
  const parameters = plan.parameters.reduce((sum, parameter) => sum + parameter.count, 0);
  const layers = sizes.L > 1 ? `${sizes.L} layers of ` : "";
  const text = [...spec.task.text];
  const told = text.length > LONGEST ? `${text.slice(0, LONGEST).join("")}…` : text.join("");
  return html`<b>${name}</b>, ${layers}${several(sizes.H, `${kind(spec)}unit`)}, next character of
    <b>${quoted(told.replaceAll("\n", "⏎"))}</b>, ${several(sizes.T, "step")},
    ${several(parameters, "parameter")}, seed ${spec.seed}`;
}

/** What kind of units a built-in has, where it is not the usual one. @param {import("../types.js").Spec} spec */
function kind(spec) {
  return typeof spec.cell === "string" ? `${spec.activation} ` : "";
}

/** @param {number} number @param {string} word */
function several(number, word) {
  return `${count(number)} ${word}${number === 1 ? "" : "s"}`;
}
