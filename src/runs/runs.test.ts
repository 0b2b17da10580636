import { describe, expect, it } from "vitest";
import { FormatError, UserError } from "../errors.ts";
import { recentLoss } from "./model.ts";
import { parseFacts, recordJson, splitRecord } from "./record.ts";
import { Recurrence } from "./recurrence.ts";

describe("the loss of a model", () => {
  it("is the mean of the last fifty steps that were not skipped", () => {
    const losses = Array.from({ length: 60 }, (_, i) => i);
    expect(recentLoss(losses)).toBe((10 + 59) / 2);
    losses[59] = NaN;
    expect(recentLoss(losses)).toBe((10 + 58) / 2);
    expect([recentLoss([]), recentLoss([NaN])]).toEqual([undefined, undefined]);
  });
});

describe("a recurrence", () => {
  it("is due after its interval, and at once where it is hastened", () => {
    const save = new Recurrence(20, 100);
    expect([save.isDue(119), save.isDue(120)]).toEqual([false, true]);
    save.done(125);
    expect(save.isDue(144)).toBe(false);
    save.hasten();
    expect(save.isDue(0)).toBe(true);
    expect(new Recurrence(0, 5).isDue(5)).toBe(true);
  });
});

describe("the record of a run", () => {
  const facts = {
    version: "1.0.0",
    experiment: "evolve",
    engine: { name: "wasm", build: "strict", threads: 2 } as const,
    picture: { name: "lizard", description: "a lizard" },
  };

  it("comes back from its JSON", () => {
    const config = { seed: 3, training: { steps: 1 } };
    const json: unknown = JSON.parse(JSON.stringify({ ...facts, ...config }));
    const { facts: read, overrides } = splitRecord(json);
    expect(parseFacts(read)).toEqual(facts);
    expect(overrides).toEqual(config);
    // @ts-expect-error A configuration has a rule.
    expect(recordJson({ ...facts, config })).toEqual(json);
  });

  it("keeps what an engine was chosen by, and those before it", () => {
    const seconds = { wasm: 0.5, webgpu: null };
    const earlier = [{ name: "webgpu", build: "float32 on a card", until: 7 }];
    for (const auto of [{ steps: 8, samples: 2, seconds }, "there is no card"]) {
      const record = { ...facts, engine: { ...facts.engine, auto, earlier } };
      expect(parseFacts(record)).toEqual(record);
    }
    expect(() => parseFacts({ ...facts, engine: { ...facts.engine, name: "auto" } })).toThrow(UserError);
  });

  it("is of grow where it does not say", () => {
    const { experiment: _, ...older } = facts;
    expect(parseFacts(older).experiment).toBe("grow");
  });

  it("names its fault", () => {
    expect(() => splitRecord([])).toThrow(FormatError);
    expect(() => parseFacts({ ...facts, experiment: "../evolve" })).toThrow(UserError);
    expect(() => parseFacts({ ...facts, engine: { ...facts.engine, threads: 1.5 } })).toThrow(
      /engine\.threads is 1\.5/,
    );
  });
});
