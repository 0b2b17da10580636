/** The engine contract, point by point. */
import { cutWindow, expandWindow } from "../engine/window.ts";
import { expect } from "vitest";
import type { ConformanceTest } from "./conformanceTest.ts";
import type { Engine } from "../engine.ts";
import { parametersOf } from "../engine/request.ts";
import { smallRule } from "./cases.ts";
import { parameterSets } from "./compare.ts";
import { refusals } from "./refusals.ts";
import { drawCalmScenario } from "./scenario.ts";
import { disc, mixed, oneCell, scattered } from "./starts.ts";

const small = (steps: number) =>
  drawCalmScenario({ rule: smallRule(), grid: [9, 8], starts: [disc, mixed, scattered], steps });

const read = (states: readonly { read(): Promise<Float32Array> }[]) =>
  Promise.all(states.map((state) => state.read()));

function expectAbortError(promise: Promise<unknown>) {
  return expect(promise).rejects.toMatchObject({ name: "AbortError" });
}

/** What an engine declines, a rollout rejects with, in the same sentence. */
export async function expectRefusals(engine: Engine): Promise<void> {
  const { keep: _, ...plain } = small(9).request;
  const graft = { parameters: [parametersOf(plain, 0)], cells: new Uint8Array(72) };
  const readout = { offset: 0, channels: 4 } as const;
  const compare = { target: new Float32Array(288), readout, steps: [1], measure: "squared-error" } as const;
  const wanted = { record: { record: true }, graft: { graft }, compare: { compare }, keep: { keep: [1] } };
  for (const [need, change] of Object.entries(wanted)) {
    const sentence = engine.declines(plain.rule, { [need]: true });
    if (sentence === undefined) continue;
    expect(sentence).toMatch(/^\S.*[^.\s]$/);
    await expect(engine.rollout({ ...plain, ...change })).rejects.toThrow(new RangeError(sentence));
  }
}

