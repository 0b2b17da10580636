import { expect, it } from "vitest";
import { tracesCsv } from "./traces.ts";

it("is a table of every number, each as exact as float32", () => {
  const traces = Float32Array.of(0, 1, 0.1, -1 / 3, 1e-30, 3.4028234663852886e38, NaN, -Infinity);
  const csv = tracesCsv(
    traces,
    [
      [4, 7],
      [0, 2],
    ],
    2,
  );
  const [head, ...lines] = csv.trimEnd().split("\n");
  expect(head).toBe("step,row,column,channel 0,channel 1");
  const rows = lines.map((line) => line.split(",").map(Number));
  expect(rows.map((row) => row.slice(0, 3))).toEqual([
    [0, 4, 7],
    [0, 0, 2],
    [1, 4, 7],
    [1, 0, 2],
  ]);
  expect(Float32Array.from(rows.flatMap((row) => row.slice(3)))).toEqual(traces);
  expect(lines[1]).toBe("0,0,2,0.100000001,-0.333333343");
});
