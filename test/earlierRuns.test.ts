/**
 * Runs of version 0.1.0, as they lie in their folders: their configurations are read, their checkpoints go on, bit for bit,
 * and their models are what they were. `golden/runs` holds one of each experiment.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Target } from "../src/data/image.ts";
import { handwritingSets } from "../src/data/handwriting.ts";
import type { Engine } from "../src/engine.ts";
import { createDigits, digitsConfigSchema } from "../src/experiments/digits/digits.ts";
import { createEvolution, evolutionConfigSchema } from "../src/experiments/evolution/evolution.ts";
import { createGrowing } from "../src/experiments/growing/growing.ts";
import { growingConfigSchema } from "../src/experiments/growing/schema.ts";
import {
  createReinforcement,
  reinforcementConfigSchema,
} from "../src/experiments/reinforcement/reinforcement.ts";
import { decodeNpy } from "../src/formats/npy.ts";
import { decodeModel } from "../src/model/model.ts";
import { createEngine } from "../src/node/engine.ts";
import { decodeCheckpoint } from "../src/train/checkpoint.ts";
import type { Trainer } from "../src/train/trainer.ts";

type Experiment = "grow" | "evolve" | "digits" | "reinforce";

const file = (name: string) => readFileSync(new URL(`golden/runs/${name}`, import.meta.url));

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine({ threads: 0, kernels: "strict" });
});
afterAll(() => engine.dispose());

function targetOf(name: Experiment): Target {
  const { shape, data } = decodeNpy(file(`${name}/target.npy`));
  const [height, width] = shape;
  return { grid: [height, width], data: Float32Array.from(data, Number) };
}

/** The trainer of a run's configuration, with two steps more. */
async function trainerOf(name: Experiment): Promise<Trainer> {
  const {
    version: _version,
    experiment: _experiment,
    engine: _engine,
    picture: _picture,
    ...own
  } = JSON.parse(file(`${name}/config.json`).toString());
  const length = name === "evolve" ? "generations" : "steps";
  own.training[length] += 2;
  switch (name) {
    case "grow":
      return createGrowing({ engine, config: growingConfigSchema.parse(own), target: targetOf(name) });
    case "evolve":
      return createEvolution({ engine, config: evolutionConfigSchema.parse(own), target: targetOf(name) });
    case "reinforce":
      return createReinforcement({
        engine,
        config: reinforcementConfigSchema.parse(own),
        target: targetOf(name),
      });
    case "digits": {
      const config = digitsConfigSchema.parse(own);
      return createDigits({ engine, config, pictures: handwritingSets(8).train });
    }
    default:
      return name satisfies never;
  }
}

it.each([
  ["grow", 4, "2deaca6b87e781e6"],
  ["evolve", 3, "f77fb695c96b1d28"],
  ["digits", 3, null],
  ["reinforce", 4, null],
] as const)("%s goes on after step %i", async (name, steps, expected) => {
  const trainer = await trainerOf(name);
  await trainer.restore(decodeCheckpoint(file(`${name}/state.safetensors`)));
  expect(trainer.step).toBe(steps);
  const model = decodeModel(file(`${name}/model.safetensors`));
  expect(trainer.model).toEqual(model.parameters);
  const losses: number[] = [];
  for await (const { loss } of trainer.run()) losses.push(loss);
  expect(losses).toHaveLength(2);
  // What another library computes rounds as the machine does.
  if (expected === null) expect(Math.max(...losses)).toBeLessThan(0.1);
  else expect(createHash("sha256").update(trainer.model).digest("hex").slice(0, 16)).toBe(expected);
});
