import { describe, expect, it } from "vitest";
import { handwriting } from "../../data/handwriting.ts";
import { bytePictures } from "../../data/pictureSet.ts";
import { createEngine } from "../../node/engine.ts";
import { encoderTable } from "../../nets/encoder.ts";
import { parameterCount, tableSize } from "../../rule/parameters.ts";
import { damageEdit } from "../../edit/damage.ts";
import { unroll } from "../../engine/unroll.ts";
import { placeChannels, startState } from "../../model/start.ts";
import { createDigits, digitsEncoder } from "./digits.ts";
import { resolveDigitsConfig } from "./config.ts";

/** The same bits on all machines, and some fifty times as fast as the plain step. */
const engine = await createEngine({ threads: 0, kernels: "strict" });

const small = [
  "data.size=8",
  "encoder.features=[4]",
  "rule.channels=8",
  "rule.hidden=[16]",
  "rule.inputSize=3",
  "rule.alive.channel=7",
  "rule.image.offset=7",
  'rule.seed={"from":7,"to":8}',
  "training.rollout=[12,12]",
  "training.batch=4",
  "training.steps=60",
  "training.learningRate=1e-2",
  'training.pool={"size":16,"switched":1}',
];
/** Two pictures: the upper half, and the lower. */
const halves = bytePictures({
  grid: [8, 8],
  channels: 1,
  data: Uint8Array.from({ length: 128 }, (_, i) => {
    const [upper, y] = [i < 64, Math.floor((i % 64) / 8)];
    return upper === y < 4 ? 255 : 0;
  }),
});
/** Error of an empty grid. */
const EMPTY = 0.5;

describe("resolveDigitsConfig", () => {
  it("is the automaton and the encoder of CAX's notebook, number by number", () => {
    const config = resolveDigitsConfig();
    // 864 more are fixed: three filters of nine weights on each of 32 channels.
    expect(parameterCount(config.rule)).toBe(35_104);
    expect(config.rule.channels * config.rule.kernels.length * 9).toBe(864);
    expect(tableSize(encoderTable(digitsEncoder(config)))).toBe(2_494_864);
    expect(config.rule.stepSize).toBe(2);
  });

  it("takes an encoder with a narrower dense layer", () => {
    const config = resolveDigitsConfig({ sets: ["encoder.features=[16,32]", "encoder.hidden=128"] });
    // 3 * 3 * 16 + 16, 3 * 3 * 16 * 32 + 32, 7 * 7 * 32 * 128 + 128, and twice 128 * 8 + 8.
    expect(tableSize(encoderTable(digitsEncoder(config)))).toBe(160 + 4640 + 200_832 + 2 * 1032);
  });

  it("keeps colours in the last four channels", () => {
    const { rule, data } = resolveDigitsConfig({ sets: ["data.channels=4"] });
    expect([data.channels, rule.image]).toEqual([4, { offset: 28, channels: 4, premultiplied: false }]);
  });

  it.each([
    ["rule.inputSize=0", "rule.inputSize must be above 0: it is the length of the latent vector"],
    ['rule.image={"offset":28,"channels":4}', "rule.image.channels must be data.channels"],
    ["training.pool.size=4", "training.pool.size must be at least the batch size"],
    [
      "training.pool.switched=9",
      "training.pool.reseed and damaged and switched together must be at most the batch size",
    ],
    ["encoder.beta=-1", /encoder.beta is -1/],
    [
      "rule.pinned=[3]",
      "rule.pinned must be [0,1], channels that hold a cell's row and column, or [], for cells that are not told where they are",
    ],
    ['rule.image={"offset":1}', "rule.image.offset and the alive channel must be behind the pinned channels"],
  ])("refuses %s", (set, sentence) => {
    expect(() => resolveDigitsConfig({ sets: [set] })).toThrow(sentence);
  });
});

/** Losses of a training. */
async function losses(sets: readonly string[]) {
  const config = resolveDigitsConfig({ sets: [...small, ...sets] });
  const trainer = await createDigits({ engine, config, pictures: halves });
  const all: number[] = [];
  for await (const { loss } of trainer.run()) all.push(loss);
  return { all, trainer };
}

/** The first two of the eight channels of three corners of 8 x 8 cells. */
const places = (state: Float32Array) => [0, 7, 63].map((cell) => [...state.subarray(cell * 8, cell * 8 + 2)]);

const noise = (...sets: string[]) => resolveDigitsConfig({ sets }).encoder.noise;
const switched = (batch: number) =>
  resolveDigitsConfig({ sets: [`training.batch=${batch}`] }).training.pool.switched;

describe("defaults that follow others", () => {
  it("spread latent vectors by noise where beta is above 0", () => {
    expect([noise(), noise("encoder.beta=0.1"), noise("encoder.beta=0.1", "encoder.noise=0.5")]).toEqual([
      0, 1, 0.5,
    ]);
  });

  it("switch fewer goals in a small batch", () => {
    expect([1, 2, 3, 4, 8].map(switched)).toEqual([0, 1, 2, 3, 3]);
  });
});

describe("createDigits", () => {
  it("learns which of two pictures to draw, without being told", async () => {
    const { all, trainer } = await losses(["training.steps=160"]);
    const last = all.slice(-20).reduce((sum, loss) => sum + loss, 0) / 20;
    // Drawing the mean of both would leave 0.25.
    expect(last).toBeLessThan(0.15);
    expect(all[0]).toBeGreaterThan(0.8 * EMPTY);
    expect(trainer.network).toHaveLength(
      tableSize(encoderTable(digitsEncoder(resolveDigitsConfig({ sets: small })))),
    );
  });

  it("the divergence is part of the objective, by beta", async () => {
    const config = resolveDigitsConfig({ sets: [...small, "encoder.beta=0.5", "encoder.noise=1"] });
    const trainer = await createDigits({ engine, config, pictures: halves });
    const events = [];
    for await (const event of trainer.run()) events.push(event);
    const [first, last] = [events[0], events.at(-1)!].map(({ objective, loss }) => objective - loss);
    expect(first).toBeGreaterThan(0);
    expect(last).toBeLessThan(first / 4);
  });

  it("begins with the row and column of each cell, which no step changes", async () => {
    const { trainer } = await losses(["training.steps=2"]);
    const model = trainer.toModel();
    const corners = [
      [-1, -1],
      [-1, 1],
      [1, 1],
    ];
    const start = startState(model, [8, 8]);
    expect(places(start)).toEqual(corners);
    for await (const { state } of unroll({
      engine,
      ...model,
      grid: [8, 8],
      inputs: [new Float32Array(3)],
      start,
      stops: [30],
      seed: 0,
      edits: [
        damageEdit("half-top", 10, { rule: model.rule, grid: [8, 8], seed: 0, kept: placeChannels(model) }),
      ],
    })) {
      expect(places(state)).toEqual(corners);
    }
    const { trainer: free } = await losses(["training.steps=2", "rule.pinned=[]"]);
    expect(free.toModel().start.pictures).toBeUndefined();
  });

  it("goes on bit for bit from a checkpoint, encoder included", async () => {
    const config = resolveDigitsConfig({ sets: [...small, "training.steps=8", "encoder.noise=1"] });
    const pictures = handwriting({ seed: 1, count: 50, size: 8 });
    const create = () => createDigits({ engine, config, pictures });
    const whole = await create();
    for await (const _ of whole.run());
    const first = await create();
    for await (const { step } of first.run()) if (step === 3) break;
    const second = await create();
    await second.restore(await first.save());
    for await (const _ of second.run());
    expect(await second.save()).toEqual(await whole.save());
  });
});
