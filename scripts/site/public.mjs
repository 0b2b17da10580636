// Files that the site serves as they are.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { build } from "vite";
import { decodeSafetensors, encodeSafetensors } from "../../dist/formats/safetensors.js";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Models of the playground's gallery that the home page offers: such as heal. */
const PICTURES = JSON.parse(readFileSync(join(root, "site/.vitepress/theme/pictures.json"), "utf8"));

/** Sides of their small pictures, in pixels. */
const SIDE = 48;

/** Puts the playground under `playground/`, and what the home page plays under `pictures/`. */
export async function placePublic(folder) {
  await placePictures(join(root, "playground/public/gallery"), join(folder, "pictures"));
  await build({
    root: join(root, "playground"),
    logLevel: "warn",
    build: { outDir: join(folder, "playground"), emptyOutDir: true },
  });
}

async function placePictures(gallery, folder) {
  mkdirSync(folder, { recursive: true });
  for (const name of PICTURES) {
    await sharp(join(gallery, `${name}.png`))
      .trim()
      .resize(SIDE, SIDE, { fit: "contain", background: "#0000" })
      .webp({ quality: 60, alphaQuality: 60 })
      .toFile(join(folder, `${name}.webp`));
    // Half the bytes, and to the eye the same.
    const model = decodeSafetensors(readFileSync(join(gallery, `${name}.safetensors`)));
    const half = new Set(Object.keys(model.tensors));
    writeFileSync(join(folder, `${name}.safetensors`), encodeSafetensors(model, { half }));
  }
}
