/** `neoblast doctor`, `ls`, `open` and `completion`. */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { growingConfigSchema } from "../src/experiments/growing/schema.ts";
import { resolveGrowingConfig } from "../src/experiments/growing/config.ts";
import { VERSION } from "../src/version.ts";
import { call } from "./commandLine.ts";

const hasShell = (shell: string) => spawnSync(shell, ["-c", "exit 0"]).status === 0;

describe("doctor", () => {
  it("says of each part whether it is there", async () => {
    const { code, stdout, stderr } = await call(["doctor", "--json"]);
    expect({ code, stderr }).toEqual({ code: undefined, stderr: "" });
    const { findings }: { findings: Record<"what" | "state" | "says", string>[] } = JSON.parse(stdout);
    const of = (part: string) => findings.find(({ what }) => what === part)!;
    expect(of("program")).toMatchObject({
      state: "good",
      says: expect.stringContaining(`neoblast ${VERSION}`),
    });
    expect(of("kernels")).toMatchObject({
      state: "good",
      says: expect.stringMatching(
        /^WebAssembly with SIMD, (relaxed|strict); within \d\.\de-[678] of the reference$/,
      ),
    });
    expect(of("pictures")).toMatchObject({ state: "good", says: "sharp" });
    expect(of("emoji").state).toBe("good");
    for (const { state, says } of findings) {
      expect(["good", "missing"]).toContain(state);
      expect(says).not.toContain("\n");
    }
  });

  it("prints a line for each", async () => {
    const { stdout } = await call(["doctor"]);
    const lines = stdout.trimEnd().split("\n");
    expect(lines.length).toBeGreaterThan(9);
    for (const line of lines) expect(line).toMatch(/^(ok|--) {2}\S/);
  });
});

describe("runs in a folder", () => {
  let place: string;
  beforeAll(() => {
    place = mkdtempSync(join(tmpdir(), "neoblast-ls-"));
    const config = growingConfigSchema.parse(
      resolveGrowingConfig({ overrides: { training: { steps: 40 } } }),
    );
    const make = (name: string, files: Record<string, string>) => {
      mkdirSync(join(place, name));
      for (const [file, text] of Object.entries(files)) writeFileSync(join(place, name, file), text);
    };
    const record = {
      version: VERSION,
      experiment: "grow",
      engine: { name: "wasm", build: "strict", threads: 1 },
      picture: { name: "lizard", description: "🦎 lizard" },
      ...config,
    };
    const metrics = '{"step":0,"loss":1}\n{"step":11,"loss":0.5}\n{"step":12,"lo';
    make("first", {
      "config.json": JSON.stringify(record),
      "metrics.jsonl": metrics,
      "report.json": JSON.stringify({ good: true, validation: { errors: [{ step: 96, relative: 0.002 }] } }),
      "player.html": "<!doctype html>",
    });
    cpSync(
      fileURLToPath(new URL("../src/experiments/growing/pretrained.safetensors", import.meta.url)),
      join(place, "first", "model.safetensors"),
    );
    make("second", { "config.json": JSON.stringify(record) });
    make("third", { "config.json": JSON.stringify(record), ".lock": `${process.pid}\n` });
    make("broken", { "config.json": "{" });
    make("other", { "notes.txt": "no run" });
  });
  afterAll(() => rmSync(place, { recursive: true }));

  it("are listed: what they train, how far they are, and how good", async () => {
    const { code, stdout } = await call(["ls", place, "--json"]);
    expect(code).toBeUndefined();
    const runs = stdout
      .trimEnd()
      .split("\n")
      .map((line): Record<string, unknown> => JSON.parse(line))
      .toSorted((a, b) => String(a.path).localeCompare(String(b.path)));
    const same = { experiment: "grow", subject: "🦎 lizard", of: 40, changed: expect.any(Number) };
    expect(runs).toEqual([
      { ...same, path: join(place, "first"), state: "done", steps: 12, error: 0.002, good: true },
      { ...same, path: join(place, "second"), state: "stopped", steps: null, error: null, good: null },
      { ...same, path: join(place, "third"), state: "training", steps: null, error: null, good: null },
    ]);
    const table = await call(["ls", place]);
    expect(table.stdout).toMatch(/^run +experiment +subject +state +steps +error\n/);
    expect(table.stdout).toMatch(/first +grow +🦎 lizard +done, good +12 of 40 +0\.002\n/);
    expect(table.stderr).toMatch(/^Go on with: .* grow --resume .*second\n$/);
  });

  it("where there are none, that is said, and how to make one", async () => {
    expect(await call(["ls", join(place, "other")])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^neoblast: there is no run in .*other; .* grow makes one in runs\n$/),
    });
  });

  it("are opened by their page; without a screen, its path is said", async () => {
    const screen = { DISPLAY: process.env.DISPLAY, WAYLAND_DISPLAY: process.env.WAYLAND_DISPLAY };
    for (const name of Object.keys(screen)) delete process.env[name];
    try {
      const { code, stdout, stderr } = await call(["open", join(place, "first")]);
      expect({ code, stdout }).toEqual({
        code: undefined,
        stdout: `${join(place, "first", "player.html")}\n`,
      });
      if (process.platform === "linux") expect(stderr).toContain("There is no screen here");
    } finally {
      Object.assign(
        process.env,
        Object.fromEntries(Object.entries(screen).filter(([, value]) => value !== undefined)),
      );
    }
  });

  it.each([
    ["open second", /second has no page; train it to its end: .* grow --resume .*second\n$/],
    ["open third", /third has no page; it is being trained, and has none yet\n$/],
    [
      "open nowhere",
      /is neither the folder of a run nor a page that ends in \.html; .* ls lists the runs\n$/,
    ],
    ["evaluate second", /it does not exist; train it to its end: .* grow --resume .*second\n$/],
    ["evaluate other", /it does not exist; .* ls lists the runs\n$/],
    ["export nowhere --out x.npz", /it does not exist; .* ls lists the runs\n$/],
    ["export first --out nowhere/x.npz", /its folder does not exist; make it first: mkdir -p .*nowhere\n$/],
    ["grow --resume nowhere", /it does not exist; .* ls lists the runs\n$/],
    ["grow --resume other", /it has no config\.json; .* ls lists the runs\n$/],
    ["grow --resume second", /has no checkpoint to go on from; train anew by --config .*config\.json\n$/],
    ["sweep --resume first", /it has no sweep\.json; name the one that neoblast sweep printed/],
  ])("%s: what is missing, and what to do", async (text, sentence) => {
    const names = ["first", "second", "third", "other", "nowhere"];
    const words = text
      .split(" ")
      .map((word) => (names.includes(word.split("/")[0]) ? join(place, word) : word));
    expect(await call(words)).toEqual({ code: 1, stdout: "", stderr: expect.stringMatching(sentence) });
  });
});

