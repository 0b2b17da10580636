import { parseHTML } from "linkedom";
import { describe, expect, it } from "vitest";
import { splitRule } from "../model/pictureRule.ts";
import { picturePresets } from "../model/presets.ts";
import { channelStyles } from "./channels.ts";
import { thinned } from "./chart.ts";
import { cellChart, countsChart } from "./traces.ts";

function read(svg: string) {
  const { document } = parseHTML(`<html><body>${svg}</body></html>`);
  const lines = [...document.querySelectorAll('[aria-label="line"]')].map((line) => ({
    colour: line.getAttribute("stroke"),
    dash: line.getAttribute("stroke-dasharray"),
    path: line.querySelector("path")?.getAttribute("d") ?? "",
  }));
  return {
    lines,
    texts: [...document.querySelectorAll("text")].map((text) => text.textContent),
    rules: [...document.querySelectorAll('[aria-label="rule"] line')].map((rule) => [
      Number(rule.getAttribute("x1")),
      Number(rule.getAttribute("x2")),
    ]),
  };
}
/** The points of a path, as [x, y]. */
const points = (path: string) =>
  path
    .slice(1)
    .split(/[ML]/)
    .map((point) => point.split(",").map(Number));

const rule = { ...picturePresets.distill, channels: 6 };
const styles = channelStyles(splitRule(rule));
/** Channel c rises from 0 to c in ten steps. */
const rising = Float32Array.from({ length: 66 }, (_, i) => ((i % 6) * Math.floor(i / 6)) / 10);

describe("cellChart", () => {
  it("draws the picture's channels above the hidden ones, each in its colour", () => {
    const { lines, texts } = read(cellChart([3, 4], rising, styles, []));
    expect(lines.map(({ colour }) => colour)).toEqual(styles.map(({ colour }) => colour));
    for (const words of [
      "Picture",
      "Hidden state",
      "channels of the cell in row 3, column 4",
      ...styles.map(({ name }) => name),
    ]) {
      expect(texts).toContain(words);
    }
  });

  it("draws the values: straight lines from 0, as steep as they rise", () => {
    const { lines } = read(cellChart([3, 4], rising, styles, []));
    const rises = lines.map(({ path }) => {
      const [first, ...rest] = points(path);
      expect(rest.length).toBe(10);
      expect(first[0]).toBe(72);
      return first[1] - rest[9][1];
    });
    expect(rises[0]).toBe(0);
    // Coordinates have three decimals.
    expect(rises[3] / rises[1]).toBeCloseTo(3, 2);
    expect(rises[5] / rises[4]).toBeCloseTo(5 / 4, 2);
  });

  it("marks damage by a rule and their kind, as far as there is room", () => {
    const damage = [
      { kind: "half-left", step: 5 },
      { kind: "hole", step: 6 },
      { kind: "circle", step: 5 },
    ];
    const { rules, texts } = read(cellChart([3, 4], rising, styles, damage));
    // The plot is 596 pixels wide, from 72 on; it comes twice, each with a rule at 0.
    const upright = rules.filter(([from, to]) => from === to).map(([x]) => x);
    expect(upright).toEqual([370, 429.6, 370, 370, 429.6, 370]);
    expect(texts.filter((text) => text === "half-left").length).toBe(2);
    expect(texts).not.toContain("circle");
  });

  it("leaves gaps where values are not finite", () => {
    const values = rising.slice();
    for (let step = 3; step < 5; step++) values[step * 6 + 5] = step === 3 ? NaN : Infinity;
    const svg = cellChart([0, 0], values, styles, []);
    expect(svg).not.toMatch(/NaN|Infinity/);
    expect(read(svg).lines[5].path.match(/M/g)).toHaveLength(2);
  });

  it("leaves out the hidden part where there is none", () => {
    const four = channelStyles(splitRule({ ...rule, channels: 4 }));
    const { texts } = read(cellChart([0, 0], new Float32Array(8), four, []));
    expect(texts).not.toContain("Hidden state");
  });

  it("dashes the lines of channels whose colour another has, too", () => {
    const many = channelStyles(splitRule({ ...rule, channels: 20 }));
    const { lines } = read(cellChart([0, 0], new Float32Array(40), many, []));
    expect(lines.map(({ dash }) => Boolean(dash))).toEqual(many.map(({ dash }) => dash.length > 0));
  });
});

describe("countsChart", () => {
  it("shows living cells and the norm over the same steps", () => {
    const { lines, texts } = read(
      countsChart({ mature: [0, 10], growing: [8, 4], norms: [0, 2e6] }, [{ kind: "hole", step: 1 }]),
    );
    expect(lines.map(({ path }) => points(path).map(([x]) => x))).toEqual([
      [72, 668],
      [72, 668],
      [72, 668],
    ]);
    expect(texts).toEqual(expect.arrayContaining(["mature", "growing", "norm", "Living cells", "2M"]));
  });
});

describe("thinned", () => {
  it("keeps every spike, in order", () => {
    const values = Array.from({ length: 10_000 }, (_, i) => (i === 4321 ? 9 : i === 77 ? -9 : i % 2));
    const kept = thinned(values, (value) => value, 500);
    expect(kept.length).toBeLessThanOrEqual(500);
    expect(kept).toContain(9);
    expect(kept.indexOf(-9)).toBeLessThan(kept.indexOf(9));
    expect(thinned([3, 1, 2], (value) => value, 500)).toEqual([3, 1, 2]);
  });
});
