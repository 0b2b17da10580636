/** `neoblast sweep`: many runs as one, whatever interrupts them. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { call, metricsOf, modelBytes, RUN_FILES, signalAt, train } from "./commandLine.ts";
import { TINY_RUN } from "../src/cli/sweep/tinyRun.case.ts";

/** Four steps of training on a handful of cells. */
const SMALL = {
  ...TINY_RUN,
  "training.average": null,
};
const PLAN = {
  experiment: "grow",
  subjects: ["🦋", "🦎"],
  seeds: 3,
  settings: { ...SMALL, "training.learningRate": [0.001, 0.003, 0.01, 0.03] },
  halving: { at: [0.5] },
};
const STRICT = ["--kernels", "strict", "--threads", "1"];
const OFTEN = ["--checkpoint-every", "0"];
const home = process.cwd();
let place: string;

beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), "neoblast-sweep-"));
  process.chdir(place);
  writeFileSync("plan.json", JSON.stringify(PLAN));
  const { code, stderr } = await call(["sweep", "plan.json", ...STRICT, "--out", "whole"]);
  if (code !== undefined) throw new Error(stderr);
});
afterAll(() => {
  process.chdir(home);
  rmSync(place, { recursive: true });
});

const text = (...path: string[]) => readFileSync(join(place, ...path), "utf8");
const linesOf = (csv: string) => csv.trimEnd().split("\n");

/** Compares all that a sweep leaves with one that was never stopped. */
async function expectWhole(folder: string): Promise<void> {
  for (const name of ["sweep.csv", "sweep.html"]) expect(text(folder, name), name).toBe(text("whole", name));
  const [whole, other] = [await call(["sweep", "report", "whole"]), await call(["sweep", "report", folder])];
  expect(other).toEqual(whole);
  for (const name of readdirSync("whole").filter((entry) => !entry.includes("."))) {
    expect(modelBytes(place, folder, name).equals(modelBytes(place, "whole", name)), name).toBe(true);
    expect(metricsOf(place, folder, name)).toEqual(metricsOf(place, "whole", name));
  }
}

describe("24 runs", () => {
  it("are a table: each arm's runs, of which the worse half of the arms stopped midway", () => {
    const [head, ...lines] = linesOf(text("whole", "sweep.csv"));
    expect(head).toMatch(
      /^run,arm,subject,seed,training\.learningRate,state,part,steps,error,loss,report\.validation\.died,/,
    );
    expect(lines).toHaveLength(24);
    const states = lines.map((line) => line.split(",").slice(1, 8));
    // The larger its learning rate, the more a run learns in four steps.
    expect(
      new Set(states.map(([arm, , , rate, how, part, steps]) => [arm, rate, how, part, steps].join())),
    ).toEqual(
      new Set(["1,0.001,stopped,0.5,2", "2,0.003,stopped,0.5,2", "3,0.01,done,1,4", "4,0.03,done,1,4"]),
    );
    expect(new Set(states.map(([, subject, seed]) => [subject, seed].join())).size).toBe(6);
  });

  it("killed as they begin and twice in the middle, they are the same, byte for byte", async () => {
    let trained = 0;
    /** Within the next run, or the checkpoint of one, or while a folder is written: whatever falls on the moment. */
    const after = (count: number) => (event: Record<string, unknown>) => {
      if (event.event === "run") trained++;
      return trained === count;
    };
    const killed = async (args: string[], count: number) => {
      const { signal } = await signalAt([...args, ...OFTEN], place, "SIGKILL", after(count));
      expect(signal).toBe("SIGKILL");
      return trained;
    };
    // At the first event, while the folders of runs are made.
    await killed(["sweep", "plan.json", ...STRICT, "--out", "killed"], 0);
    const first = await killed(["sweep", "--resume", "killed"], 6);
    const second = await killed(["sweep", "--resume", "killed", "--threads", "2"], first + 8);
    const { code, stdout, stderr } = await call(["sweep", "--resume", "killed", "--parallel", "2"]);
    expect({ code, stdout }).toEqual({ code: undefined, stdout: "killed\n" });
    // 24 runs to their half and 12 on to their end, of which none that was kept is trained again.
    const left = stderr.match(/: error /g)!.length;
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(36 - second);
    await expectWhole("killed");
  });

  it("asked to stop, say how to go on", async () => {
    const plan = ["sweep", "plan.json", "--seeds", "1", ...STRICT, "--out", "stopped"];
    const outcome = await signalAt(plan, place, "SIGINT", ({ event }) => event === "run");
    expect(outcome).toMatchObject({ code: 130, stderr: "" });
    const last = JSON.parse(linesOf(outcome.stdout).at(-1)!);
    expect(last).toMatchObject({ event: "stopped" });
    expect(last.resume).toMatch(/neoblast\.js sweep --resume stopped$/);
    expect((await call(["sweep", "report", "stopped"])).stdout).toMatch(/unfinished|at 50%/);
  });
});

