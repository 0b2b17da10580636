// A texture on a large torus: the automaton's rollout and backward pass, and with --all the whole training step.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { SEED } from "../../dist/cli/bench/workload.js";
import { disposeStates } from "../../dist/engine/states.js";
import { referenceEngine } from "../../dist/engine/reference/engine.js";
import { encodeNpy } from "../../dist/formats/npy.js";
import { writeWorkload } from "../peers/peers.mjs";
import {
  givenCotangents,
  pullBack,
  textureNumbers,
  textureOutcome,
  textureSteps,
  textureWorkload,
} from "../textureWork.mjs";
import { besidePeers, PEERS } from "./peers.mjs";
import { secondsOf } from "./turns.mjs";
import { verifyOutcome } from "./verify.mjs";
import { nameOf, onProcessor, outcomeCheck, withEngine } from "./work.mjs";

const FULL = { size: 256, batch: 4, steps: 48 };
const SMALL = { size: 32, batch: 2, steps: 4 };
const CHECK = { size: 32, batch: 2, steps: 4 };
/** Against the Wasm engine, with masks: some workgroups in each direction, and a side that is no power of two. */
const PART = { size: 80, batch: 2, steps: 8 };

export const title =
  "Texture: 256x256 torus, batch 4, 48 steps, 12 channels, 4 kernels, 96 hidden, fire rate 0.5";

export async function run(context) {
  const folder = join(context.scratch, "texture");
  const workload = textureWorkload(context.quick ? SMALL : FULL);
  const check = textureWorkload({ ...CHECK, fireRate: 1 });
  write(folder, workload);
  write(join(folder, "check"), check);
  return await withEngine(context.createEngine, async (engine) => {
    const verified = [];
    const who = `the ${engine.name} engine`;
    const automaton = () =>
      onProcessor(context, async (wasm) => {
        const expected = await pulled(wasm, check);
        for (const [what, other, of] of [
          ["the reference engine", referenceEngine(), check],
          ["wasm", wasm, textureWorkload(context.quick ? SMALL : PART)],
        ]) {
          const outcomes = [await pulled(engine, of), await pulled(other, of)];
          const deviation = verifyOutcome(...outcomes, of.rule, who);
          verified.push({ what: `${engine.name} against ${what}`, deviation });
        }
        return {
          name: nameOf(engine),
          verify: outcomeCheck(folder, check, expected),
          works: { "": { what: "rollout and backward pass", step: await pulling(engine, workload) } },
        };
      });
    const training = () =>
      onProcessor(context, async (wasm) => {
        const expected = await textureOutcome(wasm, check);
        const deviation = verifyOutcome(await textureOutcome(engine, check), expected, check.rule, who);
        verified.push({ what: `${engine.name} against wasm, with the loss`, deviation });
        const step = textureSteps(engine, workload);
        return {
          name: nameOf(engine),
          verify: outcomeCheck(folder, check, expected),
          works: { "": { what: "training step, with the loss", step: () => secondsOf(step) } },
        };
      });
    const parts = [await besidePeers(PEERS.texture, { folder }, automaton(), context)];
    if (context.all) parts.push(await besidePeers(PEERS.textureTraining, { folder }, training(), context));
    const all = (field) => parts.flatMap((part) => part[field]);
    return {
      verified: [...verified, ...all("verified")],
      measurements: all("measurements"),
      skipped: all("skipped"),
    };
  });
}

function write(folder, workload) {
  writeWorkload(folder, workload);
  writeFileSync(join(folder, "texture.json"), JSON.stringify(textureNumbers(workload)));
  const cotangents = givenCotangents(workload);
  const [{ length }] = cotangents;
  const data = new Float32Array(cotangents.length * length);
  cotangents.forEach((own, sample) => data.set(own, sample * length));
  const shape = [cotangents.length, ...workload.grid, workload.rule.channels];
  writeFileSync(join(folder, "cotangents.npy"), encodeNpy({ shape, data }));
}

async function pulled(engine, workload) {
  const { final, gradient } = await pullBack(engine, workload, givenCotangents(workload));
  const states = await Promise.all(final.map((state) => state.read()));
  disposeStates(final);
  return { states, gradient };
}

/** As in training, the states lie on the device, and cotangents come from outside. */
async function pulling(engine, workload) {
  const { final: states } = await engine.rollout({ ...workload, steps: 0, seed: SEED });
  const cotangents = givenCotangents(workload);
  const once = async () => disposeStates((await pullBack(engine, { ...workload, states }, cotangents)).final);
  return () => secondsOf(once);
}
