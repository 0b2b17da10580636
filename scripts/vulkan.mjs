// What tests on a graphics device need without a graphics card: SwiftShader, a Vulkan driver that runs on the processor and
// comes with Chromium, and libvulkan1, which loads drivers. Finds or installs the latter, and says so: `node scripts/vulkan.mjs`.
import { existsSync, readdirSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { findChromium } from "./chromium.mjs";
import { provide } from "./debian.mjs";

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

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(
    `Vulkan for the tests on a graphics device: ${process.platform === "linux" ? provide("libvulkan1", findLoader) : "not needed here"}.`,
  );
  const driver = findSwiftShader();
  console.log(
    `SwiftShader for them: ${driver ? `found ${driver}` : "none found; without a graphics card they are skipped"}.`,
  );
}
