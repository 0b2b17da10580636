import { expect, it } from "vitest";
import { wideKernels } from "../engine/wasm/generated/wideKernels.ts";
import { fasterKernels } from "./wideKernels.ts";

it("asks only what can make vectors of 256 bits, and once", async () => {
  const [version] = process.versions.v8.split(".").map(Number);
  const possible = version < 13 || process.arch !== "x64" ? [undefined] : [undefined, wideKernels];
  expect(possible).toContain(await fasterKernels());
  expect(fasterKernels()).toBe(fasterKernels());
});
