// What tests on a graphics device need without a graphics card: SwiftShader, a Vulkan driver that runs on the processor and
// comes with Chromium, and libvulkan1, which loads drivers. Finds or installs the latter, and says so: `node scripts/vulkan.mjs`.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { findChromium } from "./chromium.mjs";

const LOADER = "libvulkan.so.1";
const DRIVER = "vk_swiftshader_icd.json";

/** Path of SwiftShader's driver file: that of Debian's Chromium, or beside the Chromium that the tests use; undefined where there is none. */
export function findSwiftShader() {
  const chromium = findChromium();
  const folders = ["/usr/lib/chromium", ...(chromium ? [dirname(realpathSync(chromium))] : [])];
  return folders.map((folder) => join(folder, DRIVER)).find((path) => existsSync(path));
}

/** Path of the Vulkan loader; undefined where there is none. */
function findLoader() {
  const folders = ["/usr/lib", "/usr/lib64", "/usr/local/lib"].filter((folder) => existsSync(folder));
  const nested = folders.flatMap((folder) =>
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name.includes("linux"))
      .map(({ name }) => join(folder, name)),
  );
  return [...folders, ...nested].map((folder) => join(folder, LOADER)).find((path) => existsSync(path));
}

/** What was found or done, in a sentence. */
function provide() {
  if (process.platform !== "linux") return "not needed here";
  const found = findLoader();
  if (found) return `found ${found}`;
  if (process.getuid?.() !== 0 || !existsSync("/etc/debian_version")) {
    return "none found, and not installed without Debian's apt-get and root; install libvulkan1";
  }
  try {
    for (const words of [
      ["update", "-qq"],
      ["install", "-y", "-qq", "--no-install-recommends", "libvulkan1"],
    ]) {
      execFileSync("apt-get", words, { stdio: "inherit" });
    }
  } catch {
    return "none found, and apt-get could not install libvulkan1";
  }
  const installed = findLoader();
  return installed ? `installed ${installed}` : "still not there after the installation of libvulkan1";
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(`Vulkan for the tests on a graphics device: ${provide()}.`);
  const driver = findSwiftShader();
  console.log(
    `SwiftShader for them: ${driver ? `found ${driver}` : "none found; without a graphics card they are skipped"}.`,
  );
}
