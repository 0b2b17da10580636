import { expect, it } from "vitest";
import type { Target } from "../../data/image.ts";
import type { Engine } from "../../engine.ts";
import { referenceEngine } from "../../engine/reference/engine.ts";
import { createEvolution, resolveEvolutionConfig } from "../../experiments/evolution/evolution.ts";
import type { Judging } from "../../experiments/experiment.ts";
import { ONE_SEED } from "../../model/start.ts";
import { pcg4d } from "../../random.ts";
import { type Executor, JobFailure } from "../executor.ts";
import type { Content, Received } from "../job.ts";
import { decodePart, encodePart, type Part } from "../message.ts";
import { localExecutor } from "../local.ts";
import { judgingBy } from "./judge.ts";
import { membersKind, type Setting } from "./kind.ts";
import { rangesOf } from "./ranges.ts";

const grid = [8, 8] as const;
const target: Target = {
  grid,
  data: Float32Array.from({ length: 256 }, (_, i) => (i % 4 === 3 ? 1 : (pcg4d(7, i, 0, 0) % 100) / 100)),
};

function configOf(...sets: string[]) {
  return resolveEvolutionConfig({
    overrides: {
      seed: 5,
      target: { source: "x", size: 6, padding: 1, seeds: [[0, 0]] },
      rule: { channels: 6, hidden: [4], seed: { from: 3, to: 6 } },
      training: { generations: 3, population: 10, rollout: 4, fitness: "last:2" },
    },
    sets: ["training.strategy.sigma=0.05", ...sets],
  });
}

/** The run to its end: all numbers but seconds, and the model. */
async function evolved(engine: Engine, sets: string[] = [], judging?: Judging) {
  const trainer = createEvolution({ engine, config: configOf(...sets), target, judging });
  const progress = [];
  for await (const { seconds: _, ...numbers } of trainer) progress.push(numbers);
  return { progress, model: trainer.model };
}

/** As a queue does: all goes through bytes, and a shared part arrives as the same object again. */
function arrived({ shared = {}, ...part }: Content, parts: Map<Part, Required<Part>>): Received {
  const known = Object.entries(shared).map(([name, own]) => {
    const there = parts.get(own) ?? decodePart(encodePart(own));
    parts.set(own, there);
    return [name, there] as const;
  });
  return { ...decodePart(encodePart(part)), shared: Object.fromEntries(known) };
}

type Fake = Readonly<{ name: string; change?: (losses: Float64Array) => Float64Array; fails?: true }>;

/** What a worker sends that changes losses; a loss that is gone takes its living cells with it. */
function changed(content: Content, change: (losses: Float64Array) => Float64Array): Content {
  const { losses, livingCells } = content.tensors ?? {};
  const data = change(Float64Array.from(losses.data, Number));
  const living = Int32Array.from(livingCells.data, Number).subarray(0, data.length);
  const shape = [data.length];
  return { ...content, tensors: { losses: { shape, data }, livingCells: { shape, data: living } } };
}

/** Workers that take turns, and each do a job at once. */
function fakeQueue(workers: readonly Fake[]): Executor {
  const engine = referenceEngine();
  const parts = new Map<Part, Required<Part>>();
  let turn = 0;
  return {
    slots: workers.length,
    close: async () => undefined,
    async submit(kind, input, { signal = new AbortController().signal, not = [], onStart } = {}) {
      const free = workers.filter(({ name }) => !not.includes(name));
      const { name, change = (losses) => losses, fails } = free[turn++ % free.length];
      onStart?.();
      if (fails) throw new JobFailure(name, "there is not enough memory");
      const received = kind.input.decode(arrived(kind.input.encode(input), parts));
      const output = await kind.run(received, { engine, signal, progress: () => undefined });
      const content = changed(kind.output.encode(output), change);
      return { output: kind.output.decode(arrived(content, parts)), worker: name };
    },
  };
}

const halved = (losses: Float64Array) => losses.map((loss) => loss / 2);
const noLine = (line: string) => expect(line).toBe("");

it("cuts a population into all its members, from long ranges to short ones", () => {
  expect(rangesOf(10, 2, 1).map(({ count }) => count)).toEqual([2, 2, 1, 1, 1, 1, 1, 1]);
  expect(rangesOf(10, 1, 4)).toEqual([
    { first: 0, count: 4 },
    { first: 4, count: 4 },
    { first: 8, count: 2 },
  ]);
  for (const [population, slots, shortest] of [
    [512, 2, 8],
    [65_536, 1000, 1],
    [1, 30, 5],
  ]) {
    const ranges = rangesOf(population, slots, shortest);
    let next = 0;
    for (const { first, count } of ranges) {
      expect(first).toBe(next);
      next += count;
    }
    expect(next).toBe(population);
  }
});

