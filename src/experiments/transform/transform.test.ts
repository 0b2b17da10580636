import { describe, expect, it } from "vitest";
import type { Target } from "../../data/image.ts";
import { referenceEngine } from "../../engine/reference/engine.ts";
import { startState } from "../../model/start.ts";
import { resolveTransformConfig } from "./config.ts";
import { createTransform } from "./transform.ts";

/** A block of one colour on a grid of 8 x 8. */
function block(top: number, left: number, colour: readonly number[]): Target {
  const data = new Float32Array(8 * 8 * 4);
  for (let y = top; y < top + 4; y++) {
    for (let x = left; x < left + 4; x++) data.set([...colour, 1], (y * 8 + x) * 4);
  }
  return { grid: [8, 8], data, premultiplied: true };
}

const blocks = [
  block(1, 1, [1, 0, 0]),
  block(2, 3, [0, 0, 1]),
  block(3, 2, [0, 1, 0]),
  block(1, 3, [1, 1, 0]),
];
const small = [
  "initial=random",
  "rule.channels=8",
  "rule.hidden=[16]",
  "rule.seed.to=8",
  "training.steps=60",
  "training.batch=2",
  "training.rollout=[8,10]",
  "training.average=null",
  "training.loss.coordinates=0",
  "training.learningRate=2e-2",
  "training.pool.size=8",
];
const of = (source: readonly string[], sets: readonly string[] = []) =>
  resolveTransformConfig({ overrides: { target: { source } }, sets: [...small, ...sets] });

function trainerOf(pairs: number, sets: readonly string[] = []) {
  const source = ["a", "b", "c", "d"].slice(0, 2 * pairs);
  const used = blocks.slice(0, 2 * pairs);
  return createTransform({
    engine: referenceEngine(),
    config: of(source, sets),
    starts: used.filter((_, i) => i % 2 === 0),
    targets: used.filter((_, i) => i % 2 === 1),
  });
}

describe("resolveTransformConfig", () => {
  it("begins with the pretrained automaton where its rule is left alone, of one pair", () => {
    expect(resolveTransformConfig().initial).toBe("pretrained");
    expect(of(["a", "b"]).initial).toBe("random");
    expect(of(["a", "b", "c", "d"]).rule.inputSize).toBe(2);
  });

  it.each([
    [["a"], "target.source"],
    [["a", "b", "c"], "must name pictures in pairs"],
  ])("refuses %j", (source, error) => {
    expect(() => of(source)).toThrow(error);
  });

  it("refuses an input of another length than there are pairs", () => {
    expect(() => of(["a", "b"], ["rule.inputSize=1"])).toThrow("must be the number of pairs, or 0 of one");
  });
});

describe("createTransform", () => {
  it("learns to turn one block into another, from a model that starts as the first", async () => {
    const trainer = trainerOf(1);
    const losses: number[] = [];
    for await (const { loss } of trainer) losses.push(loss);
    // To leave the first block as it is would cost a mean of 0.1 or more.
    expect(losses[0]).toBeGreaterThan(0.1);
    expect(Math.min(...losses.slice(-10))).toBeLessThan(0.05);
    const model = trainer.toModel();
    const start = startState(model, [8, 8]);
    expect(start.filter((_, i) => i % 8 < 4)).toEqual(blocks[0].data);
    expect(start.filter((_, i) => i % 8 >= 4).every((value) => value === 0)).toBe(true);
    expect(model.provenance).toMatchObject({ target: "b", picture: { source: "b" } });
  });

  it("of several pairs, starts each from its own picture, and goes on bit for bit from a snapshot", async () => {
    const [whole, first, second] = [0, 1, 2].map(() =>
      trainerOf(2, ["training.steps=4", "training.batch=3"]),
    );
    for await (const _ of whole.run());
    for await (const { step } of first.run()) if (step === 1) break;
    await second.restore(await first.save());
    for await (const _ of second.run());
    expect(second.model).toEqual(whole.model);
    expect(await second.save()).toEqual(await whole.save());
    const model = whole.toModel();
    expect(model.start.pictures?.data).toEqual([blocks[0].data, blocks[2].data]);
    expect(model.provenance.goals?.map(({ target }) => target)).toEqual(["b", "d"]);
  });

  it("refuses pictures that are not those of the configuration", () => {
    const [a, b] = blocks;
    const engine = referenceEngine();
    const config = of(["a", "b"]);
    expect(() => createTransform({ engine, config, starts: [a, a], targets: [b, b] })).toThrow(
      "2 starts and 2 targets were given; the configuration names 1 pairs",
    );
    const other = { ...b, grid: [4, 16] as const };
    expect(() => createTransform({ engine, config, starts: [a], targets: [other] })).toThrow(
      "pictures lie on different grids; put them on one by onOneGrid",
    );
  });
});
