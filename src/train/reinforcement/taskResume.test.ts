/** Training that goes on from a snapshot as if it had never stopped. */
import { describe, expect, it } from "vitest";
import { referenceEngine } from "../../engine/reference/engine.ts";
import { FormatError } from "../../errors.ts";
import { initialParameters } from "../../rule/parameters.ts";
import { BpttTrainer } from "../bptt/bptt.ts";
import { objectOf, withPrefix } from "../bptt/trainState.ts";
import type { Snapshot } from "../snapshot.ts";
import {
  networkTraining,
  CELLS,
  criticSettings,
  fakeAutoencoder,
  fakeValue,
  GRID,
  placement,
  rule,
  SEED,
  taskOf,
  throughText,
} from "./fakes.case.ts";
import type { MemorySettings } from "../memory/memory.ts";
import type { ReinforcementMeasures, ReinforcementTaskOptions } from "./task.ts";

const STEPS = 7;
const buffer: MemorySettings = { kind: "buffer", size: 20, reseed: 1, every: 1 };
const pool: MemorySettings = {
  kind: "pool",
  size: 5,
  reseed: 1,
  kept: null,
  retried: null,
  damaged: 1,
  switched: 0,
  damage: ["circle"],
};

type Sees = "pixels" | "latent" | "state";

function task(
  memory: MemorySettings,
  sees: Sees = "pixels",
  changes: Partial<ReinforcementTaskOptions> = {},
) {
  const length = { pixels: CELLS * 4, state: CELLS * 6, latent: 3 }[sees];
  const settings = {
    ...criticSettings,
    updates: 2,
    states: 5,
    follow: 0.3,
    bootstrap: { from: 0, to: 1, over: 5 },
  };
  return taskOf(
    { memory },
    {
      critic: { value: fakeValue(length).value, sees, relative: false, settings },
      autoencoder: { network: fakeAutoencoder().network, settings: { ...networkTraining, warmup: 3 } },
      ...changes,
    },
  );
}

function trainerOf(...options: Parameters<typeof task>) {
  return new BpttTrainer<ReinforcementMeasures>({
    engine: referenceEngine(),
    rule,
    grid: GRID,
    parameters: initialParameters(rule, SEED),
    task: task(...options),
    settings: {
      ...networkTraining,
      steps: STEPS,
      batch: 2,
      rollout: [4, 4],
      loss: placement,
      average: null,
    },
    seed: SEED,
    clock: () => 0,
  });
}

async function run(trainer: ReturnType<typeof trainerOf>, count = STEPS) {
  const events = [];
  for await (const event of trainer) if (events.push(event) >= count) break;
  return events;
}

describe("a task that is saved and restored", () => {
  it.each([
    ["buffer", buffer, "pixels", 1],
    ["full buffer", buffer, "latent", 4],
    ["pool", pool, "state", 4],
    ["pool", pool, "latent", 5],
  ] as const)("goes on bit for bit: %s, %j, %s, after %i steps", async (_, memory, sees, count) => {
    const whole = trainerOf(memory, sees);
    const events = await run(whole);
    expect(events.some(({ skipped }) => skipped)).toBe(false);

    const before = trainerOf(memory, sees);
    const first = await run(before, count);
    const after = trainerOf(memory, sees);
    await after.restore(throughText(await before.save()));
    const second = await run(after);
    expect([...first, ...second]).toEqual(events);
    expect(await after.save()).toEqual(await whole.save());
    // And there was something to lose.
    const { tensors, meta } = await whole.save();
    expect(tensors["task.critic.slow"].data).not.toEqual(tensors["task.critic.learned.parameters"].data);
    expect(meta).toMatchObject({
      task: { critic: { count: 2 * STEPS, born: 0 }, autoencoder: { count: STEPS } },
    });
  });
});

/** A snapshot that lacks a tensor. */
function without({ meta, tensors }: Snapshot, name: string): Snapshot {
  const { [name]: _, ...rest } = tensors;
  expect(tensors[name], name).toBeDefined();
  return { meta, tensors: rest };
}

describe("a snapshot that does not fit", () => {
  it.each<[string, (good: Snapshot) => Snapshot | Promise<Snapshot>, RegExp]>([
    ["is empty", () => ({ meta: {}, tensors: {} }), /has no critic/],
    [
      "has no autoencoder",
      ({ meta, tensors }) => ({ meta: { ...meta, autoencoder: undefined }, tensors }),
      /no autoencoder/,
    ],
    [
      "has half a critic",
      (good) => without(good, "critic.learned.optimizer.mean"),
      /no tensor optimizer.mean of 144/,
    ],
    ["has no slow copy", (good) => without(good, "critic.slow"), /no tensor slow of 144/],
    [
      "has half an autoencoder",
      (good) => without(good, "autoencoder.parameters"),
      /no tensor parameters of 432/,
    ],
    ["counts badly", ({ meta, tensors }) => ({ meta: { ...meta, resets: -1 }, tensors }), /resets .* is -1/],
    ["has no errors", (good) => without(good, "memory.errors"), /no buffer of 20 states/],
    ["has another memory", () => task(pool).save(), /next in this checkpoint/],
    ["has another critic", () => task(buffer, "state").save(), /no tensor parameters of 144/],
  ])("%s: is refused and changes nothing", async (_, bend, message) => {
    const one = trainerOf(buffer);
    await run(one, 2);
    const { meta, tensors } = await one.save();
    const own = task(buffer);
    const part: Snapshot = { meta: objectOf(meta, "task"), tensors: withPrefix("task", tensors) };
    own.restore(part);
    expect(await own.save()).toEqual(part);
    const other = await trainerOf(buffer).save();
    expect(other.tensors["task.critic.slow"]).not.toEqual(part.tensors["critic.slow"]);
    // All else of it is of another task, so that whatever is taken over shows.
    const fresh = await task(buffer).save();
    const bent = await bend(fresh);
    expect(() => own.restore(bent)).toThrow(FormatError);
    expect(() => own.restore(bent)).toThrow(message);
    expect(await own.save()).toEqual(part);
  });
});
