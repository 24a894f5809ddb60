/** The experiment: every field of it, with what is allowed, changed at once. */

import { drawn } from "../drawing.js";
import { experiment, offers, panel, pass, problem } from "../store.js";
import { live } from "../vendor/lit-html/directives/live.js";
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import { signal } from "../vendor/signals-core/signals-core.mjs";

/** @import { Change, OwnCell } from "../types.js" */

/** How long after the last letter a text counts as typed. */
const TYPED = 250;
const OWN = "own";
const EXAMPLE = "a = U @ x + W @ h_prev + b\nh = 0.5 * h_prev + 0.5 * tanh(a)";
const DEFAULTS = {
  cell: "rnn",
  hidden_size: 8,
  layers: 1,
  activation: "tanh",
  gate_activation: "sigmoid",
  bias: true,
  seed: 0,
  clip_norm: null,
  task: { text: "hello world" },
  optimizer: { learning_rate: 0.1 },
  initialization: { kind: "xavier" },
};
const INITIALIZATIONS = ["xavier", "orthogonal", "identity", "normal", "spectral", "zeros"];

/** What is being typed and not sent yet. */
const typing = signal(/** @type {Change | null} */ (null));
let timer = 0;

/** @param {HTMLElement} element */
export function mount(element) {
  drawn(
    () => ({
      open: panel.value === "experiment",
      asked: typing.value ?? experiment.value,
      wrong: problem.value,
      offer: offers.value,
    }),
    (now) => {
      render(now.open ? form(now) : nothing, element);
    },
  );
}

/** Focus the text, which is what most come to change. @param {HTMLElement} element */
export function focus(element) {
  /** @type {HTMLElement | null} */ (element.querySelector("textarea"))?.focus();
}

/** @typedef {{ asked: Change, wrong: { message: string, field: string | null } | null, offer: typeof offers.value }} Form */

/** @param {Form} now */
function form(now) {
  const { offer } = now;
  return html`<form class="panel experiment-panel" aria-label="Experiment" @submit=${submit} @keydown=${closeOnEscape}>
    ${field(now, "task.text", "Text: each character is to predict the next", textArea)}
    ${field(now, "cell", "Cell", cellChoice)}
    ${ownCell(now) ? field(now, "cell.equations", "Equations, one a line", equations) : nothing}
    <div class="fields">
      ${field(now, "hidden_size", "Units", whole)} ${field(now, "layers", "Layers", whole)}
      ${ownCell(now) ? nothing : field(now, "activation", "Activation", choice(offer.activations))}
      ${ownCell(now) ? nothing : field(now, "gate_activation", "Gate activation", choice(offer.activations))}
      ${field(now, "initialization.kind", "First weights", choice(INITIALIZATIONS))}
      ${field(now, "seed", "Seed", whole)}
      ${field(now, "optimizer.learning_rate", "Learning rate", decimal)}
      ${field(now, "clip_norm", "Clip the gradient at norm", decimal)}
    </div>
    <div class="field check">
      <input id="bias" type="checkbox" .checked=${live(given(now.asked, "bias") === true)} @change=${(/** @type {Event} */ e) => change("bias", input(e).checked)} />
      <label for="bias">Biases</label>
    </div>
    <div class="panel-actions">
      <button type="button" class="button" @click=${reset}>Back to the first experiment</button>
      <button type="submit" class="button">Close</button>
    </div>
  </form>`;
}

/** @param {Event} event */
function submit(event) {
  event.preventDefault();
  panel.value = null;
}

/** @param {KeyboardEvent} event */
function closeOnEscape(event) {
  if (event.key === "Escape") panel.value = null;
}

function reset() {
  send({});
}

/** @param {Event} event */
function input(event) {
  return /** @type {HTMLInputElement} */ (event.target);
}

/** @param {Form} now @param {string} name @param {string} label @param {(now: Form, name: string, invalid: boolean) => unknown} control */
function field(now, name, label, control) {
  const wrong = now.wrong?.field === name || (name === "cell" && now.wrong?.field === "cell.name");
  return html`<div class="field">
    <label for=${name}>${label}</label>
    ${control(now, name, wrong)}
    ${wrong ? html`<p class="wrong" id=${`${name}-wrong`} role="alert">${now.wrong?.message}</p>` : nothing}
  </div>`;
}

