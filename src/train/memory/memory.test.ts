import { describe, expect, it } from "vitest";
import type { StateWindow } from "../../engine/window.ts";
import { FormatError } from "../../errors.ts";
import type { Plane } from "../../rule/grid.ts";
import type { Snapshot } from "../snapshot.ts";
import { restoreStates } from "./storedStates.ts";
import { arraysOf } from "../reinforcement/fakes.case.ts";
import { createMemory, type MemoryBatch, type MemorySettings, type Remembered } from "./memory.ts";

const GRID: Plane = [2, 2];
const start = Float32Array.of(-1, 0, 0, 0);

/** A state whose first number tells it from others, with that as its error. */
function remembered(number: number): Remembered {
  const state: StateWindow = { top: 0, left: 0, height: 1, width: 1, data: Float32Array.of(number) };
  return { state, error: number };
}

const create = (settings: MemorySettings) =>
  createMemory(settings, { grid: GRID, channels: 1, start, startError: () => 100, seed: 1 });
const buffer = (every: number, size = 50) => create({ kind: "buffer", size, reseed: 0, every });
const poolSettings: MemorySettings = {
  kind: "pool",
  size: 4,
  reseed: 0,
  kept: null,
  retried: null,
  damaged: 0,
  switched: 0,
  damage: ["circle"],
};

/** What two samples passed through: 1 to `steps`, and 101 on. */
const trajectories = (steps: number) =>
  [0, 100].map((first) => Array.from({ length: steps }, (_, t) => remembered(first + t + 1)));

/** The same of all that are saved. */
const saved = ({ tensors }: Snapshot) =>
  restoreStates(tensors, 4, GRID, 1, "entry")?.map(({ data: [first] }) => first);

const numbers = ({ states }: MemoryBatch) => arraysOf(states).map(([first]) => first);

describe("a buffer", () => {
  it.each([
    [1, 5, [1, 2, 3, 4, 5]],
    [2, 5, [1, 3, 5]],
    [2, 6, [2, 4, 6]],
    [3, 5, [2, 5]],
    [4, 5, [1, 5]],
    [5, 5, [5]],
    [9, 5, [5]],
  ])("keeps every %ith of %i states, counted back from the last", async (every, steps, kept) => {
    const memory = buffer(every);
    memory.write(await memory.draw(2, 0, 0), trajectories(steps));
    const { tensors } = await memory.save();
    const expected = [...kept, ...kept.map((number) => 100 + number)];
    expect([...tensors.data.data]).toEqual(expected);
    expect([...tensors.errors.data]).toEqual(expected);
  });

  it("draws what was written, and forgets nothing", async () => {
    const memory = buffer(1, 4);
    expect(numbers(await memory.draw(2, 0, 0))).toEqual([-1, -1]);
    const drawn = await memory.draw(2, 0, 1);
    memory.write(drawn, trajectories(3));
    const before = await memory.save();
    memory.forget(drawn, [0, 1], 0);
    expect(await memory.save()).toEqual(before);
    const seen = new Set<number>();
    for (let step = 0; step < 20; step++) {
      for (const n of numbers(await memory.draw(2, 0, step))) seen.add(n);
    }
    // The two oldest of six were overwritten.
    expect([...seen].toSorted((a, b) => a - b)).toEqual([3, 101, 102, 103]);
  });
});

describe("a pool", () => {
  it("takes back the last state of each sample where it came from, with its error", async () => {
    const memory = create(poolSettings);
    const drawn = await memory.draw(2, 7, 0);
    expect(numbers(drawn)).toEqual([-1, -1]);
    memory.write(drawn, trajectories(3));
    const snapshot = await memory.save();
    const expected = [-1, -1, -1, -1].with(drawn.indices[0], 3).with(drawn.indices[1], 103);
    expect(saved(snapshot)).toEqual(expected);
    expect([...snapshot.tensors.losses.data]).toEqual(
      expected.map((number) => (number === -1 ? 100 : number)),
    );
  });

  it("forgets these samples alone", async () => {
    const memory = create(poolSettings);
    const drawn = await memory.draw(2, 7, 0);
    memory.write(drawn, trajectories(3));
    memory.forget(drawn, [1], 0);
    const expected = [-1, -1, -1, -1].with(drawn.indices[0], 3);
    expect(saved(await memory.save())).toEqual(expected);
  });
});

describe("restoring", () => {
  it.each<MemorySettings>([poolSettings, { kind: "buffer", size: 4, reseed: 1, every: 1 }])(
    "$kind: gives what was saved, and refuses another kind",
    async (settings) => {
      const [one, again] = [create(settings), create(settings)];
      one.write(await one.draw(2, 7, 0), trajectories(2));
      again.restore(await one.save());
      expect(await again.save()).toEqual(await one.save());
      expect(await again.draw(3, 7, 1)).toEqual(await one.draw(3, 7, 1));
      const other = settings.kind === "pool" ? buffer(1, 4) : create(poolSettings);
      const foreign = await other.save();
      expect(() => again.restore(foreign)).toThrow(FormatError);
      expect(await again.save()).toEqual(await one.save());
    },
  );
});
