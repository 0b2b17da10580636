/** Experiments whose cells start from something and answer it: their commands, run folders, resuming and evaluation. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeNpy } from "../src/formats/npy.ts";
import { loadModel } from "../src/node/models.ts";
import { call, metricsOf, modelBytes, train } from "./commandLine.ts";

let place: string;
const home = process.cwd();
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), "neoblast-answers-"));
  process.chdir(place);
});
afterAll(() => {
  process.chdir(home);
  rmSync(place, { recursive: true });
});

const CONSTANT = ["--set", 'training.schedule={"kind":"constant"}'];

type Case = Readonly<{
  command: string;
  /** What makes a run short. */
  args: readonly string[];
  /** What its folder holds beside checkpoint, configuration, metrics, loss, model and page. */
  pictures: readonly string[];
  /** What `evaluate` says first, and what makes that short. */
  evaluate: readonly string[];
  says: RegExp;
}>;

const cases: readonly Case[] = [
  {
    command: "transform",
    args: "🦎 🦋 🐠 😀 --size 8 --padding 2 --batch 2 --pool 4 --rollout 4..6 --set rule.hidden=[8]".split(
      " ",
    ),
    pictures: ["growth.gif", "growth.webp", "sheet.png"],
    evaluate: "--goal 2 --steps 5 --runs 1 --angles 0".split(" "),
    says: /^🐠/,
  },
  ...["denoise", "complete"].map((command) => ({
    command,
    args: "--size 8 --batch 2 --rollout 3..4 --pool 4 --set training.pool.reseed=1 --set rule.hidden=[8]".split(
      " ",
    ),
    pictures: ["growth.gif", "growth.webp", "report.json", "sheet.png"],
    evaluate: "--count 2 --steps 2,4".split(" "),
    says: /^handwriting: .*, 8 x 8 cells, 2 of them spoilt, seed 0, \w+ kernels\n\nmean squared error +given +2 steps +4 steps\n(noise 0.1|scattered 0.3) +0\.0\d+ /,
  })),
  {
    command: "arc",
    args: "--width 16 --batch 2 --rollout 4..6 --set embedding=1 --set rule.hidden=[8]".split(" "),
    pictures: ["report.json", "sheet.png"],
    evaluate: "--count 13 --steps 6".split(" "),
    says: /^13 kinds of drawn puzzles of 16 cells, 16 cells, 13 held-out puzzles, 6 steps, seed 0, \w+ kernels\n\n +puzzles +rows right +cells right\nmove_1p +1 /,
  },
];

describe.each(cases)("neoblast $command", ({ command, args, pictures, evaluate, says }) => {
  const run = [command, ...args, ...CONSTANT];

  it("leaves a folder, and resumes bit for bit from fewer steps on more threads", async () => {
    const { code, stderr } = await call([
      ...run,
      "--steps",
      "3",
      "--threads",
      "1",
      "--out",
      `${command}-whole`,
    ]);
    expect({ code, stderr }).toEqual({ code: undefined, stderr: expect.stringContaining("Trained 3 steps") });
    const common = [
      "checkpoint",
      "config.json",
      "loss.svg",
      "metrics.jsonl",
      "model.safetensors",
      "player.html",
    ];
    expect(readdirSync(`${command}-whole`).toSorted()).toEqual([...common, ...pictures].toSorted());
    const parts = `${command}-parts`;
    await train([...run, "--steps", "1", "--threads", "2", "--out", parts], place);
    await train([command, "--resume", parts, "--steps", "3", "--threads", "2"], place);
    expect(metricsOf(parts)).toEqual(metricsOf(`${command}-whole`));
    expect(modelBytes(parts)).toEqual(modelBytes(`${command}-whole`));
  });

  it("has models that evaluate measures", async () => {
    const { code, stdout, stderr } = await call([
      "evaluate",
      `${command}-whole`,
      ...evaluate,
      "--threads",
      "1",
    ]);
    expect({ code, stderr }).toEqual({
      code: undefined,
      stderr: expect.stringMatching(/^Measured in .*\nDrew /),
    });
    expect(stdout).toMatch(says);
  });
});

describe("neoblast transform", () => {
  it("takes pictures in pairs", async () => {
    const { code, stderr } = await call(["transform", "🦎"]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: "neoblast: pictures come in pairs, what it starts from and what that becomes; one is named\n",
    });
  });

  it("names its pairs, and has a model that starts from the picture of the goal", async () => {
    const { provenance, start } = await loadModel("transform-whole");
    expect(provenance.goals?.map(({ target }) => target)).toEqual([
      "🦎 lizard to 🦋 butterfly",
      "🐠 tropical-fish to 😀 grinning-face",
    ]);
    const { data: pictures } = start.pictures!;
    expect(pictures).toHaveLength(2);
    for (const goal of [0, 1]) {
      const options = ["--steps", "1", "--out", "start.npy", "--goal", String(goal + 1)];
      expect((await call(["run", "transform-whole", ...options])).code).toBeUndefined();
      const { data } = decodeNpy(readFileSync("start.npy"));
      const shown = data.filter((_, i) => i % 32 < 4);
      const apart = pictures.map((picture) =>
        picture.reduce((sum, value, i) => sum + Math.abs(value - shown[i]), 0),
      );
      // One step of a hardly trained automaton changes little.
      expect(apart[goal]).toBeLessThan(apart[1 - goal] / 4);
    }
  });
});
