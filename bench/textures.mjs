// npm run bench:quality -- --textures [--model full|small] [--only NAME] [--out FOLDER] [--threads N] [--json] [--quick]
//
// Trains a texture of every material of the shelf, each in FOLDER/NAME, measures it, and keeps a table (FOLDER/textures.md), a
// contact sheet (textures.png) and all figures (textures.json). The same call again goes on where an earlier one ended, and
// repeats nothing. With --quick, trainings are two steps long and runs few, which shows that it works.
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import sharp from "sharp";
import { evaluateTexture } from "../dist/analysis/textureEvaluation.js";
import { describeMachine } from "../dist/cli/bench/machine.js";
import { modelTarget } from "../dist/cli/modelTarget.js";
import { materialNames } from "../dist/data/materials.js";
import { textureModels } from "../dist/experiments/texture/config.js";
import { encodePng, encodeSheet } from "../dist/node/encode.js";
import { writeFileAtomic } from "../dist/node/files.js";
import { createEngine, loadModel } from "../dist/node/index.js";
import { stateRaster, targetRaster } from "../dist/render/rgba.js";
import { layoutSheet } from "../dist/render/sheet.js";
import { stripOf } from "../dist/render/strip.js";
import { VERSION } from "../dist/version.js";
import { digestOf } from "./pictures/measure.mjs";
import { percent } from "./pictures/table.mjs";
import { formatMachine, markdownTable } from "./report.mjs";
import { check, otherChoices, trainIn, trainingOf } from "./trainings.mjs";

const MEASURED = "texture.json";
const PICTURES = "texture.png";
/** About how many pixels long a picture of the contact sheet becomes. */
const PANEL = 192;
/** Materials side by side on it. */
const PAIRS = 3;

/** Steps at which a texture is measured, how many runs, and the step at which one is drawn. */
const AMOUNTS = { steps: [100, 1_000, 10_000], runs: 8, drawn: 1_000 };
const FEW = { steps: [4], runs: 1, drawn: 4 };
const SMALL = ["--size", "16", "--steps", "2"];

/** @returns the exit status: 1 where something failed, 2 where the words are wrong. */
export async function texturesCommand(args) {
  let values;
  try {
    values = parse(args);
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    return 2;
  }
  const { json, only, model, quick } = values;
  const threads = Number(values.threads);
  const out = values.out ?? join("runs", `textures-${model}`);
  const choices = { model, quick };
  const refused = otherChoices(out, "textures.json", choices);
  if (refused) {
    process.stderr.write(`${refused}\n`);
    return 2;
  }
  const machine = describeMachine();
  const print = (text) => void (json || process.stdout.write(`${text}\n`));
  print(`Neoblast ${VERSION} on ${formatMachine(machine)}; ${threads} threads\n`);
  mkdirSync(out, { recursive: true });
  const attempted = new Map();
  for (const [i, name] of only.entries()) {
    const folder = join(out, name);
    let result;
    try {
      await trainIn(folder, [name, "--model", model, ...(quick ? SMALL : [])], {
        threads,
        command: "texture",
      });
      result = await measuredIn(folder, name, { threads, ...(quick ? FEW : AMOUNTS) });
    } catch (error) {
      result = { name, failed: error.message };
    }
    attempted.set(name, result);
    const results = materialNames.flatMap((each) => attempted.get(each) ?? resultIn(join(out, each)) ?? []);
    await publish(out, results, { version: VERSION, machine, threads, choices });
    process.stderr.write(`${i + 1} of ${only.length}, ${lineOf(result)}\n`);
  }
  print(readFileSync(join(out, "textures.md"), "utf8"));
  if (json) process.stdout.write(readFileSync(join(out, "textures.json"), "utf8"));
  return [...attempted.values()].some(({ failed }) => failed !== undefined) ? 1 : 0;
}

function parse(args) {
  const { values } = parseArgs({
    args,
    options: {
      textures: { type: "boolean" },
      json: { type: "boolean", default: false },
      quick: { type: "boolean", default: false },
      model: { type: "string", default: textureModels[0] },
      only: { type: "string", multiple: true, default: [...materialNames] },
      out: { type: "string" },
      threads: { type: "string", default: String(availableParallelism()) },
    },
  });
  check("model", values.model, textureModels);
  for (const name of values.only) check("material", name, materialNames);
  return values;
}

