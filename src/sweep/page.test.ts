import { parseHTML } from "linkedom";
import { describe, expect, it } from "vitest";
import { sweepPage } from "./page.ts";
import type { SweepState } from "./results.ts";

const NASTY = `</title><script>"'&<!--`;

/** Three values of a rate and two of a word, two subjects, two seeds; the last value of the rate was stopped. */
const arms = [0.001, 0.01, 0.1].flatMap((rate) => ["a", NASTY].map((word) => ({ rate, word })));
const runs = arms.flatMap((_, arm) =>
  ["lizard", NASTY].flatMap((subject) =>
    [0, 1].map((seed) => ({ name: `${arm}-${subject}-${seed}`, arm, subject, words: [], seed })),
  ),
);
const state: SweepState = {
  experiment: "grow",
  unit: "step",
  arms,
  runs,
  outcomes: runs.map(({ arm, seed }) => {
    const error = (arm + 1) * (seed + 1) * 0.01;
    return { measured: (arm < 4 ? [0.5, 1] : [0.5]).map((part) => ({ part, steps: 10, loss: 1, error })) };
  }),
  halving: { at: [0.5], keep: 0.66 },
};

describe("the page of a sweep", () => {
  const html = sweepPage(state);
  const { document } = parseHTML(html);
  const figures = [...document.querySelectorAll("figure")];

  it("has a chart for each setting and one of the subjects, with a point for every run", () => {
    expect(figures.map((figure) => figure.querySelector("figcaption")!.textContent)).toEqual([
      "rate",
      "word",
      "trained on",
    ]);
    for (const figure of figures) {
      const points = [...figure.querySelectorAll("circle")];
      expect(points).toHaveLength(runs.length);
      const hollow = points.filter((point) => point.getAttribute("fill") === "var(--screen)");
      expect(hollow).toHaveLength(8);
      expect(new Set(points.map((point) => point.querySelector("title")!.textContent)).size).toBe(
        runs.length,
      );
    }
    // Errors from 0.01 to 0.12 on a logarithmic axis: equal ratios, equal distances.
    const heightOf = (name: string) => {
      const points = [...figures[0].querySelectorAll("circle")];
      const found = points.find((point) => point.querySelector("title")!.textContent.startsWith(`${name}\n`));
      return Number(found!.getAttribute("cy"));
    };
    const [one, two, four] = ["0-lizard-0", "1-lizard-0", "3-lizard-0"].map(heightOf);
    expect(one).toBeGreaterThan(two);
    expect(one - two).toBeCloseTo(two - four, 6);
  });

  it("has the tables, the best arm first", () => {
    const [settings, subjects] = [...document.querySelectorAll("table")].map((table) =>
      [...table.querySelectorAll("tr")].map((row) => [...row.children].map((cell) => cell.textContent)),
    );
    expect(settings[0]).toEqual(["arm", "rate", "word", "runs", "mean error", "best", "worst", "state"]);
    expect(settings.slice(1).map(([arm]) => arm)).toEqual(["1", "2", "3", "4", "5", "6"]);
    expect(settings[6].at(-1)).toBe("stopped at 50%");
    expect(subjects.slice(1).map(([name]) => name)).toEqual(["lizard", NASTY]);
  });

  it("is whole in itself, and says texts in letters", () => {
    expect(html).not.toMatch(/<script|\bsrc=|@import|url\(|<link(?! rel="icon" href="data:,")/);
    expect(
      html.match(/https?:\/\/[^"]*/g)?.filter((url) => !url.startsWith("http://www.w3.org/")) ?? [],
    ).toEqual([]);
    expect(document.querySelector("header p")!.textContent).toBe(
      "16 of 24 runs done, 8 stopped. A point is a run, a dash their median; the smaller the error, the better. Hollow points were measured before the end of their training.",
    );
  });

  it("has room for what is worth it: errors far beyond are triangles at its edge", () => {
    const far = state.outcomes.map(({ measured }, i) => ({
      measured: i < 2 ? [{ ...measured[0], part: 1, error: 1e30 }] : measured,
    }));
    const page = sweepPage({ ...state, outcomes: far });
    expect(page).toContain("Triangles lie beyond the chart.");
    const [first] = [...parseHTML(page).document.querySelectorAll("figure")];
    const points = [...first.querySelectorAll("circle")];
    expect(points).toHaveLength(runs.length - 2);
    const heights = points.map((point) => Number(point.getAttribute("cy")));
    // The others are spread over the chart as before, though a little lower.
    expect(Math.max(...heights) - Math.min(...heights)).toBeGreaterThan(50);
    expect(first.textContent).toContain("error 1.00e+30 after");
  });

  it("can be drawn before anything is measured", () => {
    const none = { ...state, outcomes: runs.map(() => ({ measured: [] })) };
    expect(sweepPage(none)).toContain("nothing measured yet");
    const one = {
      ...none,
      arms: [{}],
      runs: [{ ...runs[0], arm: 0 }],
      outcomes: [{ measured: [] }],
      halving: undefined,
    };
    expect(sweepPage(one)).toContain("<figcaption>seed</figcaption>");
  });
});
