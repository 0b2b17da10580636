import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { wideKernels } from "../engine/wasm/generated/wideKernels.ts";
import { fasterKernels } from "./wideKernels.ts";

const version = Number.parseInt(process.versions.v8);

it("asks only what can make vectors of 256 bits, and once", async () => {
  const possible = version < 13 || process.arch !== "x64" ? [undefined] : [undefined, wideKernels];
  expect(possible).toContain(await fasterKernels());
  expect(fasterKernels()).toBe(fasterKernels());
});

it.skipIf(version < 13 || process.arch !== "x64")("takes the usual ones on a processor without AVX2", () => {
  const module = fileURLToPath(new URL("../../dist/node/wideKernels.js", import.meta.url));
  const program = `import(${JSON.stringify(module)}).then(async ({ fasterKernels }) => console.log(await fasterKernels()))`;
  for (let time = 0; time < 3; time++) {
    const said = execFileSync(process.execPath, ["--no-enable-avx2", "-e", program], { encoding: "utf8" });
    expect(said).toBe("undefined\n");
  }
});
