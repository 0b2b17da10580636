import { describe, expect, it } from "vitest";
import { FormatError } from "../../errors.ts";
import { norm } from "../optim/gradient.ts";
import { TrainedNetwork } from "./trainedNetwork.ts";
import { Critic, type CriticTraining, type CriticBatch } from "./critic.ts";
import { criticSettings, draws, fakeValue, SEED, type Spoil, throughText, valueOf } from "./fakes.case.ts";

const LENGTH = 5;
const STEPS = 50;
const COUNT = 12;

function create(changes: Partial<CriticTraining> = {}, options: { spoil?: Spoil; seed?: number } = {}) {
  const fake = fakeValue(LENGTH, options.spoil);
  const critic = new Critic(fake.value, { ...criticSettings, ...changes }, STEPS, options.seed ?? SEED);
  const taught = () => fake.calls.filter(({ what }) => what === "regress");
  return { critic, taught, ...fake };
}

/** Observations whose first number is their place, with returns of twice that. */
const batch: CriticBatch = {
  observations: Array.from({ length: COUNT }, (_, i) => draws(LENGTH, 30 + i).with(0, i / COUNT)),
  returns: Float32Array.from({ length: COUNT }, (_, i) => 2 * i),
};
const placesOf = (observations: readonly Float32Array[]) =>
  observations.map(([first]) => Math.round(first * COUNT));

/** Numbers of the slow copy and of the critic itself. */
function numbersOf(critic: Critic) {
  const { tensors } = critic.save();
  return [tensors.slow.data, tensors["learned.parameters"].data] as const;
}

/** Places that the updates of two steps learn from. */
async function drawn(seed: number): Promise<string[]> {
  const { critic, taught } = create({ updates: 2, states: 7 }, { seed });
  for (const step of [0, 1]) await critic.learn(batch, step);
  return taught().map(({ observations, targets }) => {
    const places = placesOf(observations);
    expect([...targets!]).toEqual(places.map((place) => 2 * place));
    expect(new Set(places).size).toBe(7);
    return places.join();
  });
}

describe("learning", () => {
  it("is on all states once a step by default, and tells of the loss before and the gradient", async () => {
    const { critic, taught, value } = create();
    const gradient = new Float32Array(LENGTH);
    const loss = await value.regress(value.initial, batch.observations, batch.returns, gradient);
    taught().pop();
    expect(await critic.learn(batch, 0)).toEqual({ loss, gradientNorm: norm(gradient) });
    expect(taught()).toHaveLength(2);
    const [, { observations, targets, parameters }] = taught();
    expect(observations).toEqual(batch.observations);
    expect(targets).toEqual(batch.returns);
    expect(parameters).toEqual(value.initial);
    const expected = new TrainedNetwork(value, criticSettings, STEPS);
    expected.update(gradient, 0);
    expect(numbersOf(critic)[1]).toEqual(expected.parameters);
  });

  it("makes as many updates as it should, each from the numbers that the last one made", async () => {
    const { critic, taught, value } = create({ updates: 3 });
    const { loss } = await critic.learn(batch, 0);
    expect(taught()).toHaveLength(3);
    const trained = new TrainedNetwork(value, criticSettings, STEPS);
    const gradient = new Float32Array(LENGTH);
    let last = NaN;
    for (const { parameters } of taught().slice()) {
      expect(parameters).toEqual(trained.parameters);
      last = await value.regress(parameters, batch.observations, batch.returns, gradient);
      trained.update(gradient, 0);
    }
    expect(numbersOf(critic)[1]).toEqual(trained.parameters);
    expect(loss).toBe(last);
  });

  it("draws different states for each update, none twice, and the same ones again", async () => {
    const places = await drawn(1);
    expect(new Set(places).size).toBe(4);
    expect(await drawn(1)).toEqual(places);
    expect(await drawn(2)).not.toEqual(places);
  });

  it.each([COUNT, COUNT + 1])("takes all where %i are wanted", async (states) => {
    const { critic, taught } = create({ states });
    await critic.learn(batch, 0);
    expect(placesOf(taught()[0].observations)).toEqual(Array.from({ length: COUNT }, (_, i) => i));
  });

  it("draws each state about as often as any other", async () => {
    const { critic, taught } = create({ states: 3, updates: 4 });
    for (let step = 0; step < 100; step++) await critic.learn(batch, step);
    const counts = Array.from({ length: COUNT }, () => 0);
    for (const { observations } of taught()) for (const place of placesOf(observations)) counts[place]++;
    // 400 draws of 3 out of 12: 100 expected of each with a standard deviation of 8.7; within four of those.
    for (const count of counts) expect(Math.abs(count - 100)).toBeLessThan(35);
  });

  it("stops at a gradient that is not finite, and says so", async () => {
    let calls = 0;
    const spoil = { gradient: (gradient: Float32Array) => ++calls === 2 && void (gradient[1] = NaN) };
    const { critic, taught } = create({ updates: 3 }, { spoil });
    const { loss, gradientNorm } = await critic.learn(batch, 0);
    expect(gradientNorm).toBeNaN();
    expect(loss).toBeGreaterThan(0);
    expect(taught()).toHaveLength(2);
  });
});

