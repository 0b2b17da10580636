import { describe, expect, it } from "vitest";
import { UserError } from "../errors.ts";
import { firstDifference, mergeConfig, parseSetting, withChanges } from "./config.ts";

describe("mergeConfig", () => {
  it("goes field by field", () => {
    expect(mergeConfig({ a: { b: 1, c: 2 }, d: 3 }, { a: { c: 4 } })).toEqual({ a: { b: 1, c: 4 }, d: 3 });
  });

  it("replaces lists, plain values and null", () => {
    expect(mergeConfig({ a: [1, 2], b: { c: 1 }, d: null }, { a: [3], b: null, d: { e: 1 } })).toEqual({
      a: [3],
      b: null,
      d: { e: 1 },
    });
  });

  it("replaces an object by one of another kind", () => {
    const base = { schedule: { kind: "cosine", final: 0.1 } };
    expect(mergeConfig(base, { schedule: { kind: "constant" } })).toEqual({ schedule: { kind: "constant" } });
    expect(mergeConfig(base, { schedule: { kind: "cosine" } })).toEqual(base);
  });

  it("leaves prototypes alone", () => {
    const merged = mergeConfig({}, JSON.parse('{ "__proto__": { "polluted": 1 } }'));
    expect("polluted" in {}).toBe(false);
    expect(Object.getPrototypeOf(merged)).toBe(Object.prototype);
  });
});

describe("parseSetting", () => {
  it.each([
    ["seed=3", { seed: 3 }],
    ["training.learningRate=1e-3", { training: { learningRate: 1e-3 } }],
    ["training.rollout=[32,48]", { training: { rollout: [32, 48] } }],
    ["training.pool=null", { training: { pool: null } }],
    ["target.source=a=b.png", { target: { source: "a=b.png" } }],
    ["recipe=growing", { recipe: "growing" }],
  ])("%s", (text, change) => {
    expect(parseSetting(text)).toEqual(change);
  });

  it.each(["", "seed", "=1", "a..b=1", ".a=1"])("refuses %j", (text) => {
    expect(() => parseSetting(text)).toThrow(UserError);
    expect(() => parseSetting(text)).toThrow("write name=value");
  });
});

it("withChanges puts settings over overrides, in order, and those over what there is", () => {
  const base = { seed: 1, training: { steps: 1, batch: 1, rollout: 1 } };
  const overrides = { training: { steps: 2, batch: 2 } };
  const sets = ["training.steps=3", "training.steps=4"];
  expect(withChanges(base, { overrides, sets })).toEqual({
    seed: 1,
    training: { steps: 4, batch: 2, rollout: 1 },
  });
  expect(withChanges(base, {})).toEqual(base);
});

describe("firstDifference", () => {
  const config = { seed: 0, rule: { hidden: [8], alive: null }, kernels: [{ taps: [1] }] };

  it.each([
    [{ seed: 1 }, "seed", 0, 1],
    [{ rule: { hidden: [8, 8], alive: null } }, "rule.hidden", [8], [8, 8]],
    [{ rule: { hidden: [8] } }, "rule.alive", null, undefined],
    [{ kernels: [{ taps: [2] }] }, "kernels", [{ taps: [1] }], [{ taps: [2] }]],
    [{ more: {} }, "more", undefined, {}],
  ])("to %j", (change, path, before, after) => {
    expect(firstDifference(config, { ...config, ...change })).toEqual({ path, values: [before, after] });
  });

  it("is none of equal values", () => {
    expect(firstDifference(config, structuredClone(config))).toBeUndefined();
    expect(firstDifference({ a: undefined }, {})).toBeUndefined();
  });
});
