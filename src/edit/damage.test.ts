import { describe, expect, it } from "vitest";
import type { Plane } from "../rule/grid.ts";
import { applyDamage, type DamageKind, damageKinds, drawDamageKind } from "./damage.ts";

/** The grid after damage, one row a line: `.` for a damaged cell, `#` for a whole one. */
function damaged(kind: DamageKind, [height, width]: Plane = [7, 7], index = 0): string[] {
  const state = new Float32Array(height * width * 2).fill(1);
  applyDamage(state, [height, width], 2, kind, [5, 9, index]);
  const cells = state.filter((_, i) => i % 2 === 0);
  expect(state.filter((_, i) => i % 2 === 1)).toEqual(cells);
  return Array.from({ length: height }, (_, y) =>
    Array.from(cells.subarray(y * width, (y + 1) * width), (value) => (value === 0 ? "." : "#")).join(""),
  );
}

describe("applyDamage", () => {
  it.each<[DamageKind, string[]]>([
    ["half-left", ["..##", "..##", "..##"]],
    ["half-right", ["##..", "##..", "##.."]],
    ["half-top", ["....", "####", "####"]],
    ["half-bottom", ["####", "####", "...."]],
  ])("%s", (kind, rows) => {
    expect(damaged(kind, [3, 4])).toEqual(rows);
  });

  it("a core is a large disc near the centre, the rim stays whole", () => {
    for (let i = 0; i < 100; i++) {
      const rows = damaged("core", [41, 41], i);
      const count = rows.join("").split(".").length - 1;
      // Radii of 6 and 8.4 cells.
      expect(count).toBeGreaterThan(100);
      expect(count).toBeLessThan(232);
      expect(rows[20][20]).toBe(".");
      expect([rows[0], rows[40]]).toEqual(["#".repeat(41), "#".repeat(41)]);
      expect(rows.every((row) => row.startsWith("#####") && row.endsWith("#####"))).toBe(true);
    }
    expect(damaged("core", [41, 41], 1)).not.toEqual(damaged("core", [41, 41], 2));
  });

  it("hole is a centred disc", () => {
    const rows = damaged("hole", [9, 9]);
    expect(rows.slice(3, 6)).toEqual(["####.####", "###...###", "####.####"]);
    expect(rows.join("").replaceAll("#", "")).toHaveLength(5);
  });

  it("circle has the article's centres and radii", () => {
    const cells = Array.from({ length: 100 }, (_, i) => damaged("circle", [41, 41], i));
    const sizes = cells.map((rows) => rows.join("").replaceAll("#", "").length);
    // Discs of radius 0.1 to 0.4 of 20 cells cover pi * 2^2 = 13 to pi * 8^2 = 201 cells; the grid rounds by a few.
    expect(Math.min(...sizes)).toBeGreaterThan(8);
    expect(Math.min(...sizes)).toBeLessThan(30);
    expect(Math.max(...sizes)).toBeLessThan(206);
    expect(Math.max(...sizes)).toBeGreaterThan(160);
    // Centres within 0.5, radii within 0.4: nothing beyond 0.9 of the half-size, which is 18 cells.
    for (const rows of cells)
      expect(rows.map((row) => row.slice(0, 2) + row.slice(-2)).join("")).not.toContain(".");
  });

  it("half is one side of a line in any direction, near the centre", () => {
    const sizes = Array.from({ length: 100 }, (_, i) => {
      const rows = damaged("half", [41, 41], i);
      // A line near the centre leaves some corners on either side.
      expect(new Set([0, 40].flatMap((y) => [rows[y][0], rows[y][40]])).size).toBe(2);
      return rows.join("").replaceAll("#", "").length / 41 ** 2;
    });
    // At 0.25 from the centre and parallel to a side, the line leaves 0.375 of the square on one side; slanted, about as much.
    expect(Math.min(...sizes)).toBeGreaterThan(0.3);
    expect(Math.max(...sizes)).toBeLessThan(0.7);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeGreaterThan(0.15);
  });

  it("band lies between two parallels, of any direction, and leaves something on both sides", () => {
    const widths = Array.from({ length: 100 }, (_, i) => {
      const rows = damaged("band", [41, 41], i);
      const corners = new Set([0, 40].flatMap((y) => [rows[y][0], rows[y][40]]));
      expect(corners).toContain("#");
      return rows.join("").replaceAll("#", "").length / 41 ** 2;
    });
    // 0.2 to 0.5 wide on a square of side 2: a tenth to a quarter of it where parallel to a side, up to 1.41 times that slanted.
    expect(Math.min(...widths)).toBeGreaterThan(0.08);
    expect(Math.min(...widths)).toBeLessThan(0.13);
    expect(Math.max(...widths)).toBeLessThan(0.37);
    expect(Math.max(...widths)).toBeGreaterThan(0.25);
  });

  it("draws the same from the same words, and another from others", () => {
    expect(damaged("circle", [41, 41], 1)).toEqual(damaged("circle", [41, 41], 1));
    expect(damaged("circle", [41, 41], 1)).not.toEqual(damaged("circle", [41, 41], 2));
  });
});

describe("drawDamageKind", () => {
  it("draws every kind offered and no other", () => {
    const drawn = new Set(Array.from({ length: 200 }, (_, i) => drawDamageKind(damageKinds, [1, 2, i])));
    expect(drawn).toEqual(new Set(damageKinds));
    expect(drawDamageKind(["hole"], [1, 2, 3])).toBe("hole");
  });
});
