import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "playground/src/**/*.test.ts", "test/**/*.test.ts", "examples/**/*.test.mjs"],
    testTimeout: 120_000,
    hookTimeout: 180_000,
    // One fewer by default, which of two processors leaves one idle.
    maxWorkers: availableParallelism(),
  },
});
