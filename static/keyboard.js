/** The keyboard: the keys work wherever the focus is, but for what needs the key for itself. */

import { KEYS } from "./keys.js";
import { presenting } from "./store.js";

/** @import { Row } from "./keys.js" */

/** What is typed in. */
const TYPED =
  "textarea, select, input:not([type=radio], [type=checkbox], [type=range]), [contenteditable]";
/** What the arrows and their like slide. */
const SLID = "input[type=range]";
/** What the space bar presses. */
const PRESSED = "button, input, summary, a[href], [role=button]";
/** Where the arrows choose. */
const ARROWED = "input[type=radio], [role=tab]";

/** Which row a key is in. @type {Map<string, Row>} */
const ROWS = new Map(
  KEYS.flatMap(({ rows }) => rows.flatMap((row) => Object.keys(row.keys).map((key) => [key, row]))),
);

export function listen() {
  document.addEventListener("keydown", (event) => {
    const key = keyOf(event);
    const row = ROWS.get(key);
    if (!row || isBrowsers(event)) return;
    if (row.room && !presenting.peek()) return;
    if (takes(/** @type {HTMLElement} */ (event.target), event.key)) return;
    event.preventDefault();
    // A key that switches would switch to and fro while it is held.
    if (!event.repeat || row.again) row.keys[key]();
  });
}

/** Whether the browser has a use for the key: it has none for Ctrl+Z outside a field. @param {KeyboardEvent} event */
function isBrowsers({ key, ctrlKey, metaKey, altKey }) {
  return altKey || ((ctrlKey || metaKey) && key !== "z");
}

/** A key by its name in the list: letters are small, Shift is told where it makes a difference. @param {KeyboardEvent} event */
function keyOf({ key, shiftKey }) {
  // The key of + without Shift, on many keyboards.
  if (key === "=") return "+";
  if (key.length === 1) return key.toLowerCase();
  return shiftKey && ROWS.has(`Shift+${key}`) ? `Shift+${key}` : key;
}

/** Whether the focused element needs the key for itself. @param {HTMLElement} target @param {string} key */
function takes(target, key) {
  if (target.closest("dialog[open]")) return true;
  if (key === "Escape" || key === "F5") return false;
  if (target.matches(TYPED)) return true;
  if (target.matches(SLID)) return /^(Arrow|Home|End|Page)/.test(key);
  if (key === " ") return target.matches(PRESSED);
  return target.matches(ARROWED) && key.startsWith("Arrow");
}