export function contract(test: ConformanceTest, oracle: Engine, create: () => Promise<Engine>): void {
  const nine = small(9);

  test("a rollout of 5 and then 4 steps equals one of 9", async (engine) => {
    const whole = await engine.rollout({ ...nine.request, keep: [5, 9] });
    const first = await engine.rollout({ ...nine.request, steps: 5, keep: [] });
    const rest = { ...nine.request, steps: 4, firstStep: 5, keep: [0, 4] };
    const expected = await read(whole.final);
    const handedOver = await engine.rollout({ ...rest, states: first.final });
    expect(await read(handedOver.final)).toEqual(expected);
    expect(await handedOver.kept(1, 0).read()).toEqual(await whole.kept(1, 5).read());
    const fromKept = await engine.rollout({
      ...rest,
      states: [0, 1, 2].map((sample) => whole.kept(sample, 5)),
    });
    expect(await read(fromKept.final)).toEqual(expected);
    const [one, other, all] = await Promise.all(
      [first, handedOver, whole].map(async (rollout) => (await rollout.stats()).cellUpdates),
    );
    expect(one + other).toBe(all);
  });

  test("arrays and states may be mixed, and states used again", async (engine) => {
    const { request } = nine;
    const { final } = await engine.rollout({ ...request, steps: 3, keep: [] });
    const next = { ...request, steps: 2, keep: [] };
    const once = await engine.rollout({ ...next, states: final });
    const mixture = [final[0], await final[1].read(), final[2]];
    const again = await engine.rollout({ ...next, states: mixture });
    expect(await read(again.final)).toEqual(await read(once.final));
  });

  test("the same request gives the same bits, alone or in a batch", async (engine) => {
    const { request, cotangents } = nine;
    const run = async (sample?: number) => {
      const only = <T>(list: readonly T[]) => (sample === undefined ? list : [list[sample]]);
      const rollout = await engine.rollout({
        ...request,
        states: only(request.states),
        sampleIds: only([0, 1, 2]),
        keep: [],
        record: true,
      });
      const own = cotangents.filter((cotangent) => sample === undefined || cotangent.sample === sample);
      const gradients =
        own.length > 0 &&
        (await rollout.backward({
          cotangents: own.map((cotangent) =>
            sample === undefined ? cotangent : { ...cotangent, sample: 0 },
          ),
          states: true,
        }));
      rollout.dispose();
      return { final: await read(rollout.final), gradients };
    };
    const whole = await run();
    expect(await run()).toEqual(whole);
    for (const sample of [0, 1, 2]) {
      const { final, gradients } = await run(sample);
      expect(final[0]).toEqual(whole.final[sample]);
      if (gradients && whole.gradients) expect(gradients.states![0]).toEqual(whole.gradients.states![sample]);
    }
  });

  test("sample ids, not places in the batch, choose the fire masks", async (engine) => {
    const { request } = nine;
    const [a, b] = request.states;
    const { final } = await engine.rollout({ ...request, states: [a, b], sampleIds: [7, 3], keep: [] });
    const swapped = await engine.rollout({ ...request, states: [b, a], sampleIds: [3, 7], keep: [] });
    expect(await read(swapped.final)).toEqual(await read([final[1], final[0]]));
    const others = await engine.rollout({ ...request, states: [a, b], sampleIds: [7, 4], keep: [] });
    expect(await others.final[0].read()).toEqual(await final[0].read());
    expect(await others.final[1].read()).not.toEqual(await final[1].read());
  });

  test("keeps what it is told to, for all samples or by sample", async (engine) => {
    const { request } = nine;
    const every = await engine.rollout({ ...request, keep: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] });
    const some = await engine.rollout({ ...request, keep: (sample) => [[9, 2, 2], [], [0]][sample] });
    expect(await some.kept(0, 2).read()).toEqual(await every.kept(0, 2).read());
    expect(await some.kept(0, 9).read()).toEqual(await every.final[0].read());
    expect(await some.kept(2, 0).read()).toEqual(request.states[2]);
    for (const [sample, step] of [
      [0, 3],
      [1, 9],
      [2, 9],
      [3, 0],
      [-1, 0],
    ]) {
      expect(() => some.kept(sample, step)).toThrow(
        new RangeError(`the state of sample ${sample} after step ${step} was not kept`),
      );
    }
  });

  test("states tell their grid and channels, and reading gives a fresh array", async (engine) => {
    const { final } = await engine.rollout({ ...nine.request, keep: [] });
    expect([final[0].grid, final[0].channels]).toEqual([[9, 8], 6]);
    const once = await final[0].read();
    const copy = once.slice();
    once.fill(7);
    expect(await final[0].read()).toEqual(copy);
  });

  test("several states are read at once: the same as each by itself, in fresh arrays", async (engine) => {
    const rollout = await engine.rollout({ ...nine.request, keep: [4] });
    const states = [rollout.kept(1, 4), rollout.final[2], rollout.final[0], rollout.final[2]];
    const readings = await engine.read(states);
    for (const [i, { data, livingCells, ...box }] of readings.entries()) {
      expect({ box, livingCells }).toEqual(await states[i].stats());
      expect(data).toEqual((await states[i].readWindow()).data);
      expect(expandWindow({ ...box, data }, [9, 8], 6)).toEqual(await states[i].read());
      data.fill(7);
    }
    expect(await engine.read(states)).not.toEqual(readings);
  });

  test("a state that was disposed of says so, and changes no other", async (engine) => {
    const { request } = nine;
    const rollout = await engine.rollout({ ...request, keep: [9] });
    const [first, second] = rollout.final;
    const expected = await first.read();
    const other = await second.read();
    first.dispose();
    first.dispose();
    const sentence = "the state was disposed of";
    const next = { ...request, keep: [], steps: 1 };
    for (const refused of [
      () => first.read(),
      () => first.readWindow(),
      () => first.stats(),
      () => engine.read([second, first]),
      () => engine.rollout({ ...next, states: [second, first, second] }),
    ]) {
      await expect(refused()).rejects.toThrow(sentence);
    }
    expect([first.grid, first.channels]).toEqual([[9, 8], 6]);
    expect(await second.read()).toEqual(other);
    expect(rollout.kept(0, 9)).toBe(rollout.kept(0, 9));
    expect(await rollout.kept(0, 9).read()).toEqual(expected);
  });

  test("a state lasts as long as one of those that share it", async (engine) => {
    const { final } = await engine.rollout({ ...nine.request, keep: [] });
    const expected = await final[0].read();
    const shared = final[0].share();
    const again = shared.share();
    expect([shared.grid, shared.channels]).toEqual([[9, 8], 6]);
    final[0].dispose();
    final[0].dispose();
    expect(await shared.read()).toEqual(expected);
    shared.dispose();
    const { final: next } = await engine.rollout({ ...nine.request, states: [again], steps: 0, keep: [] });
    expect(await next[0].read()).toEqual(expected);
    again.dispose();
    await expect(again.read()).rejects.toThrow("the state was disposed of");
  });

  test("what was asked of a state before it was disposed of is served", async (engine) => {
    const { request } = nine;
    const start = await engine.rollout({ ...request, keep: [] });
    const again = await engine.rollout({ ...request, keep: [] });
    const next = { ...request, steps: 3, keep: [] };
    const expected = await read((await engine.rollout({ ...next, states: again.final })).final);
    const under = [
      engine.rollout({ ...next, states: start.final }),
      engine.read(start.final),
      start.final[0].read(),
      start.final[1].stats(),
    ] as const;
    for (const state of start.final) state.dispose();
    const [rollout, readings, whole, stats] = await Promise.all(under);
    expect(await read(rollout.final)).toEqual(expected);
    expect(readings).toEqual(await engine.read(again.final));
    expect(whole).toEqual(await again.final[0].read());
    expect(stats).toEqual(await again.final[1].stats());
  });

  test("backward may be called again, and adds nothing up", async (engine) => {
    const { request, cotangents } = nine;
    const rollout = await engine.rollout({ ...request, keep: [], record: true });
    const all = { cotangents, states: true };
    const first = await rollout.backward(all);
    const half = await rollout.backward({ cotangents: cotangents.filter(({ sample }) => sample === 1) });
    expect(await rollout.backward(all)).toEqual(first);
    expect(half.states).toBeUndefined();
    expect(half.parameters).not.toEqual(first.parameters);
    parameterSets(first)[0].fill(0);
    expect((await rollout.backward(all)).parameters).not.toEqual(first.parameters);
    rollout.dispose();
  });

  test("rollouts overlap, and the older one can still be pulled back", async (engine) => {
    const { request, cotangents } = nine;
    const gradient = async (again: boolean) => {
      const rollout = await engine.rollout({ ...request, keep: [], record: true });
      if (again) {
        const rule = smallRule({ hidden: [24, 5] });
        const other = drawCalmScenario({ rule, grid: [9, 8], starts: [disc, mixed] });
        const between = await engine.rollout({ ...other.request, record: true });
        await between.backward({ cotangents: other.cotangents });
        between.dispose();
      }
      const gradients = await rollout.backward({ cotangents, states: true });
      rollout.dispose();
      return gradients;
    };
    expect(await gradient(true)).toEqual(await gradient(false));
  });

  test("several rollouts at once do not disturb each other", async (engine) => {
    const { request } = nine;
    const seeds = [1, 2, 3];
    const run = async (seed: number) => read((await engine.rollout({ ...request, seed, keep: [] })).final);
    const together = await Promise.all(seeds.map(run));
    for (const seed of seeds) expect(await run(seed)).toEqual(together[seed - 1]);
  });

  test("the caller's arrays are read once and never written", async (engine) => {
    const { request, cotangents } = nine;
    const copies = {
      states: request.states.map((state) => state.slice()),
      parameters: parametersOf(request, 0).slice(),
    };
    const rollout = await engine.rollout({ ...request, ...copies, keep: [], record: true });
    expect(copies).toEqual({ states: request.states, parameters: request.parameters });
    const untouched = await rollout.backward({ cotangents, states: true });
    const before = await read(rollout.final);
    copies.parameters.fill(0);
    for (const state of copies.states) state.fill(0);
    expect(await rollout.backward({ cotangents, states: true })).toEqual(untouched);
    expect(await read(rollout.final)).toEqual(before);
    rollout.dispose();
  });

  test("parameters changed in place count from the next rollout on", async (engine) => {
    const { request } = nine;
    const parameters = parametersOf(request, 0).slice();
    const changing = { ...request, parameters, keep: [] };
    await engine.rollout(changing);
    parameters.forEach((value, i) => (parameters[i] = value * 0.5));
    const fresh = await engine.rollout({ ...changing, parameters: parameters.slice() });
    expect(await read((await engine.rollout(changing)).final)).toEqual(await read(fresh.final));
  });

  test("no samples", async (engine) => {
    const rollout = await engine.rollout({ ...nine.request, states: [], keep: [] });
    expect(rollout.final).toEqual([]);
    expect(await rollout.stats()).toEqual({ cellUpdates: 0, compared: [] });
    expect(await engine.read([])).toEqual([]);
  });

  test("an empty grid stays empty and costs nothing with masks before and after", async (engine) => {
    const { request } = nine;
    const rollout = await engine.rollout({ ...request, states: [new Float32Array(9 * 8 * 6)], keep: [] });
    expect((await rollout.stats()).cellUpdates).toBe(0);
    expect(await rollout.final[0].read()).toEqual(new Float32Array(9 * 8 * 6));
  });

  refusals(test, oracle, nine);

  test("backward is refused where nothing was recorded, and after dispose", async (engine) => {
    const sentence = "backward needs a rollout that was recorded and not disposed";
    const { request, cotangents } = nine;
    const unrecorded = await engine.rollout({ ...request, keep: [2] });
    await expect(unrecorded.backward({ cotangents })).rejects.toThrow(sentence);
    const rollout = await engine.rollout({ ...request, keep: [2], record: true });
    rollout.dispose();
    rollout.dispose();
    await expect(rollout.backward({ cotangents })).rejects.toThrow(sentence);
    expect(await rollout.kept(0, 2).read()).toEqual(await unrecorded.kept(0, 2).read());
    expect(await read(rollout.final)).toEqual(await read(unrecorded.final));
    expect(await rollout.stats()).toEqual(await unrecorded.stats());
  });

  test("an aborted signal rejects rollout and backward with its reason", async (engine) => {
    const { request, cotangents } = nine;
    const signal = AbortSignal.abort();
    await expectAbortError(engine.rollout({ ...request, signal }));
    await expectAbortError(engine.rollout({ ...request, steps: 0, keep: [], signal }));
    const reason = new Error("enough");
    await expect(engine.rollout({ ...request, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const rollout = await engine.rollout({ ...request, record: true });
    await expectAbortError(rollout.backward({ cotangents, signal }));
    const gradients = await rollout.backward({ cotangents });
    rollout.dispose();
    const fresh = await engine.rollout({ ...request, record: true });
    expect(await fresh.backward({ cotangents })).toEqual(gradients);
    fresh.dispose();
  });

  test("a long rollout can be aborted, and the engine goes on", async (engine) => {
    const { request } = drawCalmScenario({ rule: smallRule(), grid: [16, 16], starts: [oneCell, disc] });
    const controller = new AbortController();
    const rollout = engine.rollout({ ...request, steps: 1 << 23, keep: [], signal: controller.signal });
    setTimeout(() => controller.abort(), 1);
    await expectAbortError(rollout);
    expect((await (await engine.rollout(request)).stats()).cellUpdates).toBeGreaterThan(0);
  });

  test("what the caller does to its arrays afterwards changes nothing, and the next rollout sees it", async (engine) => {
    const { request, cotangents } = nine;
    if (!(request.parameters instanceof Float32Array)) throw new TypeError("one parameter set was meant");
    const original = request.parameters;
    const parameters = original.slice();
    const states = request.states.map((state) => (state instanceof Float32Array ? state.slice() : state));
    const plain = await engine.rollout({ ...request, record: true });
    const expected = await plain.backward({ cotangents });
    const rollout = await engine.rollout({ ...request, parameters, states, record: true });
    parameters.fill(0);
    const { parameters: gradient } = await rollout.backward({ cotangents });
    expect(gradient).toEqual(expected.parameters);
    const still = await engine.rollout({ ...request, parameters, states, record: false });
    const other = await engine.rollout({ ...request, parameters: new Float32Array(original.length) });
    expect(await still.final[0].read()).toEqual(await other.final[0].read());
    expect(await still.final[0].read()).not.toEqual(await plain.final[0].read());
    plain.dispose();
    rollout.dispose();
  });

  test("states and cotangents by their box are the same as whole ones", async (engine) => {
    const { request } = nine;
    const { grid, rule } = request;
    const rollout = await engine.rollout({ ...request, record: true });
    const state = rollout.final[0];
    const { box: own, livingCells } = await state.stats();
    const within = cutWindow(await state.read(), grid, rule.channels, own);
    expect(await state.readWindow()).toEqual({ ...within, livingCells });
    const step = request.steps;
    if (typeof step !== "number") throw new TypeError("one number of steps was meant");
    const box = { top: 1, left: 2, height: 3, width: 2 };
    const data = Float32Array.from({ length: 3 * 2 * rule.channels }, (_, i) => (i % 7) - 3);
    const whole = { sample: 0, step, data: expandWindow({ ...box, data }, grid, rule.channels) };
    const expected = await rollout.backward({ cotangents: [whole], states: true });
    const actual = await rollout.backward({ cotangents: [{ sample: 0, step, data, box }], states: true });
    expect(actual).toEqual(expected);
    const outside = { ...box, top: grid[0] - 2 };
    await expect(rollout.backward({ cotangents: [{ sample: 0, step, data, box: outside }] })).rejects.toThrow(
      "the box of a cotangent does not lie within the",
    );
    rollout.dispose();
  });

  test("a disposed engine refuses", async () => {
    const engine = await create();
    const { request, cotangents } = nine;
    const record = engine.declines(request.rule, { record: true }) === undefined;
    const rollout = await engine.rollout({ ...request, record });
    await engine.dispose();
    await expect(engine.rollout(request)).rejects.toThrow("the engine was disposed");
    await expect(rollout.backward({ cotangents })).rejects.toThrow("the engine was disposed");
    await engine.dispose();
  });
}
