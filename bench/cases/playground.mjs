// The playground in Chromium, built and served: its first moving picture, its frames, its steps, and training beside Node.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { benchWorkload } from "../../dist/cli/bench/workload.js";
import { resolveGrowingConfig } from "../../dist/index.train.js";
import { referenceEngine } from "../../dist/engine/reference/engine.js";
import { parameterViews } from "../../dist/rule/parameters.js";
import { launchChromium, serve } from "../../scripts/browser.mjs";
import { row } from "../report.mjs";

const FROM_ROOT = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const LOADS = 7;
/** Frames a second by which counts of a few seconds are off. */
const JITTER = 1;
/** Seconds of play that one figure is taken from, and how many figures. */
const SPAN = 3;
const SPANS = 5;
/** Milliseconds that a new page is left alone. */
const PATIENCE = 2000;
/** Training steps between which time is taken, on both sides, and how often. */
const TRAINED = [40, 240];
const TURNS = 3;
/** The same in small. */
const QUICK = {
  loads: 1,
  span: 0.3,
  spans: 1,
  trained: [1, 3],
  turns: 1,
  patience: 0,
  grown: 20,
  bare: { grid: [24, 24] },
  target: { source: "🦎", size: 8, padding: 4 },
};
const FULL = {
  loads: LOADS,
  span: SPAN,
  spans: SPANS,
  trained: TRAINED,
  turns: TURNS,
  patience: PATIENCE,
  grown: 200,
  bare: {},
  target: { source: "🦎", size: 32, padding: 10 },
};
/** Agreement of one step, in units of the largest number: sums in another order are off by 1e-7 to 1e-6. */
const TOLERANCE = 1e-5;

export const title = "The playground in Chromium, beside Node and jax-js";

export async function run({ scratch, quick, say }) {
  const browser = await launchChromium();
  if (!browser) return { skipped: [{ name: "the playground", reason: "no Chromium" }] };
  const { loads, turns, ...amounts } = quick ? QUICK : FULL;
  const { trained, patience, target } = amounts;
  const site = join(scratch, "playground");
  say("building the page");
  await build({
    configFile: FROM_ROOT("playground/vite.config.ts"),
    root: FROM_ROOT("playground"),
    logLevel: "error",
    build: { outDir: site, emptyOutDir: true },
  });
  const others = { "jax-js": FROM_ROOT("node_modules/@jax-js/jax/dist"), page: FROM_ROOT("bench/page") };
  const servers = [await serve(site, others), await serve(site, others, { isolated: true })];
  try {
    const [{ url }, { url: isolated }] = servers;
    say("first picture");
    const first = [];
    for (let i = 0; i < loads; i++) first.push(await firstPicture(browser, url));
    say("frames and steps");
    const { frames, late, fastest, peer, deviation } = await playAll(browser, url, amounts);
    const rows = [
      row("first picture moving, after navigation", first, "s", { atMost: 1.5 }),
      row("frames a second, 96x96 at 60 steps a second", frames, "", { atLeast: 60 - JITTER }),
      row("frames later than 25 ms", late, "%"),
      row("lizard, 72x72, as fast as possible, 1 thread", fastest, "steps/s", { atLeast: 3000 }),
      row("jax-js, Wasm: bare step of as many cells", peer, "steps/s"),
      row("ours is faster by", ratios(fastest, peer), "times"),
    ];
    const config = configuration(scratch, target, trained);
    const ways = [
      { address: url, playing: true },
      { address: isolated, playing: true },
      { address: isolated, playing: false },
    ];
    for (const { address, playing } of quick ? ways.slice(-1) : ways) {
      const sides = { page: [], node: [] };
      let threads;
      for (let turn = 0; turn < turns; turn++) {
        say(`training, turn ${turn + 1} of ${turns}`);
        const inPage = await trainInPage(browser, address, config, { trained, playing, patience });
        threads = inPage.threads;
        sides.page.push(inPage.seconds);
        sides.node.push(await trainInNode(scratch, threads, trained));
      }
      const paused = playing ? "" : ", play paused";
      const named = `training step, ${threads} ${threads === 1 ? "thread" : "threads"}${paused}`;
      rows.push(
        row(`${named}: in the page`, sides.page, "s"),
        row(`${named}: in Node`, sides.node, "s"),
        row("the page's over Node's", ratios(sides.page, sides.node), "times", { atMost: 1.25 }),
      );
    }
    return { verified: [{ what: "jax-js's step against the reference engine", deviation }], rows };
  } finally {
    await browser.close();
    for (const server of servers) server.close();
  }
}

const ratios = (ours, theirs) => ours.map((value, i) => value / theirs[i]);

