import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { smallRule } from "../src/conformance/cases.ts";
import { expectedOf, expectSame, FLOAT32 } from "../src/conformance/compare.ts";
import { drawCalmScenario, drawScenario, type Scenario } from "../src/conformance/scenario.ts";
import { disc, mixed } from "../src/conformance/starts.ts";
import {
  createWebgpuEngine,
  DeviceError,
  DeviceLostError,
  type WebgpuEngine,
} from "../src/engine/webgpu/engine.ts";
import { planOf } from "../src/engine/webgpu/plan.ts";
import { tapePlan } from "../src/engine/webgpu/tape.ts";
import { updateShader } from "../src/engine/webgpu/shaders/forward.ts";
import type { Engine } from "../src/engine.ts";
import { referenceEngine } from "../src/engine/reference/engine.ts";
import { createGrowing } from "../src/experiments/growing/growing.ts";
import { resolveGrowingConfig } from "../src/experiments/growing/config.ts";
import { rulePresets } from "../src/rule/presets.ts";
import { splitRule } from "../src/model/pictureRule.ts";
import type { Rule } from "../src/rule/rule.ts";
import { discTarget } from "./drawnPictures.ts";
import { graphicsEngine, noGraphics, noHalfPrecision } from "./graphics.ts";

/** A small training. Software compiles a rule for seconds: tests share this one. */
const smallTraining = (
  target: Readonly<{ size: number; padding: number }>,
  training: Readonly<{ steps: number; rollout: [number, number]; pool: { size: number } }>,
) =>
  resolveGrowingConfig({
    overrides: {
      initial: "random",
      rule: { channels: 8, hidden: [16], seed: { from: 3, to: 8 } },
      target: { source: "disc", ...target },
      training: { batch: 2, validation: null, average: null, ...training },
    },
  });
const fast = smallTraining({ size: 4, padding: 2 }, { steps: 60, rollout: [4, 5], pool: { size: 8 } });
const { rule } = splitRule(fast.rule);

const training = (steps: number): Scenario =>
  drawScenario({ rule, grid: [12, 11], starts: [disc, mixed], steps }, 3);

/** A rollout, its states and its gradients, with nothing left on the device. */
async function trainingStep(engine: WebgpuEngine, { request, cotangents }: Scenario) {
  const rollout = await engine.rollout({ ...request, keep: [], record: true });
  const states = await engine.read(rollout.final);
  const gradients = await rollout.backward({ cotangents, states: true });
  rollout.dispose();
  for (const state of rollout.final) state.dispose();
  return { states, gradients };
}

/** What a small training comes to, step by step. */
async function lossesOf(engine: Engine): Promise<number[]> {
  const trainer = createGrowing({ engine, config: fast, target: discTarget(fast) });
  const losses: number[] = [];
  for await (const { loss } of trainer) losses.push(loss);
  return losses;
}

