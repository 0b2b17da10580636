// Draws the pictures of the set that are no emoji, beside this file: node bench/pictures/draw.mjs. Needs a build.
import { writeFileSync } from "node:fs";
import { argv } from "node:process";
import { fileURLToPath } from "node:url";
import { encodePng } from "../../dist/node/encode.js";
import { rasters } from "./rasters.mjs";
import { vectors } from "./vectors.mjs";

/** Bytes of the files by name. The same each time; of a PNG the pixels are, its compression is that of the encoder. */
export async function drawPictures() {
  const files = Object.entries(vectors).map(([name, draw]) => [`${name}.svg`, Buffer.from(draw())]);
  for (const [name, draw] of Object.entries(rasters)) files.push([`${name}.png`, await encodePng(draw())]);
  return Object.fromEntries(files);
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, bytes] of Object.entries(await drawPictures())) {
    writeFileSync(new URL(name, import.meta.url), bytes);
  }
}