async function openPage(browser, url) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  await page.addInitScript(() => {
    addEventListener(
      "nca-step",
      // It is drawn by the next frame, and seen with the one after.
      () =>
        requestAnimationFrame(() =>
          requestAnimationFrame(() => (globalThis.firstStep ??= performance.now())),
        ),
      true,
    );
  });
  await page.goto(url);
  await page.waitForFunction("globalThis.firstStep !== undefined");
  return page;
}

/** Seconds from the beginning of navigation to the first frame after the first step. */
async function firstPicture(browser, url) {
  const page = await openPage(browser, url);
  const milliseconds = await page.evaluate("firstStep");
  await page.context().close();
  return milliseconds / 1000;
}

/** Frames of the gallery's lizard on 96x96 cells, its fastest play on its own 72x72, and jax-js on as many. */
async function playAll(browser, url, { span, spans, patience, grown, bare: work }) {
  const page = await openPage(browser, url);
  await page.waitForTimeout(patience);
  const measured = { frames: [], late: [], fastest: [], peer: [] };
  await onPage(page, "playground", "grow", [96, 96], grown);
  for (let i = 0; i < spans; i++) {
    const { intervals } = await onPage(page, "playground", "play", 60, span);
    measured.frames.push((1000 * intervals.length) / intervals.reduce((sum, value) => sum + value, 0));
    measured.late.push((100 * intervals.filter((value) => value > 25).length) / intervals.length);
  }
  const { request, ...bare } = bareStep(work);
  const { final } = await referenceEngine().rollout(request);
  const deviation = verify(await onPage(page, "jaxJs", "oneStep", bare), await final[0].read());
  await onPage(page, "playground", "grow", [72, 72], grown);
  for (let i = 0; i < spans; i++) {
    measured.fastest.push((await onPage(page, "playground", "play", Infinity, span)).rate);
    measured.peer.push(await onPage(page, "jaxJs", "stepsASecond", bare, span));
  }
  await page.context().close();
  return { ...measured, deviation };
}

/** Calls what a module of `bench/page` exports. */
function onPage(page, module, name, ...parameters) {
  return page.evaluate(async (call) => (await import(call.from))[call.name](...call.parameters), {
    from: new URL(`/page/${module}.js`, page.url()).href,
    name,
    parameters,
  });
}

/** The first sample of the workload as jax-js takes it, and the reference's request for one step of it. */
function bareStep(work) {
  const { rule, grid, parameters, states } = benchWorkload({ ...work, batch: 1 });
  const bare = { ...rule, fireRate: 1, alive: { ...rule.alive, mask: "none" } };
  return {
    grid,
    channels: rule.channels,
    weights: Object.values(parameterViews(bare, parameters)).map((view) => [...view]),
    state: [...states[0]],
    request: { rule: bare, grid, parameters, states, steps: 1, seed: 0 },
  };
}

function verify(actual, expected) {
  const largest = Math.max(...expected.map(Math.abs));
  const deviation = Math.max(...expected.map((value, i) => Math.abs(value - actual[i]))) / largest;
  if (!(deviation <= TOLERANCE)) throw new Error(`jax-js's step deviates by ${deviation.toExponential(1)}`);
  return deviation;
}

/** Seconds a training step takes on the page, which draws all the while; and its threads. */
async function trainInPage(browser, url, config, { trained, playing, patience }) {
  const page = await openPage(browser, url);
  await page.waitForTimeout(patience);
  const seconds = await onPage(page, "playground", "train", config, ...trained, playing);
  await page.context().close();
  return seconds;
}

/** The configuration that both sides train: the default recipe on a small lizard, cut short. */
function configuration(scratch, target, trained) {
  const config = resolveGrowingConfig({
    overrides: {
      target,
      training: { steps: trained[1], validation: null },
    },
  });
  const text = JSON.stringify(config);
  writeFileSync(join(scratch, "config.json"), text);
  return text;
}

/** The same on the command line, by the trainer's own clock. */
async function trainInNode(scratch, threads, [from, to]) {
  const out = mkdtempSync(join(scratch, "node-"));
  const words = ["grow", "--config", join(scratch, "config.json"), "--threads", String(threads)];
  const child = spawn(
    process.execPath,
    [FROM_ROOT("bin/neoblast.js"), ...words, "--no-preview", "--out", out],
    { stdio: "ignore" },
  );
  const status = await new Promise((resolve) => child.on("close", resolve));
  if (status !== 0) throw new Error(`training in Node ended with ${status}`);
  const lines = readFileSync(join(out, "metrics.jsonl"), "utf8").trim().split("\n");
  const seconds = lines.slice(from, to).map((line) => JSON.parse(line).seconds);
  return seconds.reduce((sum, value) => sum + value, 0) / (to - from);
}