describe("a sweep", () => {
  it("lists what it would do", async () => {
    const { code, stdout } = await call(["sweep", "plan.json", "--dry-run", "--seeds", "5,7"]);
    expect({ code, lines: linesOf(stdout) }).toEqual({
      code: undefined,
      lines: [
        "arm 1 (training.learningRate=0.001)",
        "arm 2 (training.learningRate=0.003)",
        "arm 3 (training.learningRate=0.01)",
        "arm 4 (training.learningRate=0.03)",
        "",
        "16 runs: 4 arms, 2 subjects, 2 seeds",
        "at most 64 training steps in all, with halving about 48",
      ],
    });
    const words = [
      "--grid",
      "rule.hidden=[8],[16]",
      "--grid",
      "--recipe=growing,persistent",
      "--set",
      "--steps=3",
    ];
    const grid = await call(["sweep", "grow", "🦋", ...words, "--dry-run"]);
    expect(linesOf(grid.stdout)).toEqual([
      "arm 1 (rule.hidden=[8], --recipe=growing)",
      "arm 2 (rule.hidden=[8], --recipe=persistent)",
      "arm 3 (rule.hidden=[16], --recipe=growing)",
      "arm 4 (rule.hidden=[16], --recipe=persistent)",
      "",
      "4 runs: 4 arms, 1 subject, 1 seed",
      "at most 12 training steps in all",
    ]);
  });

  it.each<[string, string[], RegExp]>([
    ["without anything to try", [], /^name a plan \(a JSON file\) or settings to try/],
    ["of another experiment", ["fly"], /^experiment is "fly"; it must be grow, evolve, /],
    ["of a plan that is not there", ["none.json"], /^cannot read none\.json: it does not exist$/],
    [
      "of a wrong setting",
      ["grow", "--grid", "training.learnRate=1,2"],
      /^arm 1 \(training\.learnRate=1\): training\.learnRate is not a known field; did you mean training\.learningRate\?$/,
    ],
    [
      "of a wrong value",
      ["grow", "--grid", "training.learningRate=1e-3,-1"],
      /^arm 2 \(training\.learningRate=-1\): training\.learningRate /,
    ],
    [
      "of a setting without values",
      ["grow", "--grid", "training.batch"],
      /^"training\.batch" is not a setting; write name=value/,
    ],
    [
      "of an option that there is not",
      ["grow", "--set", "--stepz=3"],
      /^settings\.--stepz is no option of neoblast grow; did you mean --steps\?$/,
    ],
    [
      "of an option with a wrong value",
      ["grow", "--set", "--steps=many"],
      /^--steps is "many"; it must be a whole number/,
    ],
    [
      "of the sweep's own options",
      ["grow", "--set", "--threads=3"],
      /^settings\.--threads is not for plans; use the option --threads of sweep$/,
    ],
    ["of a picture that is not there", ["grow", "none.png", "--set", "--steps=3"], /none\.png/],
    ["with no arms to compare", ["grow", "--halving", "0.5"], /^halving compares settings/],
    ["in a folder that holds another", ["plan.json", "--out", "whole"], /^whole already holds files/],
    [
      "resumed where there is none",
      ["--resume", "."],
      /^\. is not the folder of a sweep: it has no sweep\.json; name the one/,
    ],
    [
      "resumed with other kernels",
      ["--resume", "whole", "--kernels", "relaxed"],
      /^whole began with strict kernels; leave out --kernels relaxed$/,
    ],
    [
      "resumed with a plan",
      ["--resume", "whole", "plan.json"],
      /^--resume goes on with the plan in whole; leave out plan\.json$/,
    ],
  ])("%s is refused in one sentence", async (_, words, sentence) => {
    const before = readdirSync(place);
    const { code, stdout, stderr } = await call(["sweep", ...words]);
    expect([1, 2]).toContain(code);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/^neoblast: [^\n]*\n$/);
    expect(stderr.replace(/^neoblast: /, "").trimEnd()).toMatch(sentence);
    expect(readdirSync(place)).toEqual(before);
  });

  it("of whole runs already says so again, and trains nothing", async () => {
    const { code, stdout, stderr } = await call(["sweep", "--resume", "whole"]);
    expect({ code, stdout }).toEqual({ code: undefined, stdout: "whole\n" });
    expect(stderr).not.toContain(": error ");
  });

  it("goes on past a run that explodes, and fails at its end", async () => {
    const plan = {
      ...PLAN,
      subjects: ["🦋"],
      seeds: 1,
      settings: { ...SMALL, "--steps": 60, "rule.stepSize": [1, 1e6] },
      halving: undefined,
    };
    writeFileSync("explodes.json", JSON.stringify(plan));
    const { code, stderr } = await call(["sweep", "explodes.json", ...STRICT, "--out", "explodes"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /1 of 2 runs could not be trained to their end, such as arm-2-butterfly; sweep\.csv has all others/,
    );
    const [, good, bad] = linesOf(text("explodes", "sweep.csv"));
    expect(good).toMatch(/^arm-1-butterfly,1,🦋 butterfly,0,1,done,1,60,0\.\d+,/u);
    expect(bad).toMatch(/^arm-2-butterfly,2,🦋 butterfly,0,1000000,failed,,,,,/u);
  });
});

