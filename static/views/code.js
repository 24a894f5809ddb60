/** The listing of the pass as a program, the lines of the moment marked; it can be copied and run. */

import { drawn, laidOut, sized } from "../drawing.js";
import { goTo, moment } from "../playhead.js";
import { faces, pass, timeline } from "../store.js";
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import { signal } from "../vendor/signals-core/signals-core.mjs";
import { toolsOf } from "./tabs.js";

/** @import { CodeLine, Moment } from "../types.js" */

/** A longer line is data: one row of it shows. */
const LONGEST = 240;
/** A shorter one fits. */
const SHORT = 40;
/** How much of the listing is above the line of the moment when it is brought into view. */
const ABOVE = 0.3;
/** How long the button says what it did, in milliseconds. */
const TOLD = 2000;
/** A comment behind code; what has a quote in it may be the end of a string. */
const COMMENT = /^(.*?)((?:^\s*| {2})# .*)$/;
const NAMES = { numpy: "NumPy", torch: "PyTorch" };

/** What the button says. */
const told = signal("Copy");

/** @param {HTMLElement} element */
export function mount(element) {
  const listing = new Listing(element);
  drawn(
    () => ({ told: told.value, any: pass.value !== null }),
    ({ told, any }) => render(any ? copier(listing, told) : nothing, toolsOf("code")),
  );
  drawn(
    () => ({ lines: pass.value?.plan.code[faces.value.code], at: moment.value }),
    ({ lines, at }) => {
      if (!lines || !at) return;
      if (lines !== listing.lines) listing.show(lines);
      listing.mark(markOf(at));
    },
  );
}

/** The mark of a line that is current at a moment. @param {Moment} at */
function markOf({ phase, kind, line }) {
  return `${phase}.${kind}.${line?.target ?? ""}`;
}

/** @param {Listing} listing @param {string} text */
function copier(listing, text) {
  return html`<button class="copy" title="Copy the program as it can be run" @click=${() => copy(listing)}>
    <span aria-live="polite">${text}</span>
  </button>`;
}

/** @param {Listing} listing */
async function copy(listing) {
  try {
    await navigator.clipboard.writeText(listing.text);
    told.value = "Copied";
  } catch {
    // Without leave to write to the clipboard the reader copies what is selected.
    listing.select();
    told.value = "Selected";
  }
  setTimeout(() => (told.value = "Copy"), TOLD);
}

/** The lines as elements, made once a program; a step only moves the mark. */
class Listing {
  /** @type {CodeLine[] | null} */
  lines = null;
  /** The places of the lines of every mark. @type {Map<string, number[]>} */
  #marked = new Map();
  /** @type {HTMLElement[]} */
  #rows = [];
  /** Where each row begins, and where the last ends. @type {number[]} */
  #tops = [];
  /** The rows that are current. @type {number[]} */
  #current = [];
  #room = 0;
  #scrolled = 0;

  /** @param {HTMLElement} element */
  constructor(element) {
    render(
      html`<div class="listing" role="group" tabindex="0"><pre><code></code></pre></div>`,
      element,
    );
    this.box = /** @type {HTMLElement} */ (element.querySelector(".listing"));
    this.code = /** @type {HTMLElement} */ (element.querySelector("code"));
    this.box.addEventListener("click", (event) => this.#click(event));
    this.box.addEventListener("keydown", (event) => this.#turn(event));
    this.box.addEventListener("scroll", () => (this.#scrolled = this.box.scrollTop), {
      passive: true,
    });
    // The room, and what is in it: larger letters leave the room as it was.
    for (const one of [this.box, this.code]) sized(one, () => this.#measure());
  }

  /** The program as a file has it. */
  get text() {
    return (this.lines ?? []).map(({ text }) => `${text}\n`).join("");
  }

  /** Show another program. @param {CodeLine[]} lines */
  show(lines) {
    this.lines = lines;
    const name = NAMES[faces.peek().code];
    this.box.setAttribute("aria-label", `${name} program: up and down go from line to line`);
    render(lines.map(row), this.code);
    this.#rows = [.../** @type {NodeListOf<HTMLElement>} */ (this.code.querySelectorAll(".row"))];
    this.#marked = places(lines);
    for (const row of this.#rows) row.removeAttribute("aria-current");
    this.#current = [];
    this.#measure();
  }

  /** Mark the lines of a moment, and bring them into view. @param {string} mark */
  mark(mark) {
    const next = this.#marked.get(mark) ?? [];
    if (next === this.#current) return;
    for (const place of this.#current) this.#rows[place].removeAttribute("aria-current");
    for (const place of next) this.#rows[place].setAttribute("aria-current", "true");
    this.#current = next;
    this.#follow();
  }

  /** Select all of it. */
  select() {
    getSelection()?.selectAllChildren(this.code);
  }

  /** Asked for once a size: to ask at every step would lay out the whole page. */
  #measure() {
    const { scrollHeight, clientHeight, scrollTop } = this.box;
    this.#tops = [...this.#rows.map((row) => row.offsetTop), scrollHeight];
    const high = this.#rows[0]?.getBoundingClientRect().height || 1;
    this.#room = clientHeight - (clientHeight % high);
    this.#scrolled = scrollTop;
    this.#follow();
  }

  /** Bring the current rows into view, if they are not: at once, as a listing that glides would hold up every step. */
  #follow() {
    const [first, last] = [this.#current[0], this.#current.at(-1)];
    if (first === undefined || last === undefined || this.#room === 0) return;
    const [top, bottom] = [this.#tops[first], this.#tops[last + 1]];
    const room = bottom - top > this.#room ? this.#tops[first + 1] - top : bottom - top;
    if (top >= this.#scrolled && top + room <= this.#scrolled + this.#room) return;
    // The first row that shows is a whole one.
    const before = top - ABOVE * this.#room;
    this.#scrolled = this.#tops.find((one) => one >= before) ?? top;
    // To scroll lays out the page, which the other views of this frame would undo.
    laidOut(() => () => this.box.scrollTo({ top: this.#scrolled }));
  }

  /** A click on a line goes to its moment, but for one that ends a selection. @param {MouseEvent} event */
  #click(event) {
    if (!getSelection()?.isCollapsed) return;
    const row = /** @type {HTMLElement} */ (event.target).closest(".row");
    const place = this.#rows.indexOf(/** @type {HTMLElement} */ (row));
    if (place >= 0) this.#go(place);
  }

  /** Up and down go to the line before or after that has a moment. @param {KeyboardEvent} event */
  #turn(event) {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    const from = (by > 0 ? this.#current.at(-1) : this.#current[0]) ?? 0;
    const lines = this.lines ?? [];
    for (let place = from + by; place >= 0 && place < lines.length; place += by)
      if (this.#go(place, by)) return;
  }

  /** The next moment of a line after the one that shows, or the last before it; where it has any. @param {number} place @param {number} [by] */
  #go(place, by = 1) {
    const marks = this.lines?.[place].marks ?? [];
    const list = timeline.peek()?.list ?? [];
    const at = moment.peek()?.index ?? 0;
    const isIts = (/** @type {Moment} */ one) => marks.includes(markOf(one));
    const its = list.filter(isIts);
    const before = its.filter(({ index }) => index < at).at(-1);
    const found = by < 0 ? before : (its.find(({ index }) => index > at) ?? its[0]);
    if (found) goTo(found.index);
    return found !== undefined;
  }
}

/** @param {CodeLine[]} lines */
function places(lines) {
  /** @type {Map<string, number[]>} */
  const found = new Map();
  lines.forEach(({ marks }, place) => {
    for (const mark of marks) found.set(mark, [...(found.get(mark) ?? []), place]);
  });
  return found;
}

/** @param {CodeLine} line */
function row({ text, marks }) {
  const [, code = text, comment = ""] = isData(text) ? [] : (COMMENT.exec(text) ?? []);
  const name = `row${marks.length > 0 ? " has-moment" : ""}${text.length > LONGEST ? " data" : ""}`;
  const indent = text.length - text.trimStart().length;
  return html`<span class=${name} style="--indent: ${indent / 2}ch"><span class="indent">${code.slice(0, indent)}</span>${terms(code.slice(indent))}${comment ? html`${comment.slice(0, comment.indexOf("#"))}<span class="comment">${comment.trimStart()}</span>` : nothing}${"\n"}</span>`;
}

/** The terms of a long sum, each in one piece. @param {string} code */
function terms(code) {
  if (code.length < SHORT || code.length > LONGEST) return code;
  const pieces = code.split(/ (?=[-+] )|(?<= \+?=) /);
  return pieces.map((piece, i) => html`${i ? " " : nothing}<span class="term">${piece}</span>`);
}

/** Whether what looks like a comment may be within a string. @param {string} text */
function isData(text) {
  return /['"].*#.*['"]/.test(text) && !text.trimStart().startsWith("#");
}
