// Finds a redis-server for the tests of work on many machines, or installs Debian's, and says so: `node scripts/redis.mjs`.
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { provide } from "./debian.mjs";

const NAMES = ["redis-server", "valkey-server"];

/** Path of a Redis or Valkey server; undefined where there is none. */
export function findRedis() {
  const folders = ["/usr/bin", ...(process.env.PATH ?? "").split(delimiter)];
  return folders
    .flatMap((folder) => NAMES.map((name) => join(folder, name)))
    .find((path) => existsSync(path));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(
    `Redis for the tests of many machines: ${provide("redis-server", findRedis, ", so that they are skipped")}.`,
  );
}
