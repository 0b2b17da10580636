import { describe, expect, it } from "vitest";
import { learningRateAt, type Schedule } from "./schedule.ts";

const at = (schedule: Schedule, steps: number[], warmup = 0) =>
  steps.map((step) => learningRateAt({ learningRate: 2, schedule, warmup, steps: 100 }, step));

describe("learningRateAt", () => {
  it.each<[Schedule, number[], number[]]>([
    [{ kind: "constant" }, [0, 50, 99], [2, 2, 2]],
    [{ kind: "step", at: [10, 20], factor: 0.5 }, [9, 10, 19, 20, 99], [2, 1, 1, 0.5, 0.5]],
    [{ kind: "linear", final: 0.5 }, [0, 50, 100, 120], [2, 1.5, 1, 1]],
    [{ kind: "linear", final: 0.5, over: 10 }, [0, 5, 10, 99], [2, 1.5, 1, 1]],
    [{ kind: "exponential", factor: 0.5 }, [0, 1, 3], [2, 1, 0.25]],
    [{ kind: "cosine", final: 0.5, waves: 1 }, [0, 50, 100, 120], [2, 1.5, 1, 1]],
    // Of 25 and 75 steps.
    [{ kind: "cosine", final: 0, waves: 2 }, [0, 25, 100, 120], [2, 1, 0, 0]],
    // Of 10 and 30 steps, and 60 more.
    [{ kind: "cosine", final: 0, waves: 2, over: 40 }, [0, 10, 25, 40, 70, 100], [2, 1, 0.5, 0.5, 0.25, 0]],
    [{ kind: "cosine", final: 0, waves: 1, over: 40, again: 0.2 }, [20, 40, 70], [1, 0.4, 0.2]],
    [{ kind: "cosine", final: 0, waves: 2, over: 120 }, [0, 25, 100], [2, 1, 0]],
  ])("%j", (schedule, steps, expected) => {
    expect(at(schedule, steps)).toEqual(expected);
  });

  it("cosine follows the cosine between its ends", () => {
    // cos 45 degrees = 0.7071067811865476; 1e-12 is far above the rounding of doubles.
    expect(at({ kind: "cosine", final: 0, waves: 1 }, [25])[0]).toBeCloseTo(1 + Math.SQRT1_2, 12);
  });

  it("cosine settles at the end of each wave", () => {
    const rates = at({ kind: "cosine", final: 0, waves: 2 }, [24, 62.5, 99]);
    // 24 of 25 steps: 1 + cos 172.8 degrees; half of 75: half of the half; 74 of 75: half of 1 + cos 177.6 degrees.
    [0.0078853, 0.5, 0.00043855].forEach((rate, i) => expect(rates[i]).toBeCloseTo(rate, 7));
  });

  it("rises in a straight line first, then starts the schedule", () => {
    expect(at({ kind: "linear", final: 0 }, [0, 1, 3, 4, 52, 100], 4)).toEqual([0.5, 1, 2, 2, 1, 0]);
  });

  it("copes with a warm-up longer than training", () => {
    expect(at({ kind: "cosine", final: 0.5, waves: 1 }, [99, 200], 200)).toEqual([1, 1]);
  });
});
