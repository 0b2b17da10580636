/** `neoblast doctor` and `neoblast completion`. */
import { execFileSync, spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
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
