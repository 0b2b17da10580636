import { describe, expect, it } from "vitest";
import { bytePictures } from "../../data/pictureSet.ts";
import { referenceEngine } from "../../engine/reference/engine.ts";
import { withPicture } from "../../model/model.ts";
import { startState } from "../../model/start.ts";
import { resolveRestorationConfig } from "./config.ts";
import { corrupt, drawCorruption } from "./corruption.ts";
import { measureRestoration, reportRows } from "./report.ts";
import { createRestoration, differenceOf, spoiltState } from "./restoration.ts";

const GRID = [10, 12] as const;
const draw = [5, 0, 3] as const;
const white = new Float32Array(120).fill(1);
const missing = (known: Float32Array) => known.filter((value) => value === 0).length;

describe("corrupt", () => {
  it("mixes each number with noise of its own", () => {
    const { picture, known } = corrupt(white, GRID, { kind: "noise", level: 0.4 }, draw);
    expect(Math.min(...picture)).toBeGreaterThanOrEqual(Math.fround(0.6));
    expect(Math.max(...picture)).toBeLessThanOrEqual(1);
    expect(new Set(picture).size).toBe(120);
    expect(known).toEqual(white);
    expect(corrupt(white, GRID, { kind: "noise", level: 0 }, draw).picture).toEqual(white);
  });

  it("takes about the share of pixels that is asked for, with all their colours", () => {
    const colours = new Float32Array(480).fill(0.5);
    const { picture, known } = corrupt(colours, GRID, { kind: "scattered", level: 0.5 }, draw);
    // 60 of 120 are expected, with a standard deviation of 5.5.
    expect(Math.abs(missing(known) - 60)).toBeLessThan(20);
    picture.forEach((value, i) => expect(value).toBe(0.5 * known[i >> 2]));
  });

  it.each([0.1, 0.5, 1])("takes a rectangle of about a share of %d", (level) => {
    for (let index = 0; index < 20; index++) {
      const { known } = corrupt(white, GRID, { kind: "block", level }, [5, 0, index]);
      const cells = Array.from({ length: 120 }, (_, cell) => cell).filter((cell) => known[cell] === 0);
      const rows = new Set(cells.map((cell) => Math.floor(cell / 12)));
      const columns = new Set(cells.map((cell) => cell % 12));
      expect(cells).toHaveLength(rows.size * columns.size);
      // Whole columns: half of one of at most ten rows.
      expect(Math.abs(cells.length - 120 * level)).toBeLessThanOrEqual(5);
    }
  });

  it("is the same for the same draw, and drawn within its bounds", () => {
    const [once, again] = [0, 1].map(() => corrupt(white, GRID, { kind: "noise", level: 1 }, draw));
    expect(again).toEqual(once);
    const drawn = Array.from({ length: 200 }, (_, index) =>
      drawCorruption({ kinds: ["scattered", "block"], level: [0.3, 0.7] }, [1, 2, index]),
    );
    expect(Math.min(...drawn.map(({ level }) => level))).toBeGreaterThanOrEqual(0.3);
    expect(Math.max(...drawn.map(({ level }) => level))).toBeLessThan(0.7);
    expect(new Set(drawn.map(({ kind }) => kind))).toEqual(new Set(["scattered", "block"]));
  });
});

describe("resolveRestorationConfig", () => {
  it("pins what is given, and has the picture behind that", () => {
    const { rule } = resolveRestorationConfig("complete", { overrides: { data: { channels: 4 } } });
    expect([rule.pinned, rule.image.offset, rule.channels]).toEqual([[0, 1, 2, 3, 4], 5, 19]);
  });

  it.each([
    ["rule.alive.mask=both", 'must be "none": all pixels are cells that live'],
    ["rule.pinned=[0]", "must be the first channels"],
    ["rule.image.offset=1", "must be behind the pinned channels"],
    ["corruption.level=[0.7,0.3]", "must be a lowest and a highest level"],
  ])("refuses %s", (set, error) => {
    expect(() => resolveRestorationConfig("denoise", { sets: [set] })).toThrow(error);
  });
});

