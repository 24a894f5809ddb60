/** The page: joins connection, state, address and views, and starts them. */

import * as address from "./address.js";
import * as baselines from "./baseline.js";
import { isSameBut } from "./changes.js";
import { check } from "./check.js";
import { want } from "./findings.js";
import { listen } from "./keyboard.js";
import { goesOn, leaveOut } from "./overrides.js";
import { Pass } from "./pass.js";
import { goToPlace, granularity, moment, placeOf, playing, startClock } from "./playhead.js";
import { isLater } from "./plots/names.js";
import * as rivalRuns from "./rivals.js";
import { Socket } from "./socket.js";
import {
  bare,
  book,
  comparing,
  connection,
  copies,
  difference,
  enlarged,
  experiment,
  faces,
  front,
  offers,
  options,
  panel,
  pass,
  picture,
  presenting,
  problem,
  rivalPasses,
  rivals,
  selection,
  theme,
  themeChosen,
} from "./store.js";
import { effect } from "./vendor/signals-core/signals-core.mjs";
import * as cell from "./views/cell.js";
import * as code from "./views/code.js";
import * as curtain from "./views/curtain.js";
import * as equation from "./views/equation.js";
import * as experimentPanel from "./views/experiment.js";
import * as header from "./views/header.js";
import * as help from "./views/help.js";
import * as layout from "./views/layout.js";
import * as notices from "./views/notices.js";
import * as nowLine from "./views/nowline.js";
import * as numbers from "./views/numbers.js";
import * as pictures from "./views/pictures.js";
import * as rolled from "./views/rolled.js";
import * as shares from "./views/shares.js";
import * as stage from "./views/stage.js";
import * as tabs from "./views/tabs.js";
import * as transport from "./views/transport.js";
import * as weight from "./views/weight.js";
import * as whatIf from "./views/whatif.js";
import * as workings from "./views/workings.js";

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
baselines.start();
rivalRuns.start(socketUrl());
loadLater();
void askForOffers();
effect(() => socket.run(experiment.value));
effect(() => {
  if (panel.value === "experiment")
    requestAnimationFrame(() => experimentPanel.focus(element("experiment")));
  if (panel.value === "whatif") requestAnimationFrame(() => whatIf.focus(element("whatif")));
});

function socketUrl() {
  const url = new URL("ws", document.baseURI);
  url.protocol = url.protocol.replace("http", "ws");
  url.hash = "";
  return url.href;
}

function connect() {
  const url = socketUrl();
  /** @type {Pass | null} */
  let coming = null;
  /** @type {import("./types.js").Override[] | null} what the server took last */
  let accepted = null;
  return new Socket(url, {
    state: (state) => (connection.value = state),
    plan: (plan) => {
      problem.value = null;
      accepted = plan.spec.overrides;
      coming = new Pass(plan);
      baselines.follow(coming, url);
    },
    step: (_, frame) => {
      coming?.add(frame);
      if (coming && isToShow(coming)) pass.value = coming;
    },
    done: (_, loss) => {
      if (coming) coming.meanLoss.value = loss;
    },
    error: (message, field) => {
      if (!leaveOut({ message, field }, accepted)) problem.value = { message, field };
    },
  });
}

/** The picture changes when there is something new to see; where an override alone is new, once all of it is here. @param {Pass} coming */
function isToShow(coming) {
  const shown = pass.peek();
  if (coming.complete) return true;
  return shown?.plan.id !== coming.plan.id && !isSameBut(shown, coming);
}

function mountViews() {
  layout.mount(document.documentElement);
  header.mount(element("header"), { share: copyLink });
  notices.mount(element("notices"), { retry: () => socket.retry() });
  pictures.mount(element("pictures"));
  stage.mount(element("unrolled"));
  rolled.mount(element("rolled"));
  cell.mount(element("cell"));
  workings.mount(element("workings"));
  transport.mount(element("transport"));
  nowLine.mount(element("now-line"));
  mountCards();
  experimentPanel.mount(element("experiment"));
  whatIf.mount(element("whatif"));
  help.mount(/** @type {HTMLDialogElement} */ (element("help")));
  curtain.mount(/** @type {HTMLDialogElement} */ (element("curtain")));
}

function mountCards() {
  tabs.mount(element("meaning"), "meaning");
  tabs.mount(element("code-tabs"), "code");
  tabs.mount(element("plots"), "plots");
  equation.mount(element("equation"));
  numbers.mount(element("numbers"), { check });
  code.mount(element("code"));
  shares.mount(element("shares"));
  weight.mount(element("weight"));
}

/** Take the state from the address. */
function restore() {
  const state = address.read(location.hash);
  experiment.value = state.experiment;
  if (state.place) goToPlace(state.place);
  if (state.granularity) granularity.value = state.granularity;
  selection.value = { ...selection.peek(), ...state.selection };
  faces.value = { ...faces.peek(), ...state.faces };
  picture.value = state.picture ?? "unrolled";
  book.value = state.book ?? "goodfellow";
  copies.value = state.copies;
  presenting.value = state.presenting;
  front.value = state.front;
  bare.value = state.bare;
  options.value = state.options;
  enlarged.value = state.enlarged;
  rivals.value = state.rivals;
  difference.value = state.difference;
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
    const isNew = asked !== last && !goesOn();
    last = asked;
    if (isNew) {
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
    faces: faces.value,
    picture: picture.value,
    book: book.value,
    copies: copies.value,
    presenting: presenting.value,
    front: front.value,
    bare: bare.value,
    options: options.value,
    enlarged: enlarged.value,
    rivals: rivals.value,
    difference: difference.value,
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

/**
 * The plots of the whole pass, and the view of experiments side by side, come when the first of
 * them is opened: neither is anything without a server, which has what they show.
 */
function loadLater() {
  let asked = false;
  effect(() => {
    if (asked || !(comparing.value || isLater(faces.value.plots, options.value))) return;
    asked = true;
    void mountLater();
  });
}

async function mountLater() {
  const [plots, compare, contenders, { needsOf }] = await Promise.all([
    import("./views/plots.js"),
    import("./views/compare.js"),
    import("./views/contenders.js"),
    import("./plots/catalogue.js"),
  ]);
  plots.mount(element("plot"));
  compare.mount(element("compare"));
  // What the plot that shows needs of a pass that is all here.
  const neededOf = (/** @type {(typeof rivalPasses.value)[number]} */ own) => {
    if (!own || !("plan" in own)) return [];
    own.arrived.value;
    const shown = comparing.value ? contenders.plotOf().name : faces.value.plots;
    const whats = own.complete ? needsOf(shown, own, options.value) : [];
    return whats.map((what) => ({ pass: own, what }));
  };
  // It is asked for while the plot is open.
  effect(() => {
    const isOpen = !presenting.value || (front.value === "plots" && !bare.value);
    const passes = comparing.value ? [pass.value, ...rivalPasses.value] : [pass.value];
    want(socketUrl(), isOpen || comparing.value ? passes.flatMap(neededOf) : []);
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
