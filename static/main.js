/** The page: joins connection, state, address and views, and starts them. */

import * as address from "./address.js";
import { listen } from "./keyboard.js";
import { Pass } from "./pass.js";
import { goToPlace, granularity, moment, placeOf, playing, startClock } from "./playhead.js";
import { Socket } from "./socket.js";
import {
  connection,
  experiment,
  offers,
  panel,
  pass,
  problem,
  selection,
  theme,
  themeChosen,
  zoom,
} from "./store.js";
import { effect } from "./vendor/signals-core/signals-core.mjs";
import * as equation from "./views/equation.js";
import * as experimentPanel from "./views/experiment.js";
import * as header from "./views/header.js";
import * as help from "./views/help.js";
import * as notices from "./views/notices.js";
import * as nowLine from "./views/nowline.js";
import * as shares from "./views/shares.js";
import * as stage from "./views/stage.js";
import * as transport from "./views/transport.js";
import * as weight from "./views/weight.js";

/** How long the address waits for the playhead to rest: browsers refuse to be told more often. */
const REST = 150;

/** @param {string} id */
const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

restore();
followTheme();
const socket = connect();
mountViews();
listen();
startClock();
keepAddress();
void askForOffers();
effect(() => socket.run(experiment.value));
effect(() => document.documentElement.style.setProperty("--zoom", String(zoom.value)));
effect(() => {
  if (panel.value === "experiment")
    requestAnimationFrame(() => experimentPanel.focus(element("experiment")));
});

function connect() {
  const url = new URL("ws", document.baseURI);
  url.protocol = url.protocol.replace("http", "ws");
  url.hash = "";
  /** @type {Pass | null} */
  let coming = null;
  return new Socket(url.href, {
    state: (state) => (connection.value = state),
    plan: (plan) => {
      problem.value = null;
      coming = new Pass(plan);
    },
    step: (_, frame) => {
      // The picture changes when there is something new to see, not before.
      coming?.add(frame);
      if (coming && pass.peek() !== coming && pass.peek()?.plan.id !== coming.plan.id)
        pass.value = coming;
      else if (coming?.complete) pass.value = coming;
    },
    done: () => {},
    error: (message, field) => (problem.value = { message, field }),
  });
}

function mountViews() {
  header.mount(element("header"), { share: copyLink });
  notices.mount(element("notices"), { retry: () => socket.retry() });
  stage.mount(element("stage"));
  transport.mount(element("transport"));
  nowLine.mount(element("now-line"));
  equation.mount(element("equation"));
  weight.mount(element("weight"));
  shares.mount(element("shares"));
  experimentPanel.mount(element("experiment"));
  help.mount(/** @type {HTMLDialogElement} */ (element("help")));
}

/** Take the state from the address. */
function restore() {
  const state = address.read(location.hash);
  experiment.value = state.experiment;
  if (state.place) goToPlace(state.place);
  if (state.granularity) granularity.value = state.granularity;
  selection.value = { ...selection.peek(), ...state.selection };
  if (state.theme) theme.value = state.theme;
  themeChosen.value = state.theme !== null;
}

/** Write the state into the address: a new entry for another experiment, so that Back undoes it. */
function keepAddress() {
  let last = JSON.stringify(experiment.peek());
  let timer = 0;
  effect(() => {
    const fragment = current();
    const asked = JSON.stringify(experiment.value);
    clearTimeout(timer);
    if (asked !== last) {
      last = asked;
      history.pushState(null, "", fragment);
    } else timer = setTimeout(() => history.replaceState(null, "", fragment), REST);
  });
  addEventListener("popstate", () => {
    last = JSON.stringify(address.read(location.hash).experiment);
    playing.value = false;
    restore();
  });
}

/** The fragment that brings this very moment back. */
function current() {
  return address.write({
    experiment: experiment.value,
    place: moment.value ? placeOf(moment.value) : null,
    granularity: granularity.value,
    selection: selection.value,
    theme: themeChosen.value ? theme.value : null,
  });
}

async function copyLink() {
  const link = new URL(current(), location.href).href;
  try {
    await navigator.clipboard.writeText(link);
    return "Link copied";
  } catch {
    // Without leave to write to the clipboard the address bar has the same link.
    history.replaceState(null, "", link);
    return "Link is in the address bar";
  }
}

function followTheme() {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => {
    if (!themeChosen.peek()) theme.value = system.matches ? "dark" : "light";
  };
  system.addEventListener("change", follow);
  follow();
  effect(() => {
    document.documentElement.dataset.theme = theme.value;
  });
}

/** What may be asked for, for the experiment's fields. */
async function askForOffers() {
  const paths = ["api/cells", "api/activations", "api/tasks", "api/limits"];
  const [cells, activations, tasks, limits] = await Promise.all(
    paths.map(async (path) => (await fetch(path)).json()),
  );
  const names = activations.map((/** @type {{ name: string }} */ { name }) => name);
  offers.value = { cells, activations: names, tasks, limits };
}
