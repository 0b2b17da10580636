/** A sweep whose runs other processes train, by a queue. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { redisPath, startRedis, type TestRedis } from "../src/cluster/queue/redis.case.ts";
import { call, metricsOf, modelBytes, type Outcome, start } from "./commandLine.ts";
import { TINY_RUN } from "../src/cli/sweep/tinyRun.case.ts";

const PLAN = {
  experiment: "grow",
  subjects: ["🦋"],
  seeds: 2,
  settings: {
    ...TINY_RUN,
    "training.learningRate": [0.001, 0.01],
  },
  halving: { at: [0.5] },
};
const home = process.cwd();

describe.skipIf(redisPath === undefined)("a sweep by a queue", () => {
  let place: string;
  let redis: TestRedis;
  let worker: ReturnType<typeof start>;

  beforeAll(async () => {
    redis = await startRedis();
    place = mkdtempSync(join(tmpdir(), "neoblast-sweep-queue-"));
    process.chdir(place);
    writeFileSync("plan.json", JSON.stringify(PLAN));
    const words = ["--queue", redis.url, "--kernels", "strict", "--threads", "1"];
    worker = start(["worker", ...words], place);
  });
  afterAll(async () => {
    worker.child.kill("SIGKILL");
    await worker.outcome;
    process.chdir(home);
    rmSync(place, { recursive: true });
    await redis.stop();
  });

  it("has the bits of one on this machine, and shares no disk with its workers", async () => {
    const sweep = ["sweep", "plan.json", "--kernels", "strict", "--threads", "1", "--out"];
    const here = await call([...sweep, "here"]);
    expect(here.code).toBeUndefined();
    const queued = await call([...sweep, "queued", "--queue", redis.url]);
    expect({ ...queued, stderr: "" }).toEqual({ code: undefined, stdout: "queued\n", stderr: "" });
    expect(queued.stderr).toContain("by the workers of a queue");
    for (const name of ["sweep.csv", "sweep.html"]) {
      expect(readFileSync(join("queued", name), "utf8"), name).toBe(readFileSync(join("here", name), "utf8"));
    }
    const runs = readdirSync("here").filter((name) => name.startsWith("arm-"));
    expect(runs).toHaveLength(4);
    for (const name of runs) {
      expect(modelBytes("queued", name).equals(modelBytes("here", name)), name).toBe(true);
      expect(metricsOf("queued", name)).toEqual(metricsOf("here", name));
      expect(readdirSync(join("queued", name))).toEqual(readdirSync(join("here", name)));
    }
    worker.child.kill("SIGTERM");
    const { stderr }: Outcome = await worker.outcome;
    // Four runs to their half, and the two of the better arm to their end.
    expect(stderr.match(/run arm-\d-butterfly-seed-\d/g)!.length).toBeGreaterThanOrEqual(6);
  });
});
