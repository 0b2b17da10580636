// Files that the site serves as they are.
import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { build } from "vite";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Sides of the small pictures that the home page offers, in pixels. */
const SIDE = 48;

/** Puts the playground under `playground/`, the site's own files beside it, and small pictures of its gallery. */
export async function placePublic(folder) {
  mkdirSync(folder, { recursive: true });
  cpSync(join(root, "site/public"), folder, { recursive: true });
  const gallery = join(root, "playground/public/gallery");
  mkdirSync(join(folder, "pictures"), { recursive: true });
  for (const name of ["lizard", "butterfly", "fish", "face", "mushroom"]) {
    await sharp(join(gallery, `${name}.png`))
      .trim()
      .resize(SIDE, SIDE, { fit: "contain", background: "#0000" })
      .webp({ quality: 60, alphaQuality: 60 })
      .toFile(join(folder, "pictures", `${name}.webp`));
  }
  await build({
    root: join(root, "playground"),
    logLevel: "warn",
    build: { outDir: join(folder, "playground"), emptyOutDir: true },
  });
}
