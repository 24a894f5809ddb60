/** What is compared: the thing that differs, what each side has of it, and the plot that all show. */

import { short } from "../number.js";
import { PLOTS } from "../plots/catalogue.js";
import { answersOf } from "../plots/options.js";
import { difference, faces, options, rivalPasses, rivals } from "../store.js";
import { firstOf, THINGS, thingOf } from "../things.js";
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { all, MOST, plotOf } from "./contenders.js";
import { select } from "./plots.js";

/** @import { Pass } from "../pass.js" */
/** @import { Plot } from "../plots/catalogue.js" */
/** @import { PlotName, Rival, Spec } from "../types.js" */
/** @import { Thing } from "../things.js" */

/** What is compared, and that all else is the same. @param {Pass} own @param {Rival[]} wanted */
export function versus(own, wanted) {
  const { spec } = own.plan;
  const thing = thingOf(wanted[0]?.thing ?? "");
  return html`${things(spec, thing)}
    <span class="quiet">Everything else is equal, and the scales are the same.</span>
    <span class="versus-plot">
      ${plots(own)}
      ${wanted.length === 1 ? html`<label class="switch"><input type="checkbox" .checked=${difference.peek()} @change=${() => (difference.value = !difference.peek())} /> difference</label>` : nothing}
      ${wanted.length < MOST ? html`<button class="button" @click=${() => add(spec, thing, wanted)}>Add a third</button>` : nothing}
      <button class="button" id="compare-close" @click=${() => (rivals.value = [])}>Close</button>
    </span>`;
}

/** The thing that differs. @param {Spec} spec @param {Thing} thing */
function things(spec, thing) {
  const take = (/** @type {Event} */ { target }) => {
    const next = thingOf(/** @type {HTMLSelectElement} */ (target).value);
    rivals.value = [{ thing: next.name, value: firstOf(spec, next, []) }];
  };
  const offered = THINGS.filter((one) => one.applies(spec));
  return html`<label class="pick"><span>differ in</span>
    <select id="compare-thing" @change=${take}>${offered.map(({ name, word }) => html`<option value=${name} .selected=${name === thing.name}>${word}</option>`)}</select></label>`;
}

/** A further rival, in the same thing. @param {Spec} spec @param {Thing} thing @param {Rival[]} wanted */
function add(spec, thing, wanted) {
  const taken = wanted.map(({ value }) => value);
  rivals.value = [...wanted, { thing: thing.name, value: firstOf(spec, thing, taken) }];
}

/** The plot on every side, and its first choices. @param {Pass} own */
function plots(own) {
  const plot = plotOf();
  const choices = choicesOf(plot).filter(({ choices: offered }) => offered.length > 1);
  const answers = answersOf(plot, own, options.peek());
  const take = (/** @type {Event} */ { target }) => {
    const { value } = /** @type {HTMLSelectElement} */ (target);
    faces.value = { ...faces.peek(), plots: /** @type {PlotName} */ (value) };
  };
  return html`<label class="pick"><span class="hidden-text">plot</span>
      <select @change=${take}>${PLOTS.map(({ name, word }) => html`<option value=${name} .selected=${name === plot.name}>${word}</option>`)}</select></label>
    ${choices.slice(0, 2).map((one) => select(plot.name, one, answers[one.name]))}`;
}

/** What can be chosen of a plot on any side. @param {Plot} plot */
function choicesOf(plot) {
  const [first, ...rest] = all().map((one) => plot.choices(one));
  return first.map((choice, i) => {
    const offered = new Map([...choice.choices, ...rest.flatMap((other) => other[i].choices)]);
    return { ...choice, choices: [...offered] };
  });
}

/** What a side is, and its loss. @param {Pass} own @param {Rival[]} wanted @param {number} side */
export function headOf(own, wanted, side) {
  const thing = thingOf(wanted[0]?.thing ?? "");
  const spec = own.plan.spec;
  const made = side === 0 ? own : rivalPasses.peek()[side - 1];
  const problem = made && "problem" in made ? made.problem : null;
  const loss = made && "plan" in made ? made.meanLoss.value : null;
  const value = side === 0 ? thing.of(spec) : (wanted[side - 1]?.value ?? "");
  return html`<b>${thing.told(value)}</b>
    ${side === 0 ? nothing : control(thing, spec, wanted, side - 1)}
    ${problem ? html`<span class="wrong" role="alert">${problem}</span>` : loss === null ? nothing : html`<span class="quiet">loss ${short(loss)}</span>`}
    ${side > 1 ? html`<button class="icon" aria-label="take this side away" @click=${() => (rivals.value = wanted.filter((_, i) => i !== side - 1))}>×</button>` : nothing}`;
}

/** Where a rival's thing is chosen, or dragged. @param {Thing} thing @param {Spec} spec @param {Rival[]} wanted @param {number} place */
function control(thing, spec, wanted, place) {
  const { value } = wanted[place] ?? { value: "" };
  const set = (/** @type {string} */ next) =>
    (rivals.value = wanted.with(place, { thing: thing.name, value: next }));
  if (thing.choices)
    return html`<select aria-label=${thing.word} @change=${(/** @type {Event} */ e) => set(/** @type {HTMLSelectElement} */ (e.target).value)}>
      ${thing.choices.map(([one, word]) => html`<option value=${one} .selected=${one === value}>${word}</option>`)}</select>`;
  const parts = value.split(",").map(Number);
  const whole = thing.name === "truncation" || thing.name === "distance";
  return (thing.range?.(spec) ?? []).map(([least, most], i) => {
    const drag = (/** @type {Event} */ { target }) =>
      set(dragged(parts, i, Number(/** @type {HTMLInputElement} */ (target).value)).join(","));
    const name = thing.name === "truncation" ? `k${i + 1}` : thing.word;
    return html`<input type="range" aria-label=${name} min=${least} max=${most} step=${whole ? 1 : 0.05} .value=${String(parts[i])} @input=${drag} />`;
  });
}

/** Numbers of which one was dragged: the first, k1, takes the second along, which is never less. @param {number[]} parts @param {number} i @param {number} value */
function dragged(parts, i, value) {
  return parts.map((part, j) =>
    j === i ? value : j > i ? Math.max(part, value) : Math.min(part, value),
  );
}