if (noGraphics === undefined) {
  describe("the webgpu engine", () => {
    /** Shared by tests that leave it as it is: it compiles a rule once. */
    let shared: WebgpuEngine;
    beforeAll(async () => void (shared = await graphicsEngine()));
    afterAll(() => shared.dispose());

    it("has the same bits again, and with memory for few states", async () => {
      const scenario = training(11);
      const expected = await trainingStep(shared, scenario);
      expect(await trainingStep(shared, scenario)).toEqual(expected);
      const slot = 2 * 12 * 11 * 8 * 4;
      const narrow = await graphicsEngine({ memoryBudget: 7 * slot });
      expect(await trainingStep(narrow, scenario)).toEqual(expected);
      await narrow.dispose();
    });

    it("makes tiles of all sizes, in blocks as large as graphics cards have", async () => {
      const engine = await graphicsEngine({ workgroupBytes: 32768, unroll: 4 });
      const oracle = referenceEngine({ precision: "float64" });
      for (const hidden of [[132]]) {
        const tiled = { ...rulePresets.distill, hidden };
        const scenario = drawCalmScenario({ rule: tiled, grid: [13, 11], starts: [disc], steps: 3 });
        await expectSame(engine, await expectedOf(oracle, scenario), FLOAT32);
      }
      await engine.dispose();
    });

    it("dispatches twice a step and once back, reads back and allocates the same whatever the steps", async () => {
      const countsOf = async (steps: number) => {
        const before = { ...shared.counts };
        await trainingStep(shared, training(steps));
        const { dispatches, bytesRead } = shared.counts;
        return { dispatches: dispatches - before.dispatches, bytesRead: bytesRead - before.bytesRead };
      };
      await countsOf(24);
      const { buffers } = shared.counts;
      const few = await countsOf(24);
      expect(shared.counts.buffers).toBe(buffers + 1);
      const many = await countsOf(32);
      // Sense, update and mask; pull; gather and reduce.
      expect([few.dispatches, many.dispatches]).toEqual([1 + 3 * 24 + 2, 1 + 3 * 32 + 2]);
      expect(many.bytesRead).toBe(few.bytesRead);
    });

    it("takes losses where states lie: a training step reads back gradients and few numbers, no states", async () => {
      const config = smallTraining(
        { size: 8, padding: 16 },
        { steps: 8, rollout: [3, 3], pool: { size: 2 } },
      );
      const trainer = createGrowing({ engine: shared, config, target: discTarget(config) });
      const read: number[] = [];
      let before = shared.counts.bytesRead;
      for await (const { loss } of trainer) {
        expect(loss).toBeGreaterThan(0);
        read.push(shared.counts.bytesRead - before);
        before = shared.counts.bytesRead;
      }
      const gradients = 4 * (24 * 16 + 16 + 16 * 8);
      const state = 4 * 40 * 40 * 8;
      expect(state).toBeGreaterThan(10 * gradients);
      for (const bytes of read.slice(2)) expect(bytes).toBeLessThan(1.5 * gradients + 1000);
    });

    it("trains as the reference does, for 60 steps", async () => {
      const [expected, actual] = await Promise.all([lossesOf(referenceEngine()), lossesOf(shared)]);
      expect(actual).toHaveLength(60);
      // Both round to float32, in other orders; after 60 steps that has come to 1e-7.
      actual.forEach((loss, step) => expect(Math.abs(loss / expected[step] - 1)).toBeLessThan(1e-5));
    });

    it("says when the device is lost, whatever is asked of it", async () => {
      const engine = await graphicsEngine();
      const { request, cotangents } = training(4);
      const rollout = await engine.rollout({ ...request, record: true });
      engine.device.destroy();
      await engine.device.lost;
      for (const refused of [
        () => engine.rollout(request),
        () => engine.read(rollout.final),
        () => rollout.final[0].read(),
        () => rollout.stats(),
        () => rollout.backward({ cotangents }),
      ]) {
        await expect(refused()).rejects.toThrow(DeviceLostError);
      }
      await engine.dispose();
    });

    it("says when the device has no memory left, or fails, and is of no more use then", async () => {
      class GPUOutOfMemoryError extends Error {}
      for (const [error, sentence] of [
        [
          new GPUOutOfMemoryError("no"),
          "the graphics device has no memory left; a smaller batch or grid needs less",
        ],
        [new Error("Something is off.\n - While doing this"), "the graphics device failed: Something is off"],
      ] as const) {
        const engine = await graphicsEngine();
        const event = new Event("uncapturederror", { cancelable: true });
        engine.device.dispatchEvent(Object.assign(event, { error }));
        const { request } = training(4);
        await expect(engine.rollout(request)).rejects.toThrow(new DeviceError(sentence));
        await engine.dispose();
      }
    });

    it("what waits for a device that is lost does not wait for ever", async () => {
      const engine = await graphicsEngine();
      const { request } = training(4);
      const long = engine.rollout({ ...request, keep: [], steps: 1 << 20 });
      setTimeout(() => engine.device.destroy(), 300);
      await expect(long).rejects.toThrow(DeviceLostError);
    });

    it("refuses what the device has no room for, in a sentence", async () => {
      const large = smallRule({ channels: 64, hidden: [] });
      const { parameters } = drawScenario({ rule: large, grid: [2, 2], starts: [disc] }, 1).request;
      const { maxBufferSize, maxStorageBufferBindingSize } = shared.device.limits;
      const most = Math.min(maxBufferSize, maxStorageBufferBindingSize);
      const start = await shared
        .rollout({
          rule: large,
          grid: [2048, 2048],
          parameters,
          states: [new Float32Array(2048 * 2048 * 64)],
          steps: 1,
          seed: 1,
        })
        .catch((error: unknown) => error);
      expect(start).toEqual(
        new RangeError(
          `the rollout needs 2048 MiB in one piece, and the graphics device has at most ${Math.ceil(most / 2 ** 20)}`,
        ),
      );
    });

    it("runs cells in space, which Wasm declines", async () => {
      expect(shared.declines(smallRule({ axes: 3 }), { record: true })).toBeUndefined();
    });

    it("declines layers too wide for a workgroup, and a perception that it has no shaders for", async () => {
      const wide = smallRule({ hidden: [1024, 1024] });
      expect(shared.declines(wide)).toBe(
        "the layers of this rule are too wide for the workgroup memory of the graphics device",
      );
      const other: Rule = Object.assign({}, smallRule(), { perceive: { kind: "hearsay" } });
      const sentence = "the webgpu engine has no shaders for a perception of the kind hearsay";
      expect(shared.declines(other)).toBe(sentence);
    });
  });
} else {
  describe("the webgpu engine", () => it.skip(`is not tested here: ${noGraphics}`, () => {}));
}

