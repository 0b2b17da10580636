// Evaluating a generation of an evolution strategy, side by side with the peers; then whole generations.
import { join } from "node:path";
import { spreadOf } from "../../dist/cli/bench/timed.js";
import { referenceEngine } from "../../dist/engine/reference/engine.js";
import { createEvolution, resolveEvolutionConfig } from "../../dist/experiments/evolution/evolution.js";
import { createGrowing, resolveGrowingConfig } from "../../dist/index.train.js";
import { createEngine, loadTarget } from "../../dist/node/index.js";
import { picturePresets } from "../../dist/model/presets.js";
import { rampAt } from "../../dist/train/ramp.js";
import { VERSION } from "../../dist/version.js";
import { besidePeers, POPULATION_PEERS, takeArray, writeWorkload } from "../peers/peers.mjs";
import { checkWorkload, evaluate, populationWorkload, verifyLosses, verifyMean } from "../populationWork.mjs";
import { row } from "../report.mjs";

/** The notebook's configuration with the article's rule, which is of the same size and which the peers speak. */
const NOTEBOOK = { preset: "cax-es", overrides: { rule: picturePresets.distill } };
/** By backpropagation, so that there is a grown pattern to evaluate. */
const TRAINING_STEPS = 1000;
/** Members whose losses are compared with the reference engine's. */
const CHECKED = 4;
/** Our turns to one of a peer's; their median counts. */
const OURS = 3;
/** Timed generations. */
const GENERATIONS = { "cax-es": 3, small: 30 };

/** The same in small. */
const QUICK = { trainingSteps: 2, generations: 1, changes: { population: 8, rollout: 4 } };
const FULL = { trainingSteps: TRAINING_STEPS, changes: {} };

export const title =
  "Population: 512 members, a trained model + 0.001 noise, 90 steps on 48x48, 16 channels, 128 hidden, error of all steps";

export async function run({ threads, scratch, all, quick, say }) {
  const engine = await createEngine({ threads });
  try {
    say("training a model");
    const amounts = quick ? QUICK : FULL;
    const config = configOf(NOTEBOOK, amounts);
    const target = await targetOf(config);
    const trained = await train(engine, config, target, amounts);
    const workload = populationWorkload(config, target, trained);
    const verified = [await verifyOurs(engine, workload)];

    const folder = join(scratch, "population");
    const check = checkWorkload(workload);
    writeWorkload(folder, workload);
    writeWorkload(join(folder, "check"), check);
    const expected = (await evaluate(engine, check)).losses;

    const first = await ourTurn(engine, workload);
    const rows = [
      row("living cells of a member after the last step", first.livingCells, "cells"),
      row("cells updated in a step, of all", first.updatedShare, "%"),
    ];
    const places = { folder, threads, all, quick, say };
    const skipped = await besidePeers(POPULATION_PEERS, places, async (theirs, peer) => {
      await theirs.ask("check");
      const losses = takeArray(join(folder, "check"), "losses");
      const deviation = verifyLosses(losses, expected, theirs.name);
      verified.push({ what: `${theirs.name} against wasm, every cell firing`, deviation });
      const { what, rows: compared } = await compare(engine, workload, theirs, peer);
      verified.push({ what });
      rows.push(...compared);
    });
    if (skipped.length === POPULATION_PEERS.length) rows.push(row(`Neoblast ${VERSION}`, first.seconds, "s"));

    say("whole generations");
    rows.push(await wholeGenerations(engine, config, target, trained, amounts));
    const small = configOf({ preset: "small" }, amounts);
    const smallTarget = await targetOf(small);
    const smallModel = await train(engine, small, smallTarget, amounts);
    rows.push(await wholeGenerations(engine, small, smallTarget, smallModel, amounts));
    return { build: engine.build, verified, rows, skipped };
  } finally {
    await engine.dispose();
  }
}

/** A configuration of evolution, with the rollouts of its last generations throughout. */
function configOf(choices, { changes }) {
  const config = resolveEvolutionConfig(choices);
  const { training } = config;
  const rollout = rampAt(training.rollout, training.generations);
  return { ...config, training: { ...training, rollout, ...changes } };
}

async function targetOf({ rule, target }) {
  return await loadTarget(target.source, { ...target, premultiplied: rule.image.premultiplied });
}

/** Parameters that grow what a configuration of evolution is to grow. */
async function train(engine, { rule, target }, picture, { trainingSteps }) {
  const overrides = { rule, target, training: { steps: trainingSteps, validation: null } };
  const config = resolveGrowingConfig({ recipe: "persistent", overrides });
  const trainer = createGrowing({ engine, config, target: picture });
  for await (const _ of trainer);
  return trainer.model;
}

async function ourTurn(engine, workload) {
  const turns = [];
  for (let i = 0; i < OURS; i++) turns.push(await evaluate(engine, workload));
  return { ...turns[0], seconds: spreadOf(turns.map(({ seconds }) => seconds)).median };
}

async function verifyOurs(engine, workload) {
  const slice = { ...workload, parameters: workload.parameters.slice(0, CHECKED) };
  const [ours, expected] = [await evaluate(engine, slice), await evaluate(referenceEngine(), slice)];
  const deviation = verifyLosses(ours.losses, expected.losses, `the ${engine.name} engine`);
  return { what: `losses of wasm (${engine.build}) against the reference engine`, deviation };
}

/** Ours, theirs, ours, theirs ...; the check was their turn that does not count. */
async function compare(engine, workload, theirs, { pairs, targets }) {
  const our = [];
  const their = [];
  let what;
  for (let i = 0; i < pairs; i++) {
    our.push(await ourTurn(engine, workload));
    their.push(await theirs.ask("step"));
    what = verifyMean(their[i].loss, our[i].losses, theirs.name);
  }
  const [ourSeconds, theirSeconds] = [our, their].map((turns) => turns.map(({ seconds }) => seconds));
  return {
    what,
    rows: [
      row(`Neoblast ${VERSION}`, ourSeconds, "s"),
      row(theirs.name, theirSeconds, "s"),
      row(
        "Neoblast is faster by",
        theirSeconds.map((seconds, i) => seconds / ourSeconds[i]),
        "times",
        targets?.faster,
      ),
    ],
  };
}

/** Asking, evaluating and telling, from a trained model on. */
async function wholeGenerations(engine, config, target, parameters, { generations }) {
  const trainer = createEvolution({ engine, config, target, parameters });
  const rates = [];
  let cells;
  for await (const { step, seconds, failed, livingCells } of trainer) {
    if (failed > 0) throw new Error(`${failed} members of a generation failed`);
    cells = Math.round(livingCells);
    // The first one is the warm-up.
    if (step > 0) rates.push(60 / seconds);
    if (rates.length === (generations ?? GENERATIONS[config.preset])) break;
  }
  const { population, rollout } = config.training;
  const label = `${config.preset}: ${population} members, ${rollout} steps, ${cells} cells`;
  return row(label, rates, "generations/min");
}