/** The value of a field, or its default. @param {Change} asked @param {string} name */
function given(asked, name) {
  const [head, part] = name.split(".");
  const outer = asked[head] ?? DEFAULTS[/** @type {keyof typeof DEFAULTS} */ (head)];
  if (!part) return outer;
  const own = /** @type {Change} */ (outer)[part];
  const usual = /** @type {Change} */ (DEFAULTS[/** @type {keyof typeof DEFAULTS} */ (head)])[part];
  return own ?? usual;
}

/** @param {string} name @param {unknown} value @param {boolean} [typed] */
function change(name, value, typed = false) {
  const asked = typing.peek() ?? experiment.peek();
  const [head, part] = name.split(".");
  const inner = part ? { .../** @type {Change} */ (asked[head] ?? {}), [part]: value } : value;
  const changed = { ...asked, [head]: inner };
  clearTimeout(timer);
  if (!typed) return send(changed);
  typing.value = changed;
  timer = setTimeout(() => send(changed), TYPED);
}

/** @param {Change} changed */
function send(changed) {
  clearTimeout(timer);
  typing.value = null;
  experiment.value = changed;
}

/** @param {Form} now @param {string} name @param {boolean} invalid */
function textArea({ asked }, name, invalid) {
  return html`<textarea id=${name} rows="2" spellcheck="false" aria-invalid=${invalid} .value=${live(String(given(asked, name)))}
    @input=${(/** @type {Event} */ e) => change(name, input(e).value, true)}></textarea>`;
}

/** @param {Form} now */
function ownCell({ asked }) {
  return typeof given(asked, "cell") === "object";
}

/** @param {Form} now @param {string} name @param {boolean} invalid */
function cellChoice(now, name, invalid) {
  const current = given(now.asked, name);
  return html`<select id=${name} aria-invalid=${invalid} @change=${chooseCell}>
    ${now.offer.cells.map((cell) => html`<option value=${cell.name} .selected=${cell.name === current}>${cell.name}: ${cell.title}</option>`)}
    <option value=${OWN} .selected=${ownCell(now)}>your own equations</option>
  </select>`;
}

/** @param {Event} event */
function chooseCell(event) {
  const { value } = input(event);
  if (value !== OWN) return change("cell", value);
  // One's own cell begins as the equations of the one that shows, to be changed.
  const shown = pass
    .peek()
    ?.plan.equations.forward.map((line) => line.text)
    .join("\n");
  change("cell", { name: "my cell", equations: shown ?? EXAMPLE });
}

/** @param {Form} now @param {string} name @param {boolean} invalid */
function equations({ asked }, name, invalid) {
  const own = /** @type {OwnCell} */ (given(asked, "cell"));
  return html`<textarea id=${name} class="code" rows="7" spellcheck="false" aria-invalid=${invalid} .value=${live(own.equations)}
      @input=${(/** @type {Event} */ e) => change("cell", { ...own, equations: input(e).value }, true)}></textarea>
    <p class="hint">+ − * @ and activations; x is the input, NAME_prev the step before; other names become weights.</p>`;
}

/** @param {string[]} options */
function choice(options) {
  return (
    /** @type {Form} */ { asked },
    /** @type {string} */ name,
    /** @type {boolean} */ invalid,
  ) =>
    html`<select id=${name} aria-invalid=${invalid} @change=${(/** @type {Event} */ e) => change(name, input(e).value)}>
      ${options.map((one) => html`<option .selected=${one === given(asked, name)}>${one}</option>`)}
    </select>`;
}

/** @param {Form} now @param {string} name @param {boolean} invalid */
function whole({ asked, offer }, name, invalid) {
  const [low, high] = offer.limits[name] ?? [0, 2 ** 32];
  return html`<input id=${name} type="number" inputmode="numeric" step="1" min=${low} max=${high} aria-invalid=${invalid}
    .value=${live(String(given(asked, name)))} @input=${(/** @type {Event} */ e) => change(name, numberIn(input(e).value), true)} />`;
}

/** @param {Form} now @param {string} name @param {boolean} invalid */
function decimal({ asked }, name, invalid) {
  const value = given(asked, name);
  return html`<input id=${name} inputmode="decimal" aria-invalid=${invalid} placeholder="not at all" .value=${live(value === null ? "" : String(value))}
    @input=${(/** @type {Event} */ e) => change(name, input(e).value.trim() === "" ? null : numberIn(input(e).value), true)} />`;
}

/** A number, or what was typed instead, which the server refuses by its field. @param {string} text */
function numberIn(text) {
  const value = Number(text.replace(",", "."));
  return text.trim() === "" || Number.isNaN(value) ? text : value;
}
