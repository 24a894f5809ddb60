/** The pinned weight under the numbers: its gradient, and what central differences give for it. */

import { entryOf, pinned, texOf, titleOf } from "../arithmetic.js";
import { drawn } from "../drawing.js";
import { typesetAll, written } from "../notation.js";
import { full, short } from "../number.js";
import { moment } from "../playhead.js";
import { book, chosen, faces, pass, timeline } from "../store.js";
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import { signal } from "../vendor/signals-core/signals-core.mjs";

/** @import { Weight } from "../arithmetic/weights.js" */
/** @import { Pass } from "../pass.js" */
/** @import { Timeline } from "../timeline.js" */
/** @import { Moment } from "../types.js" */
/** What both give, null where that is no number. @typedef {{ analytic: number | null, numeric: number | null, ok: boolean }} Found */
/** @typedef {(entry: string, signal: AbortSignal) => Promise<Found>} Check */
/** A check under way or done, and of what; `slow` once it takes so long that one may want to end it. @typedef {{ of: string, slow: boolean, found: Found | null, failed: string | null, controller: AbortController }} Checking */

/** Enough to see where two numbers part that agree to seven. */
const DIGITS = 7;
/** After so long a check can be cancelled, in milliseconds. */
const SLOW = 1000;

const checking = signal(/** @type {Checking | null} */ (null));

/** @param {HTMLElement} element @param {Check} check */
export function mount(element, check) {
  drawn(read, (state) => state && draw(element, state, check));
}

/** @typedef {{ now: Pass, weight: Weight, gradient: number | null, at: Checking | null }} State */

/** @returns {State | null} */
function read() {
  if (faces.value.meaning !== "numbers") return null;
  const [now, line, at] = [pass.value, timeline.value, moment.value];
  now?.arrived.value;
  book.value;
  if (!now || !line || !at) return null;
  const weight = pinned(now, at, chosen.value);
  const gradient = isEarned(now, line, at, weight)
    ? entryOf(weight, now.gradient(weight.name, weight.step))
    : null;
  return { now, weight, gradient, at: checking.value };
}

/** Whether every share of it is there. @param {Pass} now @param {Timeline} line @param {Moment} at @param {Weight} weight */
function isEarned(now, line, at, { name, step }) {
  const steps = step === null ? Array.from({ length: now.sizes.T }, (_, t) => t) : [step];
  return steps.every((t) => at.index >= line.earned(`share.${name}`, t));
}

/** The array and the place in it that are asked for. @param {Weight} weight */
function entryName({ name, row, column, step }) {
  return [name, step, row, column].filter((one) => one !== null).join(",");
}

/** @param {HTMLElement} element @param {State} state @param {Check} check */
function draw(element, { now, weight, gradient, at }, check) {
  const of = `${now.plan.id} ${entryName(weight)}`;
  // A check of another weight, or of another pass, is of no more use.
  if (at && (at.of !== of || gradient === null)) stop(at);
  const own = at?.of === of && gradient !== null ? at : null;
  const start = () => void run(of, entryName(weight), check);
  render(
    html`<span class="weight-name" title=${titleOf(now, weight)}>${written(texOf(weight), titleOf(now, weight))}</span>
      <span class="weight-gradient" aria-live="polite">${told(gradient, own)}</span>
      ${action(gradient, own, start)}`,
    element,
  );
  typesetAll(element);
}

/** @param {number | null} gradient @param {Checking | null} at */
function told(gradient, at) {
  if (gradient === null)
    return html`<span class="quiet">its gradient comes with the way back</span>`;
  if (at?.found) return comparison(at.found);
  if (at?.failed) return html`<span class="failed">${at.failed}</span>`;
  return html`gradient ${number(gradient, 4)}${at ? ", checking …" : nothing}`;
}

/** @param {Found} found */
function comparison({ analytic, numeric, ok }) {
  const [own, other] = [analytic ?? Number.NaN, numeric ?? Number.NaN];
  const apart = Math.abs(own - other);
  return html`<span class="compared">central differences ${number(other, DIGITS)},</span>
    <span class="compared">backpropagation ${number(own, DIGITS)},</span>
    <span class="compared">apart <b class="figure" title=${full(apart)}>${short(apart)}</b>
    ${ok ? html`<span class="same">✓<span class="hidden-text">, as close as rounding allows</span></span>` : html`<span class="failed">more than rounding explains</span>`}</span>`;
}

/** @param {number} value @param {number} digits */
function number(value, digits) {
  return html`<b class="figure gradient" title=${full(value)}>${short(value, { signed: true, digits })}</b>`;
}

/** @param {number | null} gradient @param {Checking | null} at @param {() => void} start */
function action(gradient, at, start) {
  if (at?.found) return nothing;
  if (at && !at.failed)
    return at.slow
      ? html`<button class="button" @click=${() => stop(at)}>Cancel</button>`
      : nothing;
  return html`<button class="button" ?disabled=${gradient === null} @click=${start}>check this gradient</button>`;
}

/** @param {Checking} at */
function stop(at) {
  at.controller.abort();
  if (checking.peek()?.controller === at.controller) checking.value = null;
}

/** @param {string} of @param {string} entry @param {Check} check */
async function run(of, entry, check) {
  const controller = new AbortController();
  const begun = { of, slow: false, found: null, failed: null, controller };
  const tell = (/** @type {Partial<Checking>} */ more) => {
    if (!controller.signal.aborted) checking.value = { ...begun, ...more };
  };
  tell({});
  const patience = setTimeout(tell, SLOW, { slow: true });
  try {
    tell({ found: await check(entry, controller.signal) });
  } catch (error) {
    tell({ failed: sentenceOf(error) });
  }
  clearTimeout(patience);
}

/** @param {unknown} error */
function sentenceOf(error) {
  if (error instanceof TypeError) return "The server does not answer.";
  const { message } = /** @type {Error} */ (error);
  return message.endsWith(".") ? message : `${message}.`;
}