describe("grow --each", () => {
  const words = Object.entries(SMALL).flatMap(([name, value]) => {
    const written =
      typeof value === "string" ? value : JSON.stringify(Array.isArray(value) ? value[0] : value);
    return name.startsWith("--") ? [name, written] : ["--set", `${name}=${written}`];
  });

  it("grows each picture as it would be grown alone, with all its files", async () => {
    const each = ["grow", "🦋", "🦎", "--each", "--seed", "3", ...words, ...STRICT, "--out", "each"];
    // Drawing takes longer than all else, so that one picture has to do.
    const { stdout } = await signalAt(each, place, "SIGKILL", ({ event }) => event === "run");
    const [{ runs }] = linesOf(stdout).map((line) => JSON.parse(line));
    expect(runs.map(({ name, seed }: { name: string; seed: number }) => [name, seed])).toEqual([
      ["butterfly", 3],
      ["lizard", 3],
    ]);
    await train(["grow", "🦋", "--seed", "3", ...words, ...STRICT, "--out", "alone"], place);
    expect(readdirSync(join("each", "butterfly"))).toEqual(
      [...RUN_FILES, "outcome.json", "report.json"].toSorted(),
    );
    expect(modelBytes(place, "each", "butterfly").equals(modelBytes(place, "alone"))).toBe(true);
  });

  it("is not for one automaton of several", async () => {
    expect(await call(["grow", "🦋", "🦎", "--each", "--conditional"])).toMatchObject({ code: 2 });
    expect((await call(["grow", "🦋", "🦎"])).stderr).toBe(
      "neoblast: one automaton grows 2 pictures only with --conditional; add that, or --each for one automaton each\n",
    );
    expect((await call(["grow", "🦋", "--each", "--engine", "auto"])).stderr).toBe(
      "neoblast: --each trains all with one engine; name it rather than --engine auto\n",
    );
  });
});