/** What is measured of the model in a folder, as it was measured before or anew. */
async function measuredIn(folder, name, { threads, steps, runs, drawn }) {
  const digest = digestOf(folder);
  const before = resultIn(folder);
  if (before?.digest === digest) return before;
  const model = await loadModel(folder);
  const target = await modelTarget(folder, model, {});
  const engine = await createEngine({ threads });
  try {
    const pictures = [targetRaster(target.data, target.grid, model.readout.premultiplied)];
    const report = await evaluateTexture({
      engine,
      model,
      target,
      steps,
      runs,
      watch({ caption, grid, state }) {
        if (caption === `${drawn} steps`) pictures.push(stateRaster(state, model, grid));
      },
    });
    const result = { name, digest, drawn, training: await trainingOf(folder), ...report };
    await writeFileAtomic(join(folder, PICTURES), await encodePng(stripOf(pictures, pictures.length)));
    await writeFileAtomic(join(folder, MEASURED), `${JSON.stringify(result, null, 1)}\n`);
    return result;
  } finally {
    await engine.dispose();
  }
}

function resultIn(folder) {
  const file = join(folder, MEASURED);
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
}

async function publish(out, results, about) {
  await writeFileAtomic(join(out, "textures.md"), `${tableOf(results)}\n`);
  await writeFileAtomic(
    join(out, "textures.json"),
    `${JSON.stringify({ ...about, materials: results }, null, 1)}\n`,
  );
  const measured = results.filter(({ failed }) => failed === undefined);
  if (measured.length === 0) return;
  const panels = await Promise.all(measured.map((result) => panelsOf(result, join(out, result.name))));
  await writeFileAtomic(
    join(out, "textures.png"),
    await encodeSheet(layoutSheet(panels.flat(), 2 * Math.min(PAIRS, panels.length))),
  );
}

/** The target, and what one run made of it. */
async function panelsOf({ name, grid: [height, width], drawn, steps }, folder) {
  const scale = Math.max(1, Math.round(PANEL / Math.max(height, width)));
  const size = { width: width * scale, height: height * scale };
  const strip = await sharp(join(folder, PICTURES)).ensureAlpha().png().toBuffer();
  const picture = async (left) => {
    const part = await sharp(strip).extract({ left, top: 0, width, height }).toBuffer();
    return {
      ...size,
      data: await sharp(part)
        .resize({ ...size, kernel: "nearest" })
        .raw()
        .toBuffer(),
    };
  };
  return [
    { caption: name, picture: await picture(0), emphasis: true },
    {
      caption: `${drawn.toLocaleString("en-US")} steps: ${errorText(steps.find(({ step }) => step === drawn))}`,
      picture: await picture(width),
    },
  ];
}

const errorText = ({ mean }) => percent(mean ?? Infinity);

function tableOf(results) {
  const measured = results.filter(({ failed }) => failed === undefined);
  const failed = results.filter((result) => result.failed !== undefined).map(lineOf);
  if (measured.length === 0) return failed.join("\n\n");
  const [{ steps, healing, grids }] = measured;
  const head = [
    "",
    "minutes",
    "training steps",
    ...steps.map(({ step }) => step.toLocaleString("en-US")),
    ...healing.map(({ after }) => (after === 0 ? "a disc erased" : `${after} steps later`)),
    ...grids.map(({ grid }) => grid.join(" x ")),
    "seam",
  ];
  const lines = measured.map((result) => [
    result.name,
    (result.training.seconds / 60).toFixed(1),
    result.training.steps.toLocaleString("en-US"),
    ...[...result.steps, ...result.healing, ...result.grids].map(errorText),
    result.seam === null ? "" : result.seam.toFixed(2),
  ]);
  return [markdownTable(head, lines), ...failed].join("\n\n");
}

function lineOf(result) {
  if (result.failed !== undefined) return `${result.name}: failed: ${result.failed}`;
  const { name, steps, training } = result;
  const errors = steps.map((each) => `${errorText(each)} at step ${each.step.toLocaleString("en-US")}`);
  return `${name}: ${errors.join(", ")}, trained in ${(training.seconds / 60).toFixed(1)} minutes`;
}
