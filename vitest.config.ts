import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

const limits = { testTimeout: 120_000, hookTimeout: 180_000 };
const BROWSER = "test/browser/**/*.test.ts";

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...limits,
          name: "node",
          include: ["src/**/*.test.ts", "playground/src/**/*.test.ts", "test/**/*.test.ts"],
          exclude: [BROWSER],
          // One fewer by default, which of two processors leaves one idle.
          maxWorkers: availableParallelism(),
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...limits,
          name: "browser",
          include: [BROWSER],
          // A page that shares the machine with another plays too slowly to be watched.
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
