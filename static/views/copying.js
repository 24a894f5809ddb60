/** Copying numbers in full: a click on one, or the keys on the row that has the focus. */

/** How long it is told that something was copied, in milliseconds. */
const TOLD = 2000;
let forget = 0;

/** @param {HTMLElement} box what holds the rows @param {(words: string) => void} say */
export function listen(box, say) {
  box.addEventListener("click", (event) => {
    const number = /** @type {HTMLElement} */ (event.target).closest(".figure[title]");
    if (number instanceof HTMLElement) void copy(exact(number), say);
  });
  box.addEventListener("keydown", (event) => {
    const row = /** @type {HTMLElement} */ (event.target).closest("tr");
    if (!row || event.target !== row) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") moveFrom(box, row, event);
    else if (event.key === "Enter") void copy(last(row), say);
    else if (event.key === "c" && (event.ctrlKey || event.metaKey)) copyRow(row, event, say);
  });
}

/** @param {HTMLElement} number */
function exact(number) {
  return number.title.replaceAll("−", "-");
}

/** What a row comes to. @param {HTMLElement} row */
function last(row) {
  const number = [...row.querySelectorAll(".figure[title]")].at(-1);
  return number instanceof HTMLElement ? exact(number) : "";
}

/** A whole row, its numbers in full, unless some text is selected. @param {HTMLElement} row @param {Event} event @param {(words: string) => void} say */
function copyRow(row, event, say) {
  if (!getSelection()?.isCollapsed) return;
  event.preventDefault();
  const cells = /** @type {HTMLElement[]} */ ([...row.querySelectorAll("td")]);
  const words = cells.map((cell) => (cell.title ? exact(cell) : cell.textContent.trim()));
  void copy(words.filter(Boolean).join(" "), say);
}

/** @param {string} text @param {(words: string) => void} say */
async function copy(text, say) {
  if (!text) return;
  clearTimeout(forget);
  try {
    await navigator.clipboard.writeText(text);
    say(`copied ${text}`);
  } catch {
    // Without leave to write to the clipboard the number can still be read, and copied by hand.
    say(text);
  }
  forget = window.setTimeout(say, TOLD, "");
}

/** One row can be reached by Tab, the others from it. @param {HTMLElement} box */
export function keepOneStop(box) {
  const rows = rowsOf(box);
  const current = rows.filter((row) => row.tabIndex === 0);
  for (const row of current.slice(1)) row.tabIndex = -1;
  if (current.length === 0 && rows.length > 0) rows[0].tabIndex = 0;
}

/** @param {HTMLElement} box @returns {HTMLElement[]} */
function rowsOf(box) {
  return [...box.querySelectorAll("tr[tabindex]")].map((row) => /** @type {HTMLElement} */ (row));
}

/** @param {HTMLElement} box @param {HTMLElement} row @param {KeyboardEvent} event */
function moveFrom(box, row, event) {
  const rows = rowsOf(box);
  const next = rows[rows.indexOf(row) + (event.key === "ArrowDown" ? 1 : -1)];
  event.preventDefault();
  if (!next) return;
  row.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}
