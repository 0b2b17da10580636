/** `npm run release`, in a repository of its own. */
import { execFileSync, spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { derivedFrom, PLACEHOLDER } from "../scripts/repository.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const CHANGELOG = "# Changelog\n\n## Unreleased\n\n- A thing.\n\n## 0.1.0 (2020-01-02)\n\n- The first.\n";
const URL_OF_OURS = "git+https://github.com/ours/neoblast.git";

let place: string;
const path = (name: string) => join(place, name);
const read = (name: string) => readFileSync(path(name), "utf8");
const git = (...args: string[]) =>
  execFileSync("git", args, { cwd: place, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();

/** What the repository is made of, of which a test changes some. */
function fill({ url = URL_OF_OURS, changelog = CHANGELOG, test = "node -e 0" } = {}): void {
  const scripts = { test, check: "node -e 0", "build:site": "node -e 0" };
  const description = { name: "neoblast", version: "0.1.0", repository: { type: "git", url }, scripts };
  const lock = { name: "neoblast", version: "0.1.0", lockfileVersion: 3, packages: { "": description } };
  writeFileSync(path("package.json"), `${JSON.stringify(description, null, 2)}\n`);
  writeFileSync(path("package-lock.json"), `${JSON.stringify(lock, null, 2)}\n`);
  writeFileSync(path("src/version.ts"), `/** Version. */\nexport const VERSION = "0.1.0";\n`);
  writeFileSync(path("CHANGELOG.md"), changelog);
}

function commit(): void {
  git("add", "--all");
  git("commit", "--quiet", "--allow-empty", "--message", "all");
}

function release(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [path("scripts/release.mjs"), ...args], {
    cwd: place,
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), "neoblast-release-"));
  for (const folder of ["scripts", "src"]) mkdirSync(path(folder));
  for (const name of ["release.mjs", "repository.mjs"]) {
    copyFileSync(join(root, "scripts", name), path(`scripts/${name}`));
  }
  symlinkSync(join(root, "node_modules"), path("node_modules"), "junction");
  writeFileSync(path(".gitignore"), "node_modules\nchecked\n");
  git("init", "--quiet", "--initial-branch", "main");
  git("config", "user.name", "Tester");
  git("config", "user.email", "tester@example.org");
  fill();
  commit();
  git("tag", "empty");
});
afterAll(() => rmSync(place, { recursive: true }));
beforeEach(() => {
  git("checkout", "--quiet", "--force", "-B", "main", "empty");
  for (const tag of git("tag", "--list", "v*").split("\n").filter(Boolean)) git("tag", "--delete", tag);
});

it("sets the version everywhere, dates the changelog, commits and tags", () => {
  fill({ test: `node -e "require('fs').writeFileSync('checked','')"` });
  commit();
  const before = today();
  const { status, stdout, stderr } = release("minor");
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toContain("git push origin main v0.2.0");
  expect(existsSync(path("checked"))).toBe(true);
  expect(git("status", "--porcelain")).toBe("");
  expect(git("log", "-1", "--format=%s")).toBe("release: 0.2.0");
  expect(git("rev-parse", "v0.2.0^{commit}")).toBe(git("rev-parse", "HEAD"));
  expect(JSON.parse(read("package.json")).version).toBe("0.2.0");
  const lock = JSON.parse(read("package-lock.json"));
  expect([lock.version, lock.packages[""].version]).toEqual(["0.2.0", "0.2.0"]);
  expect(read("src/version.ts")).toContain(`VERSION = "0.2.0"`);
  const [start, end] = CHANGELOG.split("## Unreleased\n");
  const [date] = /\d{4}-\d\d-\d\d/.exec(read("CHANGELOG.md"))!;
  expect([before, today()]).toContain(date);
  expect(read("CHANGELOG.md")).toBe(`${start}## Unreleased\n\n## 0.2.0 (${date})\n${end}`);
});

it("says what it would do, and does nothing", () => {
  const before = git("rev-parse", "HEAD");
  expect(release("0.1.0", "--dry-run", "--skip-checks")).toEqual({
    status: 0,
    stdout: "Would set version 0.1.0 (now 0.1.0), date CHANGELOG.md, commit, and tag v0.1.0.\n",
    stderr: "",
  });
  expect(release("patch", "--dry-run").stdout).toMatch(
    /^Would run npm test, npm run check, npm run build:site\.\nWould set version 0\.1\.1 /,
  );
  expect([git("rev-parse", "HEAD"), git("status", "--porcelain"), git("tag", "--list", "v*")]).toEqual([
    before,
    "",
    "",
  ]);
});

