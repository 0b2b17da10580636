// Finds a redis-server for the tests of work on many machines, or installs Debian's, and says so: `node scripts/redis.mjs`.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const NAMES = ["redis-server", "valkey-server"];

/** Path of a Redis or Valkey server; undefined where there is none. */
export function findRedis() {
  const folders = ["/usr/bin", ...(process.env.PATH ?? "").split(delimiter)];
  return folders
    .flatMap((folder) => NAMES.map((name) => join(folder, name)))
    .find((path) => existsSync(path));
}

/** What was found or done, in a sentence. */
function provide() {
  const found = findRedis();
  if (found) return `found ${found}`;
  if (process.getuid?.() !== 0 || !existsSync("/etc/debian_version")) {
    return "none found, and not installed without Debian's apt-get and root, so that they are skipped; install redis-server";
  }
  try {
    for (const words of [
      ["update", "-qq"],
      ["install", "-y", "-qq", "--no-install-recommends", "redis-server"],
    ]) {
      execFileSync("apt-get", words, { stdio: "inherit" });
    }
  } catch {
    return "none found, and apt-get could not install redis-server, so that they are skipped";
  }
  const installed = findRedis();
  return installed ? `installed ${installed}` : "still not there after the installation of redis-server";
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(`Redis for the tests of many machines: ${provide()}.`);
}