describe("the slow copy", () => {
  it("moves towards the critic once a step, by `follow` of the way", async () => {
    const { critic, value } = create({ follow: 0.25, updates: 2 });
    let slow = value.initial;
    for (const step of [0, 1, 2]) {
      await critic.learn(batch, step);
      const quick = numbersOf(critic)[1];
      slow = slow.map((own, i) => 0.75 * own + 0.25 * Number(quick[i]));
      expect(numbersOf(critic)[0]).toEqual(slow);
    }
    expect(slow).not.toEqual(value.initial);
  });

  it("is the critic itself at 1, and stays at 0", async () => {
    const [all, none] = [create({ follow: 1 }), create({ follow: 0 })];
    for (const { critic } of [all, none]) await critic.learn(batch, 0);
    const [slow, quick] = numbersOf(all.critic);
    expect(slow).toEqual(quick);
    expect(numbersOf(none.critic)[0]).toEqual(none.value.initial);
    expect(quick).not.toEqual(none.value.initial);
  });

  it("gives the values and their slopes", async () => {
    const { critic, calls } = create({ follow: 0.25 });
    await critic.learn(batch, 0);
    const slow = Float32Array.from(numbersOf(critic)[0], Number);
    const expected = Float32Array.from(batch.observations, (x) => valueOf(slow, x));
    expect(await critic.values(batch.observations)).toEqual(expected);
    const { values, gradients } = await critic.differentiate(batch.observations);
    expect(values).toEqual(expected);
    expect(gradients[3]).toEqual(batch.observations[3].map((x, i) => slow[i] * (1 + x)));
    expect(calls.slice(-2).map(({ parameters }) => parameters)).toEqual([slow, slow]);
  });
});

describe("its say", () => {
  it("is trusted without end by default", () => {
    expect(create().critic.trust).toBe(Infinity);
    expect(create({ trust: 0.5 }).critic.trust).toBe(0.5);
  });

  it("grows from its birth on", () => {
    const { critic } = create({ bootstrap: { from: 0, to: 0.8, over: 4 } });
    expect([0, 1, 4, 9].map((step) => critic.bootstrap(step))).toEqual([0, 0.2, 0.8, 0.8]);
    critic.reset(10);
    expect([10, 11, 14].map((step) => critic.bootstrap(step))).toEqual([0, 0.2, 0.8]);
  });
});

describe("beginning anew, and going on", () => {
  const settings = { follow: 0.25, updates: 2, states: 5 };

  it("forgets all, the slow copy too", async () => {
    const { critic } = create(settings);
    for (const step of [0, 1]) await critic.learn(batch, step);
    critic.reset(2);
    const fresh = create(settings).critic.save();
    expect(critic.save()).toEqual({ ...fresh, meta: { ...fresh.meta, born: 2 } });
  });

  it.each([settings, { ...settings, follow: 1 }])("goes on from a snapshot: %j", async (own) => {
    const [one, other] = [create(own).critic, create(own).critic];
    one.reset(3);
    for (const step of [3, 4]) await one.learn(batch, step);
    const take = other.restore(throughText(one.save()));
    expect(other.save()).toEqual(create(own).critic.save());
    take();
    expect(other.save()).toEqual(one.save());
    for (const each of [one, other]) await each.learn(batch, 5);
    expect(other.save()).toEqual(one.save());
    expect(await other.values(batch.observations)).toEqual(await one.values(batch.observations));
  });

  it("refuses what does not fit, and changes nothing", async () => {
    const { critic } = create(settings);
    const { meta, tensors } = critic.save();
    await critic.learn(batch, 0);
    const before = critic.save();
    const { slow: _, ...rest } = tensors;
    expect(() => critic.restore({ meta, tensors: rest })).toThrow("no tensor slow of 5 numbers");
    expect(() => critic.restore({ meta: { ...meta, born: -1 }, tensors })).toThrow(FormatError);
    expect(() => critic.restore({ meta: { born: 0 }, tensors })).toThrow(/count in this checkpoint/);
    expect(critic.save()).toEqual(before);
  });
});
