import { describe, expect, it } from "vitest";
import { LiveArea } from "./liveArea.ts";
import { hasTrueColour } from "../train/liveReport.ts";
import { clockTime, duration, Pace } from "./pace.ts";
import { progressLine } from "./progressBar.ts";
import { programName, quoted } from "./shell.ts";

/** A live area on a terminal that remembers what was written last, but for the marks of a drawing's begin and end. */
function liveArea(columns: number) {
  let last = "";
  const terminal = {
    columns,
    rows: 24,
    write: (text: string) => (last = text.replace("\x1b[?2026h", "").replace("\x1b[?2026l", "")),
  };
  return { area: new LiveArea(terminal), terminal, last: () => last };
}

describe("LiveArea", () => {
  it("draws over what it drew before, and nothing else", () => {
    const { area, last } = liveArea(20);
    area.draw(["one", "two"]);
    expect(last()).toBe("one\x1b[K\ntwo\x1b[K\n\x1b[J");
    area.draw(["three"]);
    expect(last()).toBe("\r\x1b[2Athree\x1b[K\n\x1b[J");
    area.keep();
    area.draw(["four"]);
    expect(last()).toBe("four\x1b[K\n\x1b[J");
    area.clear();
    expect(last()).toBe("\r\x1b[1A\x1b[J");
  });

  it("goes back over lines that a narrower window wraps; colours take no room", () => {
    const { area, terminal, last } = liveArea(20);
    area.draw([`\x1b[31m${"x".repeat(12)}\x1b[0m`, ""]);
    terminal.columns = 8;
    area.draw([]);
    expect(last()).toBe("\r\x1b[3A\x1b[J");
  });
});

describe("progressLine", () => {
  const words = ["50/100", "loss 1.00e-3", "2.0 steps/s"];
  it("fills the width up to a bar of 40", () => {
    expect(progressLine(0.5, words, 100)).toBe(`${"█".repeat(20)}${"░".repeat(20)}  ${words.join("  ")}`);
    expect(progressLine(0.25, words, 50)).toHaveLength(50);
  });

  it.each([1, 5, 12, 20, 30, 43])("never exceeds %i characters", (width) => {
    expect(progressLine(1, words, width).length).toBeLessThanOrEqual(width);
  });

  it("leaves words out from the end", () => {
    expect(progressLine(0, words, 30)).toBe(`${"░".repeat(8)}  50/100  loss 1.00e-3`);
  });
});

it("measures speed over the last ten seconds", () => {
  const pace = new Pace();
  pace.mark(1, 0);
  expect(pace.speed).toBeUndefined();
  pace.mark(11, 1000);
  expect(pace.speed).toBe(10);
  for (let s = 2; s <= 20; s++) pace.mark(11 + (s - 1) * 2, s * 1000);
  expect(pace.speed).toBe(2);
});

it("writes times", () => {
  expect([7, 112, 7509, -1].map(clockTime)).toEqual(["0:07", "1:52", "2:05:09", "0:00"]);
  expect([0.349, 7, 59.6, 112, 7509].map(duration)).toEqual([
    "0.3 s",
    "7.0 s",
    "1 min 0 s",
    "1 min 52 s",
    "2 h 5 min",
  ]);
});

it("knows terminals with 24-bit colours", () => {
  expect(hasTrueColour({ COLORTERM: "truecolor" })).toBe(true);
  expect(hasTrueColour({ COLORTERM: "24bit" })).toBe(true);
  expect(hasTrueColour({ COLORTERM: "truecolor", NO_COLOR: "1" })).toBe(false);
  expect(hasTrueColour({})).toBe(false);
});

it("names commands as they can be typed", () => {
  expect(programName("/usr/local/bin/neoblast")).toBe("neoblast");
  expect(programName("/project/node_modules/.bin/neoblast")).toBe("npx neoblast");
  expect(programName(`${process.cwd()}/bin/neoblast.js`)).toBe("node bin/neoblast.js");
  expect(["runs/lizard-1", "my runs/a'b", "runs/🦎-1"].map(quoted)).toEqual([
    "runs/lizard-1",
    String.raw`'my runs/a'\''b'`,
    "runs/🦎-1",
  ]);
});
