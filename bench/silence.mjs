// How much of a hidden layer's backward pass is left out because units are silent, in grown models:
// node bench/silence.mjs [MODEL...] [--json] [--quick]. Models are run folders or files; without any, those of the gallery.
// Needs a build and seconds. Shares are means over steps 100 to 200; engine/README.md says what is left out.
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { hiddenUnits } from "../dist/analysis/hiddenUnits.js";
import { chunksOf } from "../dist/engine/wasm/stepTasks.js";
import { modelPlane } from "../dist/model/model.js";
import { startState } from "../dist/model/start.js";
import { createEngine, loadModel } from "../dist/node/index.js";
import { aliveMask, fireMask } from "../dist/step/masks.js";
import { markdownTable } from "./report.mjs";

const GALLERY = ["lizard", "butterfly", "fish", "face", "mushroom"].map((name) =>
  fileURLToPath(new URL(`../playground/public/gallery/${name}.safetensors`, import.meta.url)),
);
const { values, positionals } = parseArgs({
  options: { json: { type: "boolean", default: false }, quick: { type: "boolean", default: false } },
  allowPositionals: true,
});
const { json, quick } = values;
const GROWN = 100;
const STEPS = quick ? [GROWN] : [GROWN, 125, 150, 175, 200];
const SEED = 0;

/** Units active in a cell; units silent in groups of 4 cells, in pairs of units over 4 cells, and in tiles of 8 cells. */
async function silenceOf(engine, path) {
  const model = await loadModel(path);
  const { rule, parameters, start, readout } = model;
  const grid = modelPlane(model);
  const [units] = rule.hidden;
  const counts = {
    active: 0,
    cells: 0,
    groups: 0,
    silentGroups: 0,
    silentPairs: 0,
    tiles: 0,
    silentTiles: 0,
  };
  const rollout = await engine.rollout({
    rule,
    grid,
    parameters,
    states: [startState({ rule, start, readout }, grid)],
    steps: STEPS.at(-1),
    keep: STEPS,
    seed: SEED,
  });
  for (const step of STEPS) {
    const state = await rollout.kept(0, step).read();
    const fired = fireMask(rule, grid, SEED, 0, step);
    const alive = aliveMask(rule, grid, state);
    const fires = [...fired.keys()].filter((n) => fired[n] && alive[n]);
    const answers = hiddenUnits({ rule, grid, parameters }, state, fired);
    for (const { list, count } of chunksOf(fires.length, 0)) {
      const cells = fires.slice(list / 4, list / 4 + count);
      const words = Array.from({ length: units }, (_, unit) =>
        wordOf(cells, (n) => answers[n * units + unit]),
      );
      const groups = Math.ceil(count / 4);
      counts.cells += count * units;
      for (const n of cells) for (let u = 0; u < units; u++) counts.active += answers[n * units + u] > 0;
      counts.groups += groups * units;
      const pairs = words.toSorted((a, b) => a - b);
      for (const word of words) counts.silentGroups += groups - bitsOf(word);
      for (let u = 0; u < units; u += 2)
        counts.silentPairs += 2 * (groups - bitsOf(pairs[u] | (pairs[u + 1] ?? 0)));
      for (let tile = 0; tile < groups; tile += 2) {
        counts.tiles += units;
        for (const word of words) counts.silentTiles += ((word >> tile) & 3) === 0;
      }
    }
  }
  rollout.dispose();
  return {
    active: counts.active / counts.cells,
    groups: counts.silentGroups / counts.groups,
    pairs: counts.silentPairs / counts.groups,
    tiles: counts.silentTiles / counts.tiles,
  };
}

/** One bit for each four cells: whether any answers. */
function wordOf(cells, answer) {
  let word = 0;
  for (const [i, n] of cells.entries()) if (answer(n) > 0) word |= 1 << (i >> 2);
  return word;
}

function bitsOf(word) {
  let bits = 0;
  for (; word; word &= word - 1) bits++;
  return bits;
}

const engine = await createEngine({ threads: 0 });
const results = [];
try {
  for (const path of positionals.length > 0 ? positionals : GALLERY) {
    results.push({
      model: path.split("/").at(-1).replace(".safetensors", ""),
      ...(await silenceOf(engine, path)),
    });
  }
} finally {
  await engine.dispose();
}
const percent = (share) => `${(100 * share).toFixed(0)}%`;
const head = ["", "units active in a cell", "silent in 4 cells", "in 4, by pairs", "in 8 cells"];
const lines = results.map(({ model, active, groups, pairs, tiles }) => [
  model,
  ...[active, groups, pairs, tiles].map(percent),
]);
process.stdout.write(`${json ? JSON.stringify({ models: results }) : markdownTable(head, lines)}\n`);
