// Installs what tests need, where that is Debian and we may.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";

/**
 * Finds something, or installs Debian's package of it.
 *
 * @param find its path; undefined where there is none. @param without what follows where there is none, after a comma.
 * @returns what was found or done, in a sentence without a full stop.
 */
export function provide(name, find, without = "") {
  const found = find();
  if (found) return `found ${found}`;
  if (process.getuid?.() !== 0 || !existsSync("/etc/debian_version")) {
    return `none found, and not installed without Debian's apt-get and root${without}; install ${name}`;
  }
  try {
    for (const words of [
      ["update", "-qq"],
      ["install", "-y", "-qq", "--no-install-recommends", name],
    ]) {
      execFileSync("apt-get", words, { stdio: "inherit" });
    }
  } catch {
    return `none found, and apt-get could not install ${name}${without}`;
  }
  const installed = find();
  return installed ? `installed ${installed}` : `still not there after the installation of ${name}`;
}
