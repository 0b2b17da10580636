/** What a run remembers of pictures that it does not keep: enough to notice that they have changed. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { PictureSet } from "../../../data/pictureSet.ts";
import { UserError } from "../../../errors.ts";
import { isFile, readFileBytes, writeFileAtomic } from "../../../node/files.ts";
import { CHECKPOINT_FOLDER } from "../../../node/runFolder.ts";

const FILE = join(CHECKPOINT_FOLDER, "pictures.sha256");
/** Pictures that are looked at, evenly spread over all. */
const LOOKED_AT = 1000;
const MAX_BYTES = 1024;

export async function keepDigest(folder: string, pictures: PictureSet): Promise<void> {
  await writeFileAtomic(join(folder, FILE), `${digestOf(pictures)}\n`);
}

/** @throws UserError where the pictures are not those that the run in a folder began with. */
export async function checkDigest(folder: string, pictures: PictureSet, source: string): Promise<void> {
  const file = join(folder, FILE);
  if (!(await isFile(file))) return;
  const kept = new TextDecoder().decode(await readFileBytes(file, MAX_BYTES)).trim();
  if (kept === digestOf(pictures)) return;
  throw new UserError(`the pictures of ${source} are not those that the run in ${folder} began with`);
}

function digestOf(pictures: PictureSet): string {
  const hash = createHash("sha256").update(`${pictures.count} ${pictures.grid.join()} ${pictures.channels}`);
  const count = Math.min(LOOKED_AT, pictures.count);
  for (let i = 0; i < count; i++) {
    hash.update(
      Uint8Array.from(
        pictures.picture(Math.floor((i * pictures.count) / count)),
        (value) => 255 * value + 0.5,
      ),
    );
  }
  return hash.digest("hex");
}
