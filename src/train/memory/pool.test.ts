import { describe, expect, it } from "vitest";
import type { State } from "../../engine.ts";
import { WindowState } from "../../engine/states.ts";
import { FormatError } from "../../errors.ts";
import { type Plane, wholeBox } from "../../rule/grid.ts";
import { applyDamage } from "../../edit/damage.ts";
import { Pool, type PoolSettings, rankByLoss } from "./pool.ts";

const GRID: Plane = [9, 9];
const CHANNELS = 2;
const CELLS = 81;
const SEED = 7;
const settings: PoolSettings = {
  size: 8,
  reseed: 0,
  kept: null,
  retried: null,
  damaged: 0,
  switched: 0,
  damage: ["half-left"],
};

const seedState = new Float32Array(CELLS * CHANNELS);
seedState[80] = 1;

const full = (value: number) => new Float32Array(CELLS * CHANNELS).fill(value);
const stateOf = (data: Float32Array): State =>
  new WindowState(GRID, CHANNELS, { ...wholeBox(GRID), data, livingCells: 0 });
const read = async (state: Float32Array | State) =>
  state instanceof Float32Array ? state : await state.read();

const poolOf = (changes: Partial<PoolSettings> = {}, count = 1) =>
  new Pool({
    settings: { ...settings, ...changes },
    grid: GRID,
    channels: CHANNELS,
    start: seedState,
    startError: (_, goal) => 100 + goal,
    count,
    seed: SEED,
  });

/** A pool whose entry i is full of i + 1 and has loss i. */
function filledPool(changes: Partial<PoolSettings> = {}): Pool {
  const pool = poolOf({ ...changes });
  for (let i = 0; i < 8; i++) pool.write(i, stateOf(full(i + 1)), i);
  return pool;
}

const retrying = (changes: Partial<PoolSettings> = {}) =>
  filledPool({ retried: { above: 0.5, chance: 1 }, ...changes });
/** Draws all entries, and puts back states full of 9, with a loss of each that is its index. */
async function once(pool: Pool, step: number, lossOf: (index: number) => number) {
  const { indices, goals, states, origins } = await pool.draw(8, SEED, step);
  const starts = new Map<number, Float32Array>();
  for (const [sample, index] of indices.entries()) starts.set(index, await read(states[sample]));
  for (const [sample, index] of indices.entries()) {
    pool.write(index, stateOf(full(9)), lossOf(index), goals[sample], origins[sample]);
  }
  return starts;
}

describe("rankByLoss", () => {
  it("goes from high to low, keeps the order of equals and puts NaN first", () => {
    expect(rankByLoss([1, 3, NaN, 3, 0, Infinity])).toEqual([2, 5, 1, 3, 0, 4]);
  });
});

