import { describe, expect, it } from "vitest";
import { layoutSheet, layoutTable, type Sheet } from "./sheet.ts";
import { textOutline, textWidth } from "./text.ts";

const picture = { width: 30, height: 20, data: new Uint8ClampedArray(30 * 20 * 4) };
const panels = (count: number) => Array.from({ length: count }, (_, i) => ({ caption: String(i), picture }));

describe("layoutSheet", () => {
  it.each([
    [1, 1, 1],
    [6, 6, 1],
    [7, 4, 2],
    [12, 6, 2],
    [13, 5, 3],
  ])(
    "places %i pictures in %i columns and %i rows, none over another, all inside",
    (count, columns, rows) => {
      const { width, height, pictures } = layoutSheet(panels(count));
      expect(new Set(pictures.map(({ left }) => left)).size).toBe(columns);
      expect(new Set(pictures.map(({ top }) => top)).size).toBe(rows);
      for (const [i, a] of pictures.entries()) {
        expect(a.left >= 0 && a.top >= 0 && a.left + 30 <= width && a.top + 20 <= height).toBe(true);
        const covered = pictures
          .slice(0, i)
          .some((b) => Math.abs(a.left - b.left) < 30 && Math.abs(a.top - b.top) < 20);
        expect(covered).toBe(false);
      }
    },
  );

  it("centres smaller pictures in their frames", () => {
    const small = { width: 10, height: 10, data: new Uint8ClampedArray(400) };
    const [large, centred] = layoutSheet([
      { caption: "0", picture },
      { caption: "target", picture: small },
    ]).pictures;
    expect(centred.left - large.left).toBe(30 + 28 + 10); // frame, gap, half of what is left
    expect(centred.top - large.top).toBe(5);
  });

  it("draws its captions as outlines, for machines without fonts", () => {
    const { svg } = layoutSheet(panels(3));
    expect(svg).not.toMatch(/<text|font/);
    expect(svg.match(/<g /g)).toHaveLength(3);
  });
});

const row = (label: string, notes: string[] = []) => ({ label, notes, pictures: [picture, picture] });
const leftOf = ({ pictures: [{ left }] }: Sheet) => left;

const table = (...labels: string[]) =>
  layoutTable(
    ["before", "after"],
    labels.map((label) => row(label)),
  );

describe("layoutTable", () => {
  it("places pictures in rows and columns, none over another, all inside", () => {
    const { width, height, pictures } = table("one", "two", "three");
    const columns = [...new Set(pictures.map(({ left }) => left))];
    const rows = [...new Set(pictures.map(({ top }) => top))];
    expect([columns.length, rows.length]).toEqual([2, 3]);
    expect(pictures.map(({ left, top }) => [left, top])).toEqual(
      rows.flatMap((top) => columns.map((left) => [left, top])),
    );
    expect(columns[1] - columns[0]).toBeGreaterThan(30);
    expect(rows[1] - rows[0]).toBeGreaterThan(20);
    // The margin to the right and below.
    expect([width - columns[1] - 30, height - rows[2] - 20]).toEqual([56, 56]);
  });

  it("gives the longest of labels and notes its room", () => {
    expect(leftOf(table("longer", "x"))).toBe(56 + Math.ceil(textWidth("longer", 22)) + 28);
    const noted = layoutTable(["before", "after"], [row("x", ["a note that is longer", "y"])]);
    expect(leftOf(noted)).toBe(56 + Math.ceil(textWidth("a note that is longer", 18)) + 28);
  });

  it("draws headings, labels and notes as outlines, and a frame for each picture", () => {
    const { svg } = layoutTable(["before", "after"], [row("one", ["a", "b"]), row("two")]);
    expect(svg).not.toMatch(/<text|font/);
    expect(svg.match(/<g /g)).toHaveLength(2 + 2 + 2);
    // One more for the paper.
    expect(svg.match(/<rect /g)).toHaveLength(4 + 1);
  });
});

type Anchor = "start" | "middle" | "end";
const start = (anchor: Anchor) =>
  Number(
    /translate\(([-\d.]+) /.exec(textOutline("16", { x: 100, y: 0, size: 10, fill: "#000", anchor }))![1],
  );

describe("text", () => {
  it("is as wide as its characters", () => {
    expect(textWidth("", 10)).toBe(0);
    expect(textWidth("00", 10)).toBeCloseTo(2 * textWidth("0", 10), 12);
    expect(textWidth("target", 20)).toBe(2 * textWidth("target", 10));
  });

  it("stands where it is anchored", () => {
    expect(start("start")).toBe(100);
    expect(start("middle")).toBe(100 - textWidth("16", 10) / 2);
    expect(start("end")).toBe(100 - textWidth("16", 10));
  });

  it("has a stand-in for characters it cannot draw", () => {
    expect(textWidth("🦎", 10)).toBe(textWidth("-", 10));
    expect(textOutline("<&", { x: 0, y: 0, size: 1, fill: "#000" })).not.toContain("<&");
  });
});
