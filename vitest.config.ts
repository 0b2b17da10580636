import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/** Tests that put something in the place of modules of Node. */
const MOCKING = "src/**/*.faults.test.ts";

export default defineConfig({
  test: {
    testTimeout: 120_000,
    hookTimeout: 180_000,
    setupFiles: ["test/equality.ts"],
    // One fewer by default, which of two processors leaves one idle.
    maxWorkers: availableParallelism(),
    projects: [
      {
        extends: true,
        test: {
          name: "all",
          include: [
            "src/**/*.test.ts",
            "playground/src/**/*.test.ts",
            "test/**/*.test.ts",
            "examples/**/*.test.mjs",
          ],
          exclude: [MOCKING],
          // Files take turns in a process, and what Node itself loads stays. All else each file has anew.
          isolate: false,
        },
      },
      { extends: true, test: { name: "alone", include: [MOCKING] } },
    ],
  },
});