describe("Pool", () => {
  it("starts as seeds", async () => {
    const pool = poolOf();
    const { states } = await pool.draw(3, SEED, 0);
    for (const state of states) expect(await read(state)).toEqual(seedState);
  });

  it("draws without replacement, and every entry in time", async () => {
    const pool = filledPool();
    const seen = new Set<number>();
    for (let step = 0; step < 40; step++) {
      const { indices, states } = await pool.draw(4, SEED, step);
      expect(new Set(indices).size).toBe(4);
      for (const [sample, index] of indices.entries()) {
        seen.add(index);
        expect((await read(states[sample]))[0]).toBe(index + 1);
      }
    }
    expect(seen.size).toBe(8);
  });

  it("does nothing to entries that are kept, however bad the rest is", async () => {
    const pool = filledPool({ kept: { share: 0.5, below: 1 }, reseed: 4, damaged: 2, switched: 2 });
    const { indices, states } = await pool.draw(8, SEED, 3);
    for (const [sample, index] of indices.entries()) {
      if (index < 4) expect(await read(states[sample])).toEqual(full(index + 1));
      else expect(await read(states[sample])).toEqual(seedState);
    }
  });

  it("keeps none whose loss is not small, or not a number", async () => {
    // A start has 100.
    const pool = filledPool({ kept: { share: 1, below: 0.2 }, reseed: 8 });
    pool.write(2, stateOf(full(3)), NaN);
    pool.write(4, stateOf(full(5)), 20);
    pool.write(5, stateOf(full(6)), 20.1);
    const { indices, states } = await pool.draw(8, SEED, 3);
    for (const [sample, index] of indices.entries()) {
      expect(await read(states[sample])).toEqual([2, 5].includes(index) ? seedState : full(index + 1));
    }
  });

  it("starts the worst from the seed and damages the best", async () => {
    const pool = filledPool({ reseed: 1, damaged: 2 });
    const { indices, states } = await pool.draw(4, SEED, 3);
    const byLoss = indices.map((_, sample) => sample).toSorted((a, b) => indices[a] - indices[b]);
    expect(await read(states[byLoss[3]])).toEqual(seedState);
    expect(await read(states[byLoss[2]])).toEqual(full(indices[byLoss[2]] + 1));
    for (const sample of byLoss.slice(0, 2)) {
      const damaged = full(indices[sample] + 1);
      applyDamage(damaged, GRID, CHANNELS, "half-left", [SEED, 3, sample]);
      expect(await read(states[sample])).toEqual(damaged);
    }
  });

  describe("with retries", () => {
    it("starts again from where a rollout made a sample worse, until it is good", async () => {
      const pool = retrying();
      // A start has 100, so that 50 is good.
      await once(pool, 0, (index) => (index === 3 ? 51 : 50));
      const second = await once(pool, 1, (index) => (index === 3 ? 60 : 50));
      expect(second.get(3)).toEqual(full(4));
      expect(second.get(2)).toEqual(full(9));
      expect((await once(pool, 2, () => 50)).get(3)).toEqual(full(4));
      expect((await once(pool, 3, () => 50)).get(3)).toEqual(full(9));
    });

    it("goes on with what was bad before and did not get worse", async () => {
      const pool = retrying();
      pool.write(3, stateOf(full(4)), 70);
      await once(pool, 0, () => 70);
      expect((await once(pool, 1, () => 50)).get(3)).toEqual(full(9));
    });

    it("damages alike what has not healed, and does nothing else to it", async () => {
      const pool = retrying({ damaged: 8 });
      const first = await once(pool, 0, () => 80);
      expect(await once(pool, 1, () => 80)).toEqual(first);
      expect([...first.values()].every((state) => state.includes(0))).toBe(true);
    });

    it("has none of what starts anew, and by chance", async () => {
      const pool = retrying({ reseed: 8 });
      await once(pool, 0, () => 200);
      expect((await pool.draw(8, SEED, 1)).origins).toEqual(Array(8).fill(undefined));
      const half = await retrying({ retried: { above: 0.5, chance: 0.5 } }).draw(8, SEED, 1);
      const drawn = half.origins.filter((origin) => origin).length;
      expect([drawn > 0, drawn < 8]).toEqual([true, true]);
    });

    it("are saved", async () => {
      const [pool, other] = [retrying({ damaged: 8 }), retrying()];
      await once(pool, 0, (index) => 48 + index);
      other.restore(await pool.save());
      expect(await other.save()).toEqual(await pool.save());
      // Those at most at 50 are good, and only the first pool damages them again.
      const bad = [3, 4, 5, 6, 7];
      const [starts, others] = [await once(pool, 1, () => 50), await once(other, 1, () => 50)];
      expect(bad.map((index) => others.get(index))).toEqual(bad.map((index) => starts.get(index)));
    });
  });

  it("takes states back, and the seed", async () => {
    const pool = poolOf({ size: 1 });
    pool.write(0, stateOf(full(42)), 0.5);
    expect(await read((await pool.draw(1, SEED, 0)).states[0])).toEqual(full(42));
    pool.reseed(0, [SEED, 0, 0]);
    expect(await read((await pool.draw(1, SEED, 0)).states[0])).toEqual(seedState);
  });

  it("disposes of its share of a state that is written over, and of no other", async () => {
    const pool = poolOf({ size: 2 });
    const [first, second] = [stateOf(full(1)), stateOf(full(2))];
    pool.write(0, first, 0);
    pool.write(1, second, 0);
    const [own, other] = pool.remembered(2);
    if (!("read" in own && "read" in other)) throw new TypeError("states were meant");
    pool.write(0, stateOf(full(3)), 0);
    await expect(own.read()).rejects.toThrow("the state was disposed of");
    expect(await other.read()).toEqual(full(2));
    expect(await first.read()).toEqual(full(1));
    pool.restore(await pool.save());
    await expect(other.read()).rejects.toThrow("the state was disposed of");
    expect(await second.read()).toEqual(full(2));
  });

  it("is not changed by drawing, damage included", async () => {
    const pool = filledPool({ reseed: 1, damaged: 3 });
    const before = await pool.save();
    await pool.draw(4, SEED, 0);
    expect(await pool.save()).toEqual(before);
  });

  it("shows the same entries each time, spread over all", async () => {
    const pool = filledPool();
    const shown = async (count: number) => {
      const states = pool
        .remembered(count)
        .map(async (state) => ("read" in state ? state.read() : state.data));
      return (await Promise.all(states)).map(([first]) => first);
    };
    expect(await shown(3)).toEqual([1, 3, 6]);
    expect(await shown(20)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    pool.write(2, stateOf(full(42)), 0.5);
    expect(await shown(3)).toEqual([1, 42, 6]);
  });

  it("waits with damage and draws from the first entries while it is small", async () => {
    const pool = filledPool({ size: { from: 2, to: 8, over: 10 }, damaged: { from: 0, to: 1, over: 10 } });
    const early = await pool.draw(2, SEED, 0);
    expect(new Set(early.indices)).toEqual(new Set([0, 1]));
    for (const [i, state] of early.states.entries()) {
      expect(await read(state)).toEqual(full(early.indices[i] + 1));
    }
    const late = await pool.draw(2, SEED, 5);
    const damaged = await Promise.all(late.states.map(async (state) => (await read(state)).includes(0)));
    expect(damaged.filter(Boolean)).toHaveLength(1);
  });

  it("reseeds a fraction by chance", async () => {
    const pool = filledPool({ reseed: 0.25 });
    let reseeded = 0;
    for (let step = 0; step < 400; step++) {
      const { states } = await pool.draw(1, SEED, step);
      if ((await read(states[0]))[0] === 0) reseeded++;
    }
    // Binomial(400, 0.25): mean 100, standard deviation 8.7; within three of them.
    expect(Math.abs(reseeded - 100)).toBeLessThan(27);
  });

  it("gives another goal to fewer states later, where that is asked for", async () => {
    const pool = poolOf({ switched: { from: 1, to: 0.5, over: 0, after: 100 } }, 1e6);
    for (let i = 0; i < 8; i++) pool.write(i, stateOf(full(i + 1)), i, 0);
    const switched = async (from: number, to: number) => {
      let count = 0;
      for (let step = from; step < to; step++) {
        const { goals, states } = await pool.draw(2, SEED, step);
        count += goals.filter((goal) => goal !== 0).length;
        for (const state of states) expect((await read(state))[0]).toBeGreaterThan(0);
      }
      return count;
    };
    expect(await switched(0, 101)).toBe(101);
    // 400 draws of 1 or 0 by equal chance are within three standard deviations (10) of 200.
    expect(Math.abs((await switched(101, 501)) - 200)).toBeLessThan(31);
  });

  it("gives a state with another goal what that goal's start has in pinned channels", async () => {
    const pool = new Pool({
      settings: { ...settings, switched: 1 },
      grid: GRID,
      channels: CHANNELS,
      start: (goal) => full(100 + goal),
      startError: () => 0,
      count: 1000,
      pinned: [1],
      seed: SEED,
    });
    for (let i = 0; i < 8; i++) pool.write(i, stateOf(full(i + 1)), i, 0);
    const before = await pool.save();
    const { indices, goals, states } = await pool.draw(3, SEED, 0);
    const best = indices.indexOf(Math.min(...indices));
    for (const [sample, state] of states.entries()) {
      const data = await read(state);
      const own = indices[sample] + 1;
      const pinned = sample === best ? 100 + goals[sample] : own;
      expect([...new Set(data.filter((_, i) => i % CHANNELS === 0))]).toEqual([own]);
      expect([...new Set(data.filter((_, i) => i % CHANNELS === 1))]).toEqual([pinned]);
    }
    expect(goals[best]).toBeGreaterThan(0);
    expect(await pool.save()).toEqual(before);
  });

  it("reseeds less often later, where that is asked for", async () => {
    const pool = filledPool({ reseed: { from: 1, to: 0.5, over: 0, after: 100 } });
    const reseeded = async (from: number, to: number) => {
      let count = 0;
      for (let step = from; step < to; step++) {
        const { states } = await pool.draw(1, SEED, step);
        if ((await read(states[0]))[0] === 0) count++;
      }
      return count;
    };
    expect(await reseeded(0, 101)).toBe(101);
    // Binomial(400, 0.5): mean 200, standard deviation 10; within three of them.
    expect(Math.abs((await reseeded(101, 501)) - 200)).toBeLessThan(31);
  });

  it("is saved as windows and restored", async () => {
    const pool = filledPool({ reseed: 1, damaged: 1 });
    pool.reseed(2, [SEED, 0, 0]);
    const spot = new Float32Array(CELLS * CHANNELS);
    spot.set([5, 0, 0, 6], (3 * 9 + 4) * CHANNELS);
    pool.write(6, stateOf(spot), 0.25);
    const saved = await pool.save();
    // Seven full entries less the seed (one cell) and the spot (two cells).
    expect(saved.tensors.data.data).toHaveLength(6 * CELLS * CHANNELS + CHANNELS + 2 * CHANNELS);
    expect([...saved.tensors.windows.data.subarray(24, 28)]).toEqual([3, 4, 1, 2]);

    const other = poolOf({ reseed: 1, damaged: 1 });
    other.restore(saved);
    expect(await other.save()).toEqual(saved);
    for (let step = 0; step < 5; step++) {
      const [a, b] = [await pool.draw(4, SEED, step), await other.draw(4, SEED, step)];
      expect(b.indices).toEqual(a.indices);
      expect(await Promise.all(b.states.map(read))).toEqual(await Promise.all(a.states.map(read)));
    }
  });

  it("costs next to nothing where entries are the seed, however many", async () => {
    const asked: number[] = [];
    const options = {
      settings: { ...settings, size: 512 },
      grid: GRID,
      channels: CHANNELS,
      start: seedState,
      startError: (_: unknown, goal: number) => {
        asked.push(goal);
        return 100 + goal;
      },
      count: 3,
      seed: SEED,
    };
    const pool = new Pool(options);
    expect(asked.toSorted((a, b) => a - b)).toEqual([0, 1, 2]);
    pool.write(9, stateOf(full(3)), 0.5);
    const saved = await pool.save();
    expect(saved.tensors.data.data).toHaveLength(CHANNELS + CELLS * CHANNELS);
    expect([...saved.tensors.same.data.subarray(7, 12)]).toEqual([0, 0, 9, 0, 0]);

    const other = new Pool(options);
    other.restore(saved);
    // Goes on as the first one does, also to the same checkpoint.
    for (const each of [pool, other]) each.reseed(9, [SEED, 0, 0]);
    expect(await other.save()).toEqual(await pool.save());
  });

  it("reads checkpoints in which equal entries were saved one by one", async () => {
    const pool = poolOf();
    const { meta, tensors } = await pool.save();
    const { same: _, ...rest } = tensors;
    const [seed] = [tensors.data.data];
    const data = Float32Array.from({ length: 8 * CHANNELS }, (_value, i) => Number(seed[i % CHANNELS]));
    const other = filledPool();
    other.restore({ meta, tensors: { ...rest, data: { shape: [data.length], data } } });
    expect(await other.save()).toEqual(await pool.save());
  });

  it("refuses what does not fit, and stays as it was", async () => {
    const pool = filledPool();
    const saved = await pool.save();
    const bent = (name: string, data: Int32Array | Float32Array | Float64Array) => ({
      meta: {},
      tensors: { ...saved.tensors, [name]: { shape: [data.length], data } },
    });
    expect(() => pool.restore({ meta: {}, tensors: {} })).toThrow(FormatError);
    expect(() => pool.restore(bent("losses", new Float64Array(3)))).toThrow(/pool of 8 entries/);
    expect(() => pool.restore(bent("data", new Float32Array(3)))).toThrow(/entry 0 .* does not fit/);
    expect(() => pool.restore(bent("same", new Int32Array(8).fill(7)))).toThrow(/pool of 8 entries/);
    expect(() => pool.restore(bent("same", Int32Array.of(0, 0, 1, 3, 4, 5, 6, 7)))).toThrow(/8 entries/);
    expect(() => pool.restore(bent("windows", new Int32Array(32).fill(-1)))).toThrow(/does not fit/);
    expect(await pool.save()).toEqual(saved);
  });
});
