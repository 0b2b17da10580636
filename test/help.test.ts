/** Help of every command: it fits a screen, `--help-all` has the rest, and what it shows can be typed. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { beforeAll, describe, expect, it } from "vitest";
import { examplesOf } from "../src/cli/help.ts";
import { commandLine } from "../src/cli/main.ts";
import { call } from "./commandLine.ts";

const LINES = 40;
const COLUMNS = 80;

/** A command, and the words that call it: none of the program itself. */
type Called = Readonly<{ words: readonly string[]; name: string; command: Command }>;

function walk(command: Command, words: readonly string[] = []): Called[] {
  const name = ["neoblast", ...words].join(" ");
  return [
    { words, name, command },
    ...command.commands.flatMap((each) => walk(each, [...words, each.name()])),
  ];
}

let commands: readonly Called[];
beforeAll(async () => {
  commands = walk(await commandLine());
});

/** The options that a help describes. */
const listed = (text: string) =>
  [...text.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, option]) => option);

const GUIDES = "site/guides";

/** Whether a command takes the words of a call; nothing is done. @throws Error with the call where it does not. */
async function parse(example: string): Promise<void> {
  const words = /(?:^|\s)neoblast ([^|>]+)/.exec(example)![1].trim().split(/\s+/);
  const program = await commandLine(undefined, words);
  for (const each of walk(program)) each.command.action(() => {});
  try {
    await program.parseAsync(words, { from: "user" });
  } catch (error) {
    throw new Error(example, { cause: error });
  }
}

describe("help", () => {
  it("fits a screen, and says where the rest is", async () => {
    expect(commands.length).toBeGreaterThan(28);
    for (const { words, name, command } of commands) {
      const { code, stdout, stderr } = await call([...words, "--help"]);
      expect({ name, code, stderr }).toEqual({ name, code: 0, stderr: "" });
      const lines = stdout.trimEnd().split("\n");
      expect(lines.length, name).toBeLessThanOrEqual(LINES);
      expect(Math.max(...lines.map((line) => line.length)), name).toBeLessThanOrEqual(COLUMNS);
      for (const each of command.commands) expect(stdout).toMatch(new RegExp(`\\s${each.name()}\\b`));

      const all = command.options.filter(({ hidden }) => !hidden).map(({ long }) => long);
      const shown = listed(stdout);
      if (!all.includes("--help-all")) {
        expect({ name, shown }).toEqual({ name, shown: expect.arrayContaining([...all, "--help"]) });
      } else if (command.parent) {
        const left = all.length - 1 - shown.length;
        expect(left, name).toBeGreaterThan(0);
        const options = left === 1 ? "option" : "options";
        expect(lines.at(-1)).toBe(`${left} more ${options}, notes and examples: ${name} --help-all`);
      } else {
        expect(lines.at(-1)).toContain(`${name} --help-all lists all`);
      }
    }
  });

  it("has every option, command and example with --help-all, whatever else is missing", async () => {
    for (const { words, name, command } of commands) {
      if (!command.options.some(({ long }) => long === "--help-all")) continue;
      const { code, stdout, stderr } = await call([...words, "--help-all"]);
      expect({ name, code, stderr }).toEqual({ name, code: 0, stderr: "" });
      for (const { flags, hidden } of command.options) {
        expect(stdout.includes(`  ${flags}`), `${flags} of ${name}`).toBe(!hidden);
      }
      for (const each of command.commands) expect(stdout).toContain(`\n  ${each.name()} `);
      for (const [example] of examplesOf(command)) expect(stdout).toContain(`  ${example}`);
    }
  });

  it.each(["--help grow", "-h ls", "--help-all grow"])("%s is the help of all commands", async (words) => {
    const { stdout } = await call([words.includes("all") ? "--help-all" : "--help"]);
    expect(await call(words.split(" "))).toEqual({ code: 0, stdout, stderr: "" });
  });

  it("shows calls whose commands, options and values there are", async () => {
    let count = 0;
    for (const { command } of commands) {
      for (const [example] of examplesOf(command)) {
        await parse(example);
        count++;
      }
    }
    expect(count).toBeGreaterThan(90);
  });

  it("would take the calls of the guides", async () => {
    const guides = [...readdirSync(GUIDES).map((name) => join(GUIDES, name)), "docs/yourPage.md"];
    const calls = guides.flatMap((path) =>
      readFileSync(path, "utf8")
        .split("\n")
        .filter((line) => /^(?:npx )?neoblast /.test(line))
        .map((line) => line.replace(/ #.*/, "")),
    );
    expect(calls.length).toBeGreaterThan(20);
    for (const each of calls) await parse(each);
  });
});

describe("a wrong call", () => {
  it.each([
    ["gorw", "unknown command 'gorw'; did you mean grow? neoblast --help lists the commands"],
    ["fly", "unknown command 'fly'; neoblast --help lists the commands"],
    [
      "grow --stepz 9",
      "unknown option '--stepz'; did you mean --steps? neoblast grow --help-all lists the options",
    ],
    ["ls --all", "unknown option '--all'; neoblast ls --help lists the options"],
    [
      "bench fast",
      "too many arguments for 'bench': it takes none, not 1; neoblast bench --help says what it takes",
    ],
    [
      "grow --out a --resume b",
      "option '--resume <folder>' cannot be used with option '--out <folder>'; leave one of them out",
    ],
    ["grow --quality perfect", '--quality is "perfect"; it must be draft, good or best'],
    ["grow --set training.batc=3", "training.batc is not a known field; did you mean training.batch?"],
    ["grow --set steps=3", "steps is not a known field; did you mean training.steps?"],
    [
      "sweep plan.txt",
      'experiment is "plan.txt"; it must be grow, evolve, reinforce, digits, classify, denoise, complete, texture, transform or arc; a plan is a file whose name ends in .json',
    ],
    ["ls a b", "too many arguments for 'ls': it takes 1, not 2; neoblast ls --help says what it takes"],
    ["sweep report", "missing required argument 'folder'; neoblast sweep report --help says what it takes"],
    [
      "queue statos",
      "unknown command 'statos'; did you mean status? neoblast queue --help lists the commands",
    ],
  ])("%s: says what would be right, or where that is said", async (words, sentence) => {
    expect(await call(words.split(" "))).toEqual({ code: 2, stdout: "", stderr: `neoblast: ${sentence}\n` });
  });
});