const nothingNew = CHANGELOG.replace("- A thing.\n\n", "");
it.each<[string, string[], () => void, number, string]>([
  [
    "no version",
    [],
    () => {},
    2,
    "usage: npm run release -- patch|minor|major|x.y.z [--dry-run] [--skip-checks]",
  ],
  [
    "an unknown option",
    ["patch", "--now"],
    () => {},
    2,
    "usage: npm run release -- patch|minor|major|x.y.z [--dry-run] [--skip-checks]",
  ],
  [
    "a version before a version",
    ["1.0.0-rc.1"],
    () => {},
    2,
    "1.0.0-rc.1 is no version: it must be patch, minor, major or numbers such as 1.2.3",
  ],
  [
    "no such version",
    ["v1"],
    () => {},
    2,
    "v1 is no version: it must be patch, minor, major or numbers such as 1.2.3",
  ],
  ["an older version", ["0.0.9"], () => {}, 2, "0.0.9 is older than 0.1.0, which package.json has"],
  [
    "another branch",
    ["patch"],
    () => git("checkout", "--quiet", "-b", "idea"),
    1,
    "this is branch idea; releases are made on main",
  ],
  [
    "a changed file",
    ["patch"],
    () => writeFileSync(path("src/version.ts"), "x"),
    1,
    "src/version.ts is not committed: commit or stash what changed",
  ],
  [
    "a tag that exists",
    ["patch"],
    () => git("tag", "v0.1.1"),
    1,
    "the tag v0.1.1 exists already: choose another version",
  ],
  [
    "the placeholder",
    ["patch"],
    () => {
      fill({ url: derivedUrl(PLACEHOLDER) });
      commit();
    },
    1,
    `package.json's repository.url names ${PLACEHOLDER}: put the true owner there, and run npm run repository`,
  ],
  [
    "nothing unreleased",
    ["patch"],
    () => {
      fill({ changelog: nothingNew });
      commit();
    },
    1,
    "CHANGELOG.md has nothing under ## Unreleased: say there what the release brings",
  ],
  [
    "no such section",
    ["patch"],
    () => {
      fill({ changelog: "# Changelog\n" });
      commit();
    },
    1,
    "CHANGELOG.md has no line ## Unreleased: put it above what the release brings",
  ],
  [
    "a check that fails",
    ["patch"],
    () => {
      fill({ test: "node -e process.exit(3)" });
      commit();
    },
    1,
    "npm test fails, so nothing was changed",
  ],
  [
    "a commit that fails",
    ["patch", "--skip-checks"],
    () => {
      fill();
      commit();
      mkdirSync(path(".git/hooks"), { recursive: true });
      writeFileSync(path(".git/hooks/pre-commit"), "#!/bin/sh\necho no commits today >&2\nexit 1\n", {
        mode: 0o755,
      });
    },
    1,
    "nothing was changed: no commits today",
  ],
])("refuses %s", (_, args, prepare, code, sentence) => {
  prepare();
  const before = [git("rev-parse", "HEAD"), git("status", "--porcelain")];
  const { status, stderr } = release(...args);
  rmSync(path(".git/hooks"), { recursive: true, force: true });
  expect({ status, said: stderr.trim().split("\n").at(-1) }).toEqual({
    status: code,
    said: `release: ${sentence}`,
  });
  expect([git("rev-parse", "HEAD"), git("status", "--porcelain")]).toEqual(before);
});

function today(): string {
  return new Date().toISOString().slice(0, 10);
}

function derivedUrl(owner: string): string {
  return URL_OF_OURS.replace("ours", owner);
}

it("homepage and bugs of this package follow from its repository.url; npm run repository writes them", () => {
  const { homepage, bugs, repository } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  expect({ homepage, bugs }).toEqual(derivedFrom(repository.url));
  execFileSync(process.execPath, [path("scripts/repository.mjs")]);
  expect(JSON.parse(read("package.json"))).toMatchObject({
    version: "0.1.0",
    homepage: "https://ours.github.io/neoblast/",
    bugs: { url: "https://github.com/ours/neoblast/issues" },
  });
  expect(() => derivedFrom("https://example.org/x")).toThrow(
    /^repository\.url is https:\/\/example\.org\/x; /,
  );
});
