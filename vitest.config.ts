import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const root = fileURLToPath(new URL(".", import.meta.url));

/** Tests that put something in the place of modules of Node. */
const MOCKING = "src/**/*.faults.test.ts";

/** Tests that stop programs by signals, or close their pipes, as Windows cannot. */
const SIGNALS = [
  "src/cli/terminal/interrupt.test.ts",
  "test/cliStreams.test.ts",
  "test/cluster.test.ts",
  "test/reinforceCli.test.ts",
  "test/resume.test.ts",
  "test/sweepCli.test.ts",
  "test/sweepQueue.test.ts",
];

/** Test files that take longest: begun last, one of them would be left running alone. */
const LONG = [
  "test/bench.test.ts",
  "test/conformance.test.ts",
  "test/package.test.ts",
  "test/browser/site.test.ts",
  "test/browser/webRecipes.test.ts",
  "test/browser/playgroundPlay.test.ts",
  "test/browser/playgroundUi.test.ts",
  "test/browser/player.test.ts",
  "test/resume.test.ts",
  "test/browser/playgroundTraining.test.ts",
  "test/webgpuEngine.test.ts",
  "test/defaultRecipe.test.ts",
  "test/browser/element.test.ts",
  "test/examples.test.ts",
  "test/browser/playerInput.test.ts",
  "test/pictureSet.test.ts",
  "test/answersCli.test.ts",
  "test/browser/playgroundExperiments.test.ts",
  "test/conditionalCli.test.ts",
  "test/cliStreams.test.ts",
  "test/cli.test.ts",
  "test/sweepCli.test.ts",
  "test/browser/engine.test.ts",
  "test/evaluate.test.ts",
  "test/reinforceCli.test.ts",
  "test/browser/elementWebgpu.test.ts",
  "test/browser/report.test.ts",
  "test/cluster.test.ts",
];

/** The place of a test file in order. */
function placeOf({ moduleId, project }: TestSpecification): number {
  if (project.name === "alone") return LONG.length + 1;
  const index = LONG.findIndex((name) => moduleId.endsWith(`/${name}`));
  return index < 0 ? LONG.length : index;
}

/** As usual, but that the long ones come first, and those of their own process last, for which others are ended. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- it is no array's
    const usual = await super.sort(files);
    return usual.toSorted((a, b) => placeOf(a) - placeOf(b));
  }
}

export default defineConfig({
  test: {
    testTimeout: 120_000,
    hookTimeout: 180_000,
    // What is waited for in pages takes seconds where others work, too.
    expect: { poll: { timeout: 30_000 } },
    sequence: { sequencer: LongestFirst },
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
          exclude: [MOCKING, ...(process.platform === "win32" ? SIGNALS : [])],
          // Files take turns in a process, and what Node itself loads stays. All else each file has anew.
          isolate: false,
        },
      },
      {
        extends: true,
        // As the site has them (`site/.vitepress/config.ts`).
        resolve: {
          alias: [
            { find: /^neoblast$/, replacement: `${root}src/index.ts` },
            { find: /^neoblast\/train$/, replacement: `${root}src/index.train.ts` },
          ],
        },
        test: { name: "site", include: ["site/lessons/**/*.test.ts"], isolate: false },
      },
      { extends: true, test: { name: "alone", include: [MOCKING] } },
    ],
  },
});
