import { describe, expect, it } from "vitest";
import { FormatError } from "../../errors.ts";
import { norm } from "../optim/gradient.ts";
import { initialTrainState, updateTrainState } from "../bptt/trainState.ts";
import { createOptimizer } from "../optim/settings.ts";
import { learningRateAt } from "../optim/schedule.ts";
import { TrainedNetwork, type NetworkTraining } from "./trainedNetwork.ts";
import { draws, throughText } from "./fakes.case.ts";

const STEPS = 20;
const settings: NetworkTraining = {
  learningRate: 0.1,
  schedule: { kind: "cosine", final: 0.1, waves: 1 },
  warmup: 3,
  optimizer: { kind: "adam", beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
  gradient: { normalize: true, clip: 0.5 },
};
const trainable = {
  table: [
    { name: "a", shape: [2, 3], offset: 0, size: 6 },
    { name: "b", shape: [4], offset: 6, size: 4 },
  ],
  initial: draws(10, 1),
};
const gradientOf = (step: number) => draws(10, 20 + step);

const create = (changes: Partial<NetworkTraining> = {}) =>
  new TrainedNetwork(trainable, { ...settings, ...changes }, STEPS);

describe("TrainedNetwork", () => {
  it("makes the optimiser's updates, by the schedule over the whole training", () => {
    const network = create();
    const optimizer = createOptimizer(settings.optimizer);
    let expected = initialTrainState(trainable.initial, trainable.table, optimizer, { average: null });
    for (const step of [0, 1, 2, 7, 19]) {
      const gradient = gradientOf(step);
      const rate = learningRateAt({ ...settings, steps: STEPS }, step);
      expected = updateTrainState(expected, gradient, norm(gradient), trainable.table, optimizer, rate, {
        ...settings,
        average: null,
      })!;
      expect(network.update(gradient, step)).toBe(norm(gradient));
      expect(network.parameters).toEqual(expected.parameters);
    }
  });

  it("does not change arrays in place, its own first numbers neither", () => {
    const first = trainable.initial.slice();
    const network = create();
    const before = network.parameters;
    network.update(gradientOf(0), 0);
    expect(before).toEqual(first);
    expect(trainable.initial).toEqual(first);
    expect(network.parameters).not.toEqual(first);
  });

  it.each([
    ["NaN", NaN],
    ["infinite", Infinity],
    // Its square, which Adam keeps, is beyond single precision.
    ["too large for the moments", 1e25],
  ])("a gradient that is %s changes nothing", (_, value) => {
    const network = create({ gradient: { normalize: false, clip: null } });
    network.update(gradientOf(0), 0);
    const before = network.save();
    expect(network.update(gradientOf(1).with(4, value), 1)).toBeNaN();
    expect(network.save()).toEqual(before);
  });

  it("forgets all when it is reset, the optimiser's state too", () => {
    const network = create();
    for (const step of [0, 1, 2]) network.update(gradientOf(step), step);
    network.reset();
    expect(network.save()).toEqual(create().save());
    expect(network.parameters).toEqual(trainable.initial);
  });

  it("goes on from a snapshot, once what is returned is called", () => {
    const [one, other] = [create(), create()];
    for (const step of [0, 1, 2]) one.update(gradientOf(step), step);
    const take = other.restore(throughText(one.save()));
    expect(other.save()).toEqual(create().save());
    take();
    for (const each of [one, other]) each.update(gradientOf(3), 3);
    expect(other.save()).toEqual(one.save());
  });

  it("refuses what does not fit", () => {
    const { meta, tensors } = create().save();
    expect(() => create().restore({ meta: {}, tensors })).toThrow(FormatError);
    const short = { ...tensors, parameters: { shape: [9], data: new Float32Array(9) } };
    expect(() => create().restore({ meta, tensors: short })).toThrow("no tensor parameters of 10 numbers");
  });
});