describe("completion", () => {
  it.skipIf(!hasShell("bash"))("completes commands, options and their words in bash", async () => {
    const { stdout: script } = await call(["completion", "bash"]);
    const complete = (...words: string[]) => {
      const line = words.map((word) => `'${word}'`).join(" ");
      const ask = `COMP_WORDS=(${line}); COMP_CWORD=${words.length - 1}; _neoblast; echo "\${COMPREPLY[@]}"`;
      return execFileSync("bash", ["-c", `${script}\n${ask}`], { encoding: "utf8" }).trim();
    };
    expect(complete("neoblast", "gr")).toBe("grow");
    expect(complete("neoblast", "grow", "🦋", "--recipe", "")).toBe("growing persistent regenerating");
    expect(complete("neoblast", "grow", "--recipe", "re")).toBe("regenerating");
    expect(complete("neoblast", "run", "model", "--step-")).toBe("--step-size");
    // Files, which the shell itself completes.
    expect(complete("neoblast", "run", "model", "--out", "-")).toBe("");
    expect(complete("neoblast", "evaluate", "ru")).toBe("");
  });

  it.each(["zsh", "fish"])("has a script for %s, of which each command has its options", async (shell) => {
    const { stdout: script } = await call(["completion", shell]);
    expect(script).toContain(shell === "zsh" ? "#compdef neoblast" : "complete -c neoblast");
    for (const word of ["regenerating", "doctor", shell === "zsh" ? "'--recipe[" : "-l recipe"]) {
      expect(script).toContain(word);
    }
    if (hasShell(shell)) execFileSync(shell, ["-n"], { input: script });
  });

  it("names the shells that there are", async () => {
    expect(await call(["completion", "tcsh"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("bash, zsh or fish"),
    });
  });
});
