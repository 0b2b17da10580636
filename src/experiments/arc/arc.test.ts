import { describe, expect, it } from "vitest";
import { drawnPuzzles, drawnTasks } from "../../data/rowPuzzles.ts";
import { referenceEngine } from "../../engine/reference/engine.ts";
import { expandWindow } from "../../engine/window.ts";
import { decodeModel, encodeModel } from "../../model/model.ts";
import { splitRule } from "../../model/pictureRule.ts";
import { initialParameters } from "../../rule/parameters.ts";
import { composeTask } from "../../train/composeTask.ts";
import { symbolLoss } from "../../train/loss/symbols.ts";
import { createArc } from "./arc.ts";
import { resolveArcConfig } from "./config.ts";
import { embeddingStarter } from "./embedding.ts";
import { asSolver, measurePuzzles, reportRows, startOf } from "./report.ts";

const puzzles = drawnPuzzles({ seed: 7, count: 26, width: 16 });
const small = [
  "data.width=16",
  "embedding=1",
  "rule.hidden=[12]",
  "training.steps=4",
  "training.batch=2",
  "training.rollout=[5,6]",
];
const config = resolveArcConfig({ sets: small });

describe("resolveArcConfig", () => {
  it("has channels for the rows that are shown, of any embedding", () => {
    expect(resolveArcConfig().rule.channels).toBe(1 + 6 * 3 + 19 + 10);
    expect(config.rule.channels).toBe(1 + 6 + 19 + 10);
    expect(config.rule.pinned).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it.each([
    ["rule.pinned=[0]", "must be the first channels, 1 and those of the embedded rows"],
    ["rule.image.classes=null", "rule.image.classes"],
    ["embedding=6", "embedding"],
  ])("refuses %s", (set, error) => {
    expect(() => resolveArcConfig({ sets: [...small, set] })).toThrow(error);
  });
});

describe("the embedded colours", () => {
  it("are where the puzzle has them, beside the question's own colours", () => {
    const puzzle = puzzles.puzzle(4);
    const embedded = Float32Array.from({ length: 10 }, (_, symbol) => symbol / 10);
    const starter = embeddingStarter(config, () => puzzle, 0);
    const state = starter.start(0, embedded);
    const { channels } = config.rule;
    for (let cell = 0; cell < 16; cell++) {
      const own = [...state.subarray(cell * channels, (cell + 1) * channels)];
      const rows = puzzle.examples.flatMap(({ input, output }) => [input[cell], output[cell]]);
      expect(own.slice(0, 7)).toEqual([1, ...rows.map((symbol) => Math.fround(symbol / 10))]);
      expect(own.slice(7, -10).every((value) => value === 0)).toBe(true);
      expect(own.slice(-10).indexOf(1)).toBe(puzzle.question.input[cell]);
    }
  });

  it("learn by the gradient of finite differences through rollout and initial state", async () => {
    const { rule, readout } = splitRule(config.rule);
    const grid = [16] as const;
    const parameters = initialParameters(rule, 3);
    // The last layer begins with 0, by which nothing would come back.
    parameters.forEach((value, i) => (parameters[i] = value === 0 ? 0.02 * ((i % 7) - 3) : value));
    const engine = referenceEngine();
    const puzzle = (index: number) => puzzles.puzzle(index);
    const answer = (goal: number) => puzzle(goal).question.output;
    const task = composeTask({
      rule,
      grid,
      start: new Float32Array(16 * rule.channels),
      memory: null,
      goals: puzzles.count,
      starter: embeddingStarter(config, puzzle, 1),
      terms: [{ name: "symbols", weight: 1, loss: symbolLoss(rule, grid, readout.classes!, answer) }],
      seed: 2,
    });
    const measure = async (network: Float32Array) => {
      const batch = await task.batch(0, 2, network);
      const rollout = await engine.rollout({
        rule,
        grid,
        parameters,
        states: batch.states,
        steps: 4,
        seed: 1,
        record: true,
      });
      const windows = await engine.read(rollout.final);
      const loss = await batch.evaluate(
        windows.map((state, sample) => ({ sample, step: 4, weight: 1, last: true, state })),
      );
      const gradient = new Float32Array(network.length);
      const { states } = await rollout.backward({ cotangents: loss.cotangents, states: true });
      batch.pullbackStates!(states!, gradient);
      return { objective: (loss.objectives[0] + loss.objectives[1]) / 2, gradient };
    };
    const network = task.network!.initial;
    const { gradient } = await measure(network);
    for (let i = 0; i < network.length; i++) {
      const at = async (change: number) => {
        const moved = network.slice();
        moved[i] += change;
        return (await measure(moved)).objective;
      };
      const difference = ((await at(1e-2)) - (await at(-1e-2))) / 2e-2;
      // States are float32, and ReLUs may bend in between: within 2% of the largest.
      expect(Math.abs(gradient[i] - difference)).toBeLessThan(0.02 * Math.max(...gradient.map(Math.abs)));
    }
    expect(Math.max(...gradient.map(Math.abs))).toBeGreaterThan(1e-3);
  });
});

describe("createArc", () => {
  it("goes on bit for bit from a snapshot, its embedding included, and has it in its model", async () => {
    const [whole, first, second] = [0, 1, 2].map(() =>
      createArc({ engine: referenceEngine(), config, puzzles }),
    );
    const before = whole.toModel().networks!["symbols.weight"].data;
    for await (const { skipped, right } of whole.run()) {
      expect(skipped).toBeUndefined();
      expect([0, 0.5, 1]).toContain(right);
    }
    for await (const { step } of first.run()) if (step === 1) break;
    await second.restore(await first.save());
    for await (const _ of second.run());
    expect(second.network).toEqual(whole.network);
    expect(await second.save()).toEqual(await whole.save());
    const model = whole.toModel();
    expect(decodeModel(encodeModel(model))).toEqual(model);
    expect(model.networks!["symbols.weight"].shape).toEqual([10, 1]);
    expect(model.networks!["symbols.weight"].data).not.toEqual(before);
    expect(model.start.pictures!.data[0]).toEqual(startOf(asSolver(model), puzzles.puzzle(0)));
  });
});

describe("measurePuzzles", () => {
  it("counts rows and cells of each kind: an automaton that does nothing answers what stays as it is", async () => {
    const engine = referenceEngine();
    const model = createArc({ engine, config, puzzles }).toModel();
    const report = await measurePuzzles({
      engine,
      solver: asSolver(model),
      puzzles,
      count: 26,
      step: 2,
      seed: 0,
    });
    expect(report.tasks.map(({ name, puzzles: count }) => [name, count])).toEqual(
      drawnTasks.map((name) => [name, 2]),
    );
    const same = Array.from({ length: 26 }, (_, i) => puzzles.puzzle(i).question).map(
      ({ input, output }) => input.filter((symbol, cell) => symbol === output[cell]).length,
    );
    expect(report.rows).toBe(same.filter((cells) => cells === 16).length / 26);
    expect(report.cells).toBeCloseTo(same.reduce((sum, cells) => sum + cells, 0) / (26 * 16), 12);
    const rows = reportRows(report);
    expect(rows).toHaveLength(1 + 13 + 1);
    expect(rows.at(-1)!.slice(0, 2)).toEqual(["all", "26"]);
  });

  it("reads what cells name from a state", async () => {
    const engine = referenceEngine();
    const solver = asSolver(createArc({ engine, config, puzzles }).toModel());
    const { final } = await engine.rollout({
      rule: solver.rule,
      grid: [16],
      parameters: solver.parameters,
      states: [startOf(solver, puzzles.puzzle(0))],
      steps: 0,
      seed: 0,
    });
    const [window] = await engine.read(final);
    expect(expandWindow(window, [16], solver.rule.channels)).toEqual(startOf(solver, puzzles.puzzle(0)));
    expect(() => asSolver({ ...createArc({ engine, config, puzzles }).toModel(), networks: {} })).toThrow(
      "this model answers no puzzles; train one with neoblast arc",
    );
  });
});
