import { dirname, join } from "node:path";
import * as z from "zod/mini";
import { HANDWRITING } from "../../data/handwriting.ts";
import { decodeFile, isFile, isFolder } from "../../node/files.ts";
import { MAX_CONFIG_BYTES } from "../../node/runFolder.ts";

/**
 * The pictures that a model was trained on, as its run's folder says; handwriting where nothing does.
 *
 * @param path of the folder, or of the model in it.
 */
export async function trainedOn(path: string): Promise<string> {
  const file = join((await isFolder(path)) ? path : dirname(path), "config.json");
  if (!(await isFile(file))) return HANDWRITING;
  const config = await decodeFile(file, MAX_CONFIG_BYTES, (bytes): unknown =>
    JSON.parse(new TextDecoder().decode(bytes)),
  ).catch(() => undefined);
  const parsed = z.object({ data: z.object({ source: z.string() }) }).safeParse(config);
  return parsed.success ? parsed.data.data.source : HANDWRITING;
}
