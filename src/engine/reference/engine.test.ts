import { describe, expect, it } from "vitest";
import { longCases, smallRule } from "../../conformance/cases.ts";
import { drawCalmScenario } from "../../conformance/scenario.ts";
import { disc } from "../../conformance/starts.ts";
import { referenceEngine } from "./engine.ts";
import { aliveMask } from "../../step/masks.ts";

describe("referenceEngine", () => {
  it("names itself and its precision", () => {
    expect(referenceEngine()).toMatchObject({ name: "reference", build: "float32" });
    expect(referenceEngine({ precision: "float64" }).build).toBe("float64");
  });

  it("hands states on in full precision", async () => {
    const engine = referenceEngine({ precision: "float64" });
    const { request } = drawCalmScenario({ rule: smallRule(), grid: [9, 8], starts: [disc], steps: 8 });
    const whole = await engine.rollout(request);
    const half = { ...request, steps: 4, keep: [] };
    const { final } = await engine.rollout(half);
    const handedOn = await engine.rollout({ ...half, states: final, firstStep: 4 });
    const rounded = await engine.rollout({ ...half, states: [await final[0].read()], firstStep: 4 });
    expect(await handedOn.final[0].read()).toEqual(await whole.final[0].read());
    expect(await rounded.final[0].read()).not.toEqual(await whole.final[0].read());
  });

  it("lets other tasks run during a long rollout", async () => {
    const { request } = drawCalmScenario({ rule: smallRule(), grid: [16, 16], starts: [disc] });
    const controller = new AbortController();
    let others = 0;
    const timer = setInterval(() => {
      if (++others === 3) controller.abort();
    });
    const { signal } = controller;
    await expect(
      referenceEngine().rollout({ ...request, steps: 1 << 23, keep: [], signal }),
    ).rejects.toThrow();
    clearInterval(timer);
    expect(others).toBe(3);
  });
});

describe("the long conformance case", () => {
  it.each(Object.entries(longCases))("%s: many cells come alive, and many die", async (_, what) => {
    const { request } = drawCalmScenario(what, { kinks: false });
    const { rule, grid } = request;
    const keep = Array.from({ length: Number(what.steps) + 1 }, (_step, t) => t);
    const rollout = await referenceEngine().rollout({ ...request, keep });
    const masks = await Promise.all(
      keep.map(async (t) => aliveMask(rule, grid, await rollout.kept(0, t).read())),
    );
    const changes = (by: number) =>
      masks
        .slice(1)
        .reduce((sum, mask, t) => sum + mask.filter((lives, n) => lives - masks[t][n] === by).length, 0);
    expect(changes(1)).toBeGreaterThan(50);
    expect(changes(-1)).toBeGreaterThan(50);
  });
});
