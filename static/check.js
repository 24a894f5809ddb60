/** One weight's gradient held against central differences, by the server. */

import { pass } from "./store.js";

/** What both give for it; null where that is no number. @typedef {{ analytic: number | null, numeric: number | null, error: number | null, ok: boolean }} CheckRow */

/** Ask for the check of an entry of the pass that shows; raises Error with a sentence where there is none. @param {string} entry as in "layer0.W,2,3" @param {AbortSignal} signal @returns {Promise<CheckRow>} */
export async function check(entry, signal) {
  const response = await fetch(`api/check?entry=${encodeURIComponent(entry)}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(pass.peek()?.plan.spec),
    signal,
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.message);
  return answer.rows[0];
}
