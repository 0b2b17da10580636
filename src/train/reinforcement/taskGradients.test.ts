/** The actor's gradient through rollout, rewards, critic and autoencoder, against finite differences. */
import { describe, expect, it } from "vitest";
import { referenceEngine } from "../../engine/reference/engine.ts";
import { parameterTable, tableSize } from "../../rule/parameters.ts";
import { splitRule } from "../../model/pictureRule.ts";
import { picturePresets } from "../../model/presets.ts";
import {
  CELLS,
  criticSettings,
  networkTraining,
  draws,
  fakeAutoencoder,
  fakeValue,
  GRID,
  evaluated,
  readout,
  rule,
  start,
  taskOf,
} from "./fakes.case.ts";
import type { RewardKind } from "./returns.ts";
import type { ReinforcementTaskOptions } from "./task.ts";
import type { ObservationName } from "./observers.ts";

type Case = Readonly<{
  reward: RewardKind;
  sees: ObservationName | null;
  relative?: boolean;
  overflow?: number;
  rgba?: "last";
}>;

const rgbaLast = splitRule({
  ...picturePresets.cax,
  channels: 6,
  hidden: [8],
  fireRate: 1,
  stepSize: 1,
  alive: { mask: "both", channel: 5, threshold: 0.1 },
  image: { offset: 2, channels: 4, premultiplied: false },
  seed: { from: 2, to: 6 },
});

const HORIZON = 4;
const SAMPLES = 2;

function criticOf({ sees, relative = false }: Case): ReinforcementTaskOptions["critic"] {
  if (!sees) return null;
  const length = { pixels: CELLS * 4, state: CELLS * 6, latent: 3 }[sees];
  return {
    value: fakeValue(length).value,
    sees,
    relative,
    settings: { ...criticSettings, bootstrap: 0.7 },
  };
}

const cases: Case[] = (["decrease", "error"] as const).flatMap((reward): Case[] => [
  { reward, sees: null },
  { reward, sees: null, overflow: 0.5 },
  { reward, sees: "pixels" },
  { reward, sees: "pixels", relative: true, overflow: 0.5 },
  { reward, sees: "state" },
  { reward, sees: "state", relative: true },
  { reward, sees: "latent" },
  { reward, sees: "latent", rgba: "last" },
  { reward, sees: "pixels", relative: true, rgba: "last" },
]);

describe("the actor's gradient is the slope of the mean objective", () => {
  it.each(cases)("%j", async (each) => {
    const { reward, overflow = 0, sees, rgba } = each;
    const conventions = rgba ? rgbaLast : { rule, readout, start };
    const own = conventions.rule;
    const task = taskOf(
      { penalties: { overflow }, reward: { kind: reward, scale: 2 } },
      {
        ...conventions,
        critic: criticOf(each),
        autoencoder:
          sees === "latent" ? { network: fakeAutoencoder().network, settings: networkTraining } : null,
      },
    );
    const engine = referenceEngine({ precision: "float64" });
    const evaluate = async (parameters: Float32Array) => {
      const batch = await task.batch(0, SAMPLES);
      const rollout = await engine.rollout({
        rule: own,
        grid: GRID,
        parameters,
        states: batch.states,
        steps: HORIZON,
        seed: 1,
        keep: [1, 2, 3],
        record: true,
      });
      const { objectives, cotangents, diverged } = await evaluated(engine, batch, rollout, HORIZON);
      expect(diverged).toEqual([]);
      return { rollout, cotangents, mean: objectives.reduce((sum, one) => sum + one, 0) / SAMPLES };
    };
    const parameters = draws(tableSize(parameterTable(own)), 4).map((value) => 0.6 * value);
    const { rollout, cotangents } = await evaluate(parameters);
    const gradient = [(await rollout.backward({ cotangents })).parameters].flat()[0];
    const largest = Math.max(...gradient.map(Math.abs));
    // Everything that is to be differentiated tells.
    expect(largest).toBeGreaterThan(1e-2);
    const nudge = 2e-4;
    for (let i = 0; i < parameters.length; i += 7) {
      const moved = async (by: number) => (await evaluate(parameters.with(i, parameters[i] + by))).mean;
      const [high, low] = [parameters[i] + nudge, parameters[i] - nudge].map(Math.fround);
      const slope = ((await moved(nudge)) - (await moved(-nudge))) / (high - low);
      // States and values are handed out in single precision: objectives of 1 are off by 1e-8 or so, slopes by 1e-4.
      expect(Math.abs(gradient[i] - slope), `parameter ${i}: ${slope}`).toBeLessThan(2e-3 * largest + 1e-4);
    }
  });
});
