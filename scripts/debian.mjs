// Installs what tests need, where that is Debian and we may.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** Where apt-get keeps what it knows of packages, and for how many milliseconds that is new enough. */
const LISTS = "/var/lib/apt/lists";
const FRESH = 3_600_000;

/** Whether apt-get has lists of packages that are new: to fetch them again takes ten seconds. */
function knowsPackages() {
  const lists = readdirSync(LISTS).filter((name) => name.includes("_Packages"));
  return lists.some((name) => Date.now() - statSync(join(LISTS, name)).ctimeMs < FRESH);
}

/** Whether Debian's packages can be installed here. */
export const hasDebian = process.getuid?.() === 0 && existsSync("/etc/debian_version");

const apt = (...words) => execFileSync("apt-get", words, { stdio: "inherit" });

/** Installs Debian's package of a name. @throws Error where that fails. */
export function install(name) {
  if (!knowsPackages()) apt("update", "-qq");
  apt("install", "-y", "-qq", "--no-install-recommends", name);
}

/**
 * Finds something, or installs Debian's package of it.
 *
 * @param find its path; undefined where there is none. @param without what follows where there is none, after a comma.
 * @returns what was found or done, in a sentence without a full stop.
 */
export function provide(name, find, without = "") {
  const found = find();
  if (found) return `found ${found}`;
  if (!hasDebian) {
    return `none found, and not installed without Debian's apt-get and root${without}; install ${name}`;
  }
  try {
    install(name);
  } catch {
    return `none found, and apt-get could not install ${name}${without}`;
  }
  const installed = find();
  return installed ? `installed ${installed}` : `still not there after the installation of ${name}`;
}
