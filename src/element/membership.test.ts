import { expect, it } from "vitest";
import { membershipPaths } from "./membership.ts";

it("draws an area by rows, and borders where models meet", () => {
  const cells = Uint8Array.of(0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1);
  expect(membershipPaths(cells, [3, 4])).toEqual({
    area: "M1 0H3V1H1ZM1 1H2V2H1ZM3 2H4V3H3Z",
    border: "M2 1H3M1 2H2M3 2H4M1 0V2M2 1V2M3 0V1M3 2V3",
  });
});

it("draws no border where all cells run one model", () => {
  expect(membershipPaths(new Uint8Array(6), [2, 3])).toEqual({ area: "", border: "" });
  expect(membershipPaths(new Uint8Array(6).fill(1), [2, 3])).toEqual({
    area: "M0 0H3V1H0ZM0 1H3V2H0Z",
    border: "",
  });
});
