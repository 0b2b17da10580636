// Makes a release, here: version, dated changelog, commit and tag. What happens when the tag is pushed is in
// .github/workflows/release.yml. `npm run release -- patch|minor|major|x.y.z [--dry-run] [--skip-checks]`
import { execFileSync, execSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { gt, inc, prerelease, valid } from "semver";
import { PLACEHOLDER } from "./repository.mjs";

const USAGE = "npm run release -- patch|minor|major|x.y.z [--dry-run] [--skip-checks]";
const BRANCH = "main";
const CHECKS = ["npm test", "npm run check", "npm run build:site"];
const HEADING = "## Unreleased";

const cwd = fileURLToPath(new URL("..", import.meta.url));
const git = (...args) =>
  execFileSync("git", args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
const npm = (command, stdio = "inherit") => execSync(command, { cwd, stdio });
const read = (name) => readFileSync(`${cwd}/${name}`, "utf8");
const write = (name, text) => writeFileSync(`${cwd}/${name}`, text);

/** Why there is no release, in a sentence. */
class Refusal extends Error {
  constructor(message, code = 1) {
    super(message);
    this.code = code;
  }
}

function readArguments() {
  const options = { "dry-run": { type: "boolean" }, "skip-checks": { type: "boolean" } };
  try {
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    if (positionals.length === 1) return { word: positionals[0], ...values };
  } catch {
    // What is wrong is seen in how it would be right.
  }
  throw new Refusal(`usage: ${USAGE}`, 2);
}

function nextVersion(word, current) {
  if (["patch", "minor", "major"].includes(word)) return inc(current, word);
  if (valid(word) !== word || prerelease(word)) {
    throw new Refusal(`${word} is no version: it must be patch, minor, major or numbers such as 1.2.3`, 2);
  }
  // The first release has the version that is there.
  if (word !== current && !gt(word, current)) {
    throw new Refusal(`${word} is older than ${current}, which package.json has`, 2);
  }
  return word;
}

/** The changelog with what is unreleased under the version and today's date. */
function datedChangelog(text, version) {
  const [before, after] = text.split(`\n${HEADING}\n`);
  if (after === undefined) {
    throw new Refusal(`CHANGELOG.md has no line ${HEADING}: put it above what the release brings`);
  }
  if (after.split("\n## ")[0].trim() === "") {
    throw new Refusal(`CHANGELOG.md has nothing under ${HEADING}: say there what the release brings`);
  }
  const today = new Date().toISOString().slice(0, 10);
  return `${before}\n${HEADING}\n\n## ${version} (${today})\n${after}`;
}

function refuseWhereUnfit(tag, url) {
  if (url.includes(PLACEHOLDER)) {
    throw new Refusal(
      `package.json's repository.url names ${PLACEHOLDER}: put the true owner there, and run npm run repository`,
    );
  }
  const branch = git("rev-parse", "--abbrev-ref", "HEAD");
  if (branch !== BRANCH) throw new Refusal(`this is branch ${branch}; releases are made on ${BRANCH}`);
  const [changed] = git("status", "--porcelain").split("\n");
  if (changed)
    throw new Refusal(`${changed.trim().split(/\s+/).at(-1)} is not committed: commit or stash what changed`);
  if (git("tag", "--list", tag)) throw new Refusal(`the tag ${tag} exists already: choose another version`);
}

function check() {
  for (const command of CHECKS) {
    try {
      npm(command);
    } catch {
      throw new Refusal(`${command} fails, so nothing was changed`);
    }
  }
}

/** Writes, commits and tags; what was written goes back where that fails. */
function release(version, tag, changelog) {
  const files = ["package.json", "package-lock.json", "src/version.ts", "CHANGELOG.md"].filter((name) =>
    existsSync(`${cwd}/${name}`),
  );
  // The tree is clean.
  const before = git("rev-parse", "HEAD");
  try {
    npm(`npm version ${version} --no-git-tag-version --allow-same-version --ignore-scripts`, "pipe");
    write("src/version.ts", read("src/version.ts").replace(/(?<=VERSION = ")[^"]+/, version));
    write("CHANGELOG.md", changelog);
    git("commit", "--quiet", "--message", `release: ${version}`, "--", ...files);
    git("tag", "--annotate", tag, "--message", `neoblast ${version}`);
  } catch (error) {
    git("reset", "--quiet", "--hard", before);
    throw new Refusal(
      `nothing was changed: ${
        String(error.stderr ?? error.message)
          .trim()
          .split("\n")[0]
      }`,
    );
  }
}

try {
  const { word, "dry-run": dryRun, "skip-checks": skipsChecks } = readArguments();
  const { version: current, repository } = JSON.parse(read("package.json"));
  const version = nextVersion(word, current);
  const tag = `v${version}`;
  refuseWhereUnfit(tag, repository.url);
  const changelog = datedChangelog(read("CHANGELOG.md"), version);
  if (dryRun) {
    if (!skipsChecks) console.log(`Would run ${CHECKS.join(", ")}.`);
    console.log(`Would set version ${version} (now ${current}), date CHANGELOG.md, commit, and tag ${tag}.`);
  } else {
    if (!skipsChecks) check();
    release(version, tag, changelog);
    console.log(`${tag} is committed and tagged, here only.`);
    console.log(`To publish it: git push origin ${BRANCH} ${tag}`);
    console.log(`There, the workflow release.yml runs npm publish --provenance and puts up the site.`);
    console.log(`To undo it instead: git tag --delete ${tag} && git reset --hard HEAD~1`);
  }
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  console.error(`release: ${error.message}`);
  process.exitCode = error.code;
}