/** Bars that lie, and bars that stand. */
const bars = bytePictures({
  grid: [8, 8],
  channels: 1,
  data: Uint8Array.from({ length: 12 * 64 }, (_, i) => {
    const [bar, y, x] = [Math.floor(i / 64), Math.floor((i % 64) / 8), i % 8];
    return (bar % 2 === 0 ? y : x) === 1 + Math.floor(bar / 2) ? 255 : 0;
  }),
});
const small = [
  "data.size=8",
  "rule.channels=6",
  "rule.hidden=[12]",
  "training.steps=60",
  "training.batch=2",
  "training.rollout=[6,8]",
  "training.pool=null",
  "training.learningRate=1e-2",
];

describe("createRestoration", () => {
  it("learns to find bars under noise, and reports by how much", async () => {
    const engine = referenceEngine();
    const config = resolveRestorationConfig("denoise", { sets: small });
    const trainer = createRestoration("denoise", { engine, config, pictures: bars });
    for await (const { skipped } of trainer.run()) expect(skipped).toBeUndefined();
    const model = withPicture(trainer.toModel());
    const measured = { engine, model, pictures: bars, count: 4, steps: [4, 8], seed: 1 };
    const report = await measureRestoration({ what: "denoise", ...measured });
    expect(report.pictures).toBe(4);
    // Untrained cells leave everything as it is given.
    for (const { given, restored } of report.levels.slice(2))
      expect(restored[1].error!).toBeLessThan(0.75 * given);
    expect(reportRows(report)[0]).toEqual(["mean squared error", "given", "4 steps", "8 steps"]);
    const { levels } = await measureRestoration({ what: "complete", ...measured });
    expect(levels.map(({ kind, level }) => `${kind} ${level}`)).toEqual([
      "scattered 0.3",
      "scattered 0.5",
      "scattered 0.7",
      "block 0.3",
      "block 0.5",
      "block 0.7",
    ]);
  });

  it("has a model that starts from the first picture, spoilt", () => {
    const config = resolveRestorationConfig("complete", { sets: small });
    const model = withPicture(
      createRestoration("complete", { engine: referenceEngine(), config, pictures: bars }).toModel(),
    );
    const start = startState(model, [8, 8]);
    const known = Float32Array.from({ length: 64 }, (_, cell) => start[cell * 6 + 1]);
    expect(missing(known)).toBeGreaterThan(10);
    const picture = bars.picture(0).map((value, i) => value * known[i]);
    expect(start).toEqual(spoiltState({ picture, known }, 6, model.readout));
    expect(model.provenance.experiment).toBe("complete");
  });

  it("measures what is given as what cells that do nothing leave", async () => {
    const engine = referenceEngine();
    const config = resolveRestorationConfig("denoise", { sets: small });
    const model = withPicture(createRestoration("denoise", { engine, config, pictures: bars }).toModel());
    const steps = [1, 3];
    const report = await measureRestoration({
      what: "denoise",
      engine,
      model,
      pictures: bars,
      count: 3,
      steps,
      seed: 1,
    });
    for (const { given, restored } of report.levels) {
      expect(restored.map(({ error }) => error)).toEqual([given, given]);
    }
    const errors = report.levels.map(({ given }) => given);
    expect(errors).toEqual(errors.toSorted((a, b) => a - b));
    expect(
      differenceOf(Float32Array.of(9, 1, 9, 3), 2, { offset: 1, channels: 1 }, Float32Array.of(0, 1)),
    ).toBe((1 + 4) / 2);
  });

  it.each(["training.pool=null", 'training.pool={"size":4,"reseed":1}'])(
    "goes on bit for bit from a snapshot, with %s",
    async (pool) => {
      const sets = [...small, "training.steps=4", pool];
      const [whole, first, second] = [0, 1, 2].map(() =>
        createRestoration("denoise", {
          engine: referenceEngine(),
          config: resolveRestorationConfig("denoise", { sets }),
          pictures: bars,
        }),
      );
      for await (const _ of whole.run());
      for await (const { step } of first.run()) if (step === 1) break;
      await second.restore(await first.save());
      for await (const _ of second.run());
      expect(second.model).toEqual(whole.model);
      expect(await second.save()).toEqual(await whole.save());
    },
  );
});
