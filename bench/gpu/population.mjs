// Evaluating a generation of an evolution strategy: a rollout with parameters of its own for each member.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { SEED } from "../../dist/cli/bench/workload.js";
import { disposeStates } from "../../dist/engine/states.js";
import { resolveEvolutionConfig } from "../../dist/experiments/evolution/evolution.js";
import { decodeModel, seedState, splitRule } from "../../dist/index.js";
import { picturePresets } from "../../dist/model/presets.js";
import { rampAt } from "../../dist/train/ramp.js";
import { takeArray, writeWorkload } from "../peers/peers.mjs";
import { checkWorkload, judge, populationWorkload, verifyLosses, verifyMean } from "../populationWork.mjs";
import { besidePeers, PEERS } from "./peers.mjs";
import { nameOf, onProcessor, withEngine } from "./work.mjs";

/** Of a lizard of 40 cells, so that there is a grown pattern to evaluate; by the article's rule, which the peers speak. */
const MODEL = new URL("../../playground/public/gallery/lizard.safetensors", import.meta.url);
/** Members whose losses are compared with the Wasm engine's. */
const CHECKED = 8;
const SMALL = { population: 8, rollout: 8 };

export const title =
  "Population: 512 members, a trained model + 0.001 noise, 90 steps on 48x48, 16 channels, 128 hidden, error of all steps";

export async function run(context) {
  const folder = join(context.scratch, "population");
  const workload = await onProcessor(context, (wasm) => lizards(wasm, context));
  const check = checkWorkload(workload);
  writeWorkload(folder, workload);
  writeWorkload(join(folder, "check"), check);
  return await withEngine(context.createEngine, async (engine) => {
    const verified = [];
    const prepare = () =>
      onProcessor(context, async (wasm) => {
        const few = { ...workload, parameters: workload.parameters.slice(0, CHECKED) };
        const [own, expected] = [await lossesOf(engine, few), await lossesOf(wasm, few)];
        const deviation = verifyLosses(own, expected, `the ${engine.name} engine`);
        verified.push({ what: `losses of ${engine.name} against wasm`, deviation });
        const [all, fired] = [await lossesOf(engine, workload), await lossesOf(wasm, check)];
        return {
          name: nameOf(engine),
          verify: (out, answers, name) => {
            const theirs = takeArray(join(folder, "check", out), "losses");
            const apart = verifyLosses(theirs, fired, name);
            return [
              { what: `${name} against wasm, every cell firing`, deviation: apart },
              { what: verifyMean(answers[""].loss, all, name) },
            ];
          },
          works: { "": { what: "evaluation", step: async () => (await judged(engine, workload)).seconds } },
        };
      });
    const beside = await besidePeers(PEERS.population, { folder }, prepare(), context);
    return { ...beside, verified: [...verified, ...beside.verified] };
  });
}

/** A generation of the notebook's around the model, whose target is what the model itself grows. */
async function lizards(engine, { quick }) {
  const { rule, training, target, seed } = resolveEvolutionConfig({
    preset: "cax-es",
    overrides: { rule: picturePresets.distill },
  });
  const { parameters } = decodeModel(readFileSync(MODEL));
  const rollout = rampAt(training.rollout, training.generations);
  const side = target.size + 2 * target.padding;
  const grid = [side, side];
  const split = splitRule(rule);
  const start = { ...split, grid, parameters, states: [seedState(split, grid)] };
  const grown = await engine.rollout({ ...start, steps: rollout, seed: SEED });
  const state = await grown.final[0].read();
  disposeStates(grown.final);
  const { channels } = rule;
  const data = Float32Array.from(
    { length: side * side * 4 },
    (_, i) => state[Math.floor(i / 4) * channels + (i % 4)],
  );
  const config = { rule, seed, training: { ...training, rollout, ...(quick && SMALL) } };
  return populationWorkload(config, { data, grid }, parameters);
}

async function judged(engine, workload) {
  const result = await judge(engine, workload);
  disposeStates(result.final);
  return result;
}

const lossesOf = async (engine, workload) => (await judged(engine, workload)).losses;
