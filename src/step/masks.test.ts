import { describe, expect, it } from "vitest";
import { smallRule } from "../conformance/cases.ts";
import type { Floats } from "./floats.ts";
import { aliveMask, countLiving, fireMask } from "./masks.ts";

const rule = smallRule({ channels: 1, alive: { threshold: 0.1 } });

/** One character a cell. */
function picture(mask: Uint8Array, width: number): string[] {
  const cells = [...mask].map((value) => (value ? "#" : "."));
  return Array.from({ length: mask.length / width }, (_, y) =>
    cells.slice(y * width, (y + 1) * width).join(""),
  );
}

/** Of a single cell: whether it is alive, and how many live. */
function one(S: Floats): number[] {
  return [aliveMask(rule, [1, 1], S)[0], countLiving(rule, S)];
}

function countFired(fireRate: number): number {
  return fireMask({ ...rule, fireRate }, [20, 20], 1, 2, 3).reduce((sum, fired) => sum + fired, 0);
}

describe("aliveMask", () => {
  const twoCells = new Float64Array(5 * 6);
  twoCells[0] = 0.2;
  twoCells[3 * 6 + 3] = 0.2;

  it("covers the 3x3 neighbourhood of living cells", () => {
    expect(picture(aliveMask(rule, [5, 6], twoCells), 6)).toEqual([
      "##....",
      "##....",
      "..###.",
      "..###.",
      "..###.",
    ]);
  });

  it("covers these alone where it reaches no further", () => {
    for (const boundary of ["zero", "wrap"] as const) {
      const own = { ...rule, boundary, alive: { ...rule.alive, reach: 0 } } as const;
      expect(picture(aliveMask(own, [5, 6], twoCells), 6)).toEqual([
        "#.....",
        "......",
        "......",
        "...#..",
        "......",
      ]);
    }
  });

  it("goes around the edges of a torus", () => {
    const torus = { ...rule, boundary: "wrap" } as const;
    expect(picture(aliveMask(torus, [5, 6], twoCells), 6)).toEqual([
      "##...#",
      "##...#",
      "..###.",
      "..###.",
      "######",
    ]);
  });

  it("needs more than the threshold, in the precision of the state; NaN is not more", () => {
    expect(one(new Float64Array([0.1]))).toEqual([0, 0]);
    expect(one(new Float64Array([0.1 + 2 ** -50]))).toEqual([1, 1]);
    expect(one(new Float32Array([0.1]))).toEqual([0, 0]);
    expect(one(new Float32Array([0.1 + 2 ** -25]))).toEqual([1, 1]);
    expect(one(new Float64Array([NaN]))).toEqual([0, 0]);
  });
});

describe("countLiving", () => {
  it("counts cells above the threshold, not their neighbours; all cells without a mask", () => {
    const S = new Float32Array([0.5, 0, 0.05, 0.2]);
    expect(countLiving(rule, S)).toBe(2);
    expect(countLiving({ ...rule, alive: { ...rule.alive, mask: "none" } }, S)).toBe(4);
  });
});

describe("fireMask", () => {
  it("fires nowhere at rate 0 and everywhere at rate 1", () => {
    expect([countFired(0), countFired(1)]).toEqual([0, 400]);
  });
});