describe("a device that does not do", () => {
  it("is refused in a sentence", async () => {
    const none = { requestAdapter: async () => null };
    // @ts-expect-error -- it has no more than is asked of it
    await expect(createWebgpuEngine({ gpu: none })).rejects.toThrow(
      "WebGPU found no graphics device, or is not allowed to use it",
    );
    const limits = { maxStorageBuffersPerShaderStage: 4 };
    const small = { limits, info: { description: "a small one" } };
    // @ts-expect-error -- likewise
    await expect(createWebgpuEngine({ adapter: small })).rejects.toThrow(
      "the graphics device binds 4 storage buffers at once, and 8 are needed",
    );
    const plain = { limits: { maxStorageBuffersPerShaderStage: 8 }, features: new Set<string>() };
    // @ts-expect-error -- likewise
    await expect(createWebgpuEngine({ adapter: plain, halfPrecision: true })).rejects.toThrow(
      "the graphics device does not compute in half precision (shader-f16)",
    );
    await expect(createWebgpuEngine({ memoryBudget: 0 })).rejects.toThrow(
      "memoryBudget must be a positive number of bytes, not 0",
    );
  });
});

describe("half precision", () => {
  /** Bytes that lists take beside blocks, of which half precision needs half as much. */
  const LISTS = 1152;
  const bytes = 8192;
  const single = { workgroupBytes: 2 * (bytes - LISTS) + LISTS, unroll: 4, precision: "f32" } as const;
  const half = { workgroupBytes: bytes, unroll: 4, precision: "f16" } as const;

  it.each([
    ["taps", smallRule()],
    ["filter", smallRule({ perceive: { kind: "filter" } })],
    ["depthwise", smallRule({ perceive: { kind: "depthwise", kernels: 3, size: 3 } })],
    ["attention", smallRule({ perceive: { kind: "attention", heads: 2, size: 4 } })],
  ])("computes the same in other types: %s", (_, seen) => {
    const [one, other] = [single, half].map((tuning) => updateShader(planOf(seen, tuning), false));
    expect(other).toContain("enable f16;\n");
    expect(other.split("var<workgroup> even: array<vec4<f16>,")).toHaveLength(2);
    expect(other.replace("enable f16;\n", "").replaceAll("f16", "f32")).toBe(one);
  });

  if (noHalfPrecision === undefined) {
    it("declines training", async () => {
      const engine = await graphicsEngine({ halfPrecision: true });
      expect(engine.declines(rule)).toBeUndefined();
      expect(engine.declines(rule, { record: true })).toBe("half precision has no gradients");
      await engine.dispose();
    });
  } else {
    it.skip(`is not tested here: ${noHalfPrecision}`, () => {});
  }
});

describe("states on the tape", () => {
  it.each([
    [0, 1],
    [1, 1],
    [10, 100],
    [10, 11],
    [10, 10],
    [10, 7],
    [10, 2],
    [97, 25],
    [96, 22],
  ])("%i steps and room for %i", (steps, fit) => {
    const { slots, segment, slotOf } = tapePlan(steps, true, fit);
    const all = Array.from({ length: steps + 1 }, (_, t) => t);
    expect(Math.max(...all.map(slotOf))).toBeLessThan(slots);
    for (const t of all) {
      // Checkpoints are never written over, and the states of one segment do not disturb each other.
      const others = all.filter(
        (u) => u !== t && (u % segment === 0 || Math.floor(u / segment) === Math.floor(t / segment)),
      );
      expect(others.map(slotOf)).not.toContain(slotOf(t));
    }
    if (fit >= 2 * Math.sqrt(steps) + 1) expect(slots).toBeLessThanOrEqual(fit);
    expect(tapePlan(steps, false, fit)).toMatchObject({ slots: Math.min(2, steps + 1) });
  });
});
