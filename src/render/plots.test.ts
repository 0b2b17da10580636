import { parseHTML } from "linkedom";
import { describe, expect, it } from "vitest";
import type { LossChart, LossPoint } from "./lossChart.ts";
import { lossCurve } from "./plots.ts";

/** The coordinates of a path, as a flat list of x, y. */
const coordinates = (path: Element) =>
  path
    .getAttribute("d")!
    .split(/[MLZ,]/)
    .filter(Boolean)
    .map(Number);
const heights = (line: readonly number[]) => line.filter((_, i) => i % 2 === 1);

function draw(points: readonly LossPoint[], what?: LossChart) {
  const svg = lossCurve(points, what);
  const { document } = parseHTML(`<html><body>${svg}</body></html>`);
  return {
    svg,
    texts: [...document.querySelectorAll("text")].map((text) => text.textContent),
    /** The faint line, then the smooth one. */
    lines: [...document.querySelectorAll('[aria-label="line"] path')].map(coordinates),
  };
}
const falling = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ step: i + 1, loss: 10 ** (-1 - (3 * i) / (count - 1)) }));

/** Height of the label of a curve's end, its shift included. */
function labelHeight(svg: string, name: string): number {
  const { document } = parseHTML(`<html><body>${svg}</body></html>`);
  const label = [...document.querySelectorAll("text")].find(
    ({ textContent }) => textContent?.startsWith(`${name} `) ?? false,
  )!;
  const moves = [label, label.parentElement!].map((part) => part.getAttribute("transform") ?? "");
  const heightsMoved = moves.map((text) => Number(/translate\([^,]*,([^)]*)\)/.exec(text)?.[1] ?? 0));
  return heightsMoved.reduce((sum, y) => sum + y, 0);
}

/** Falling as {@link falling}, the best of each generation a fixed part of the mean. */
function generations(ratio: number): LossPoint[] {
  return falling(50).map((point) => ({ ...point, best: point.loss / ratio }));
}

describe("lossCurve", () => {
  it("is a document of its own, with a background", () => {
    const { svg } = draw(falling(10));
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    expect(svg).toMatch(/^<svg [^>]*><rect fill="#ffffff" height="440" width="800"/);
  });

  it("labels decades, steps, axes and the final mean", () => {
    const { texts } = draw(falling(4000));
    expect(texts).toEqual(
      expect.arrayContaining([
        "Loss",
        "training step",
        "10⁻¹",
        "10⁻²",
        "10⁻³",
        "10⁻⁴",
        "0",
        "1,000",
        "4,000",
      ]),
    );
    // The mean of the last 51 of 4000 steps over three decades: half a window above the end, 10^-3.98.
    expect(texts).toContain("1.0 × 10⁻⁴");
  });

  it("draws a straight line for an exponential fall", () => {
    const [raw] = draw(falling(101)).lines;
    const slopes = Array.from(
      { length: 100 },
      (_, i) => (raw[i * 2 + 3] - raw[i * 2 + 1]) / (raw[i * 2 + 2] - raw[i * 2]),
    );
    for (const slope of slopes) expect(slope).toBeCloseTo(slopes[0], 1); // coordinates have three decimals
    expect(slopes[0]).toBeGreaterThan(0);
  });

  it("averages noise away but keeps its spikes in the faint line", () => {
    const points = Array.from({ length: 20_000 }, (_, i) => ({
      step: i,
      loss: i === 12_345 ? 1 : i % 2 ? 0.02 : 0.005,
    }));
    const [raw, smooth] = draw(points).lines;
    expect(raw.length).toBeLessThan(4000);
    expect(Math.min(...heights(raw))).toBeLessThan(Math.min(...heights(smooth)) - 100);
    // One spike a hundredfold above 0.01 moves a mean over 501 points by 0.4 % of a decade.
    expect(Math.max(...heights(smooth)) - Math.min(...heights(smooth))).toBeLessThan(10);
  });

  it("leaves out losses that are no positive number", () => {
    const points = [
      { step: 1, loss: 0.1 },
      { step: 2, loss: null },
      { step: 3, loss: NaN },
      { step: 4, loss: 0 },
      { step: 5, loss: Infinity },
      { step: 6, loss: 0.01 },
    ];
    expect(draw(points).lines[0]).toHaveLength(4);
  });

  it.each([0, 1, 2])("draws %i steps without a stray number", (count) => {
    const { svg, texts } = draw(falling(3).slice(0, count));
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    expect(texts.includes("no training steps yet")).toBe(count === 0);
  });

  describe("of a population", () => {
    const evolution: LossChart = {
      unit: "generation",
      subtitle: "mean and best",
      lines: [
        { field: "loss", name: "mean" },
        { field: "best", name: "best" },
      ],
    };

    it("draws the mean and the best, each with its name, the mean on top", () => {
      const { texts, lines } = draw(generations(10), evolution);
      expect(texts).toEqual(
        expect.arrayContaining(["Loss", "generation", "mean 1.1 × 10⁻⁴", "best 1.1 × 10⁻⁵"]),
      );
      const [best, , mean] = lines.map(heights);
      // A tenth of the loss lies one decade lower. The axis has four and a margin on 288 pixels.
      const decade = 288 / (4 + 2 * Math.log10(1.25));
      mean.forEach((height, i) => expect(best[i] - height).toBeCloseTo(decade, 2)); // coordinates have three decimals
    });

    it.each([1, 1.01, 1.2])("keeps the labels of losses that differ by a factor of %f apart", (ratio) => {
      const { svg } = draw(generations(ratio), evolution);
      expect(labelHeight(svg, "best") - labelHeight(svg, "mean")).toBeGreaterThanOrEqual(18 - 0.01); // coordinates have three decimals
    });

    it("says when there are none", () => {
      expect(draw([], evolution).texts).toContain("no generations yet");
    });
  });
});
