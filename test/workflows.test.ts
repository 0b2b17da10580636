/** Files in .github: whether they hold what GitHub asks for, and name what is here. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (path: string) => readFileSync(join(root, path), "utf8");
const { engines, scripts } = JSON.parse(read("package.json"));
const filesIn = (folder: string) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`);

type Step = { run?: string; uses?: string; env?: Record<string, string> };
type Job = { "runs-on": string; steps: Step[]; strategy?: { matrix: Record<string, unknown[]> } };
type Workflow = { name: string; on: object; jobs: Record<string, Job> };

describe.each(filesIn(".github/workflows"))("%s", (path) => {
  const { name, on, jobs }: Workflow = parse(read(path));
  const steps = Object.values(jobs).flatMap((job) => job.steps);

  it("has jobs of steps, each a command or an action of a version", () => {
    expect([typeof name, typeof on]).toEqual(["string", "object"]);
    for (const job of Object.values(jobs)) expect(typeof job["runs-on"]).toBe("string");
    for (const { run, uses } of steps) expect(run ?? uses).toMatch(run ? /\S/ : /^actions\/[\w-]+@v\d+$/);
  });

  it("names scripts and files that are here", () => {
    const text = steps.map(({ run = "" }) => run).join("\n");
    for (const [, script] of text.matchAll(/npm run ([\w:]+)/g)) expect(scripts).toHaveProperty(script);
    const paths = [...text.matchAll(/(?<![\w/])(?:test|\.ci)\/[\w./]+/g)].map(([file]) => file);
    expect(paths.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });
});

it("tests run on three systems, from the oldest Node that is promised on", () => {
  const { jobs }: Workflow = parse(read(".github/workflows/ci.yml"));
  const { os, node } = jobs.tests.strategy!.matrix;
  expect(os).toEqual(["ubuntu-latest", "macos-latest", "windows-latest"]);
  expect(node).toEqual([20, 22, 24, 26]);
  expect(Number.parseInt(engines.node.slice(2), 10)).toBe(node[0]);
});

it.each(filesIn(".github/ISSUE_TEMPLATE").filter((path) => !path.endsWith("/config.yml")))(
  "%s is a form",
  (path) => {
    const { name, description, body } = parse(read(path));
    expect([name, description].every((text) => typeof text === "string" && text !== "")).toBe(true);
    const ids = body.map(({ id }: { id: string }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { type, attributes } of body) {
      expect(type).toBe("textarea");
      expect(attributes.label).toMatch(/\w/);
    }
    expect(body.some(({ validations }: any) => validations?.required)).toBe(true);
  },
);