it.each([
  ["open-es", []],
  ["pgpe, with two samples", ["training.strategy.kind=pgpe", "training.samples=2"]],
  [
    "snes, with damage and a penalty",
    [
      "training.strategy.kind=snes",
      "training.objective.kind=recovery",
      "training.objective.steps=4",
      "training.loss.overflow=0.5",
    ],
  ],
  ["an odd population", ["training.population=7"]],
  ["from an aged centre", ['training.aged={"chance":1,"steps":[2,9],"below":1}']],
])("gives the bits of a run here, however many workers: %s", async (_, sets) => {
  const engine = referenceEngine();
  const here = await evolved(engine, sets);
  expect(here.progress[0].loss).toBeGreaterThan(0);
  for (const names of [["a"], ["a", "b", "c"]]) {
    const executor = fakeQueue(names.map((name) => ({ name })));
    expect(await evolved(engine, sets, judgingBy({ executor, say: noLine, verify: 0.3 }))).toEqual(here);
  }
  const executor = localExecutor([referenceEngine()]);
  expect(await evolved(engine, sets, judgingBy({ executor, say: noLine }))).toEqual(here);
});

it("finds a liar, names it, and asks for all that it said again", async () => {
  const engine = referenceEngine();
  const here = await evolved(engine);
  const lines: string[] = [];
  const say = (line: string) => void lines.push(line);
  const executor = fakeQueue([{ name: "good" }, { name: "liar", change: halved }, { name: "kind" }]);
  expect(await evolved(engine, [], judgingBy({ executor, say, verify: 1 }))).toEqual(here);
  expect(lines).toEqual([
    expect.stringMatching(
      /^liar says of member \d of generation 0 loss \S+ with \d+ living cells, and it is loss \S+ with \d+ living cells; what it judged in this generation, and whatever it sends, is left out and asked for again\.$/,
    ),
  ]);
});

it("takes what a liar says where nothing is verified: the docs say so", async () => {
  const executor = fakeQueue([{ name: "liar", change: halved }]);
  const engine = referenceEngine();
  const lied = await evolved(engine, [], judgingBy({ executor, say: () => undefined }));
  expect(lied).not.toEqual(await evolved(engine));
});

it("judges here what a worker cannot, and leaves out one that sends too few losses", async () => {
  const engine = referenceEngine();
  const here = await evolved(engine);
  const lines: string[] = [];
  const say = (line: string) => void lines.push(line);
  const executor = fakeQueue([
    { name: "poor", fails: true },
    { name: "short", change: (losses) => losses.slice(1) },
    { name: "good" },
  ]);
  expect(await evolved(engine, [], judgingBy({ executor, say }))).toEqual(here);
  expect(lines).toContain("poor: there is not enough memory; that is judged here.");
  expect(lines.filter((line) => line.startsWith("short judged "))).toHaveLength(1);
});

it("refuses messages that ask for what is not there", () => {
  const config = { ...configOf(), target: { ...configOf().target, seeds: ONE_SEED } };
  const setting: Setting = { config, grid, target: target.data };
  const centre = { mean: new Float32Array(3), tensors: {} };
  const message = { setting, centre, generation: 0, first: 0, count: 1 };
  const decode = (change: Partial<typeof message>, other: Partial<Received> = {}) => {
    const received = arrived(membersKind.input.encode({ ...message, ...change }), new Map());
    return membersKind.input.decode({ ...received, ...other });
  };
  expect(() => decode({ first: 9, count: 2 })).toThrow("the message asks for members up to 10 of 10");
  expect(() => decode({ count: 0 })).toThrow("count is 0");
  expect(() => decode({})).toThrow("the message has no tensor mean of ");
  expect(() => decode({}, { shared: {} })).toThrow("the message has no setting or no centre");
  expect(() => decode({ setting: { ...setting, config: { ...config, seed: -1 } } })).toThrow(
    "config.seed is -1",
  );
  const unfound = { head: { config: configOf("target.seeds=picture"), grid }, tensors: {} };
  expect(() => decode({}, { shared: { setting: unfound, centre: unfound } })).toThrow(
    "the seeds of the run have not been found yet",
  );
  const empty = { head: { config, grid }, tensors: {} };
  expect(() => decode({}, { shared: { setting: empty, centre: empty } })).toThrow(
    "the message has no tensor target of 256 numbers",
  );
});
