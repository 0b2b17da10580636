import { dirname, join } from "node:path";
import * as z from "zod/mini";
import { HANDWRITING } from "../../data/handwriting.ts";
import { decodeFile, isFile, isFolder } from "../../node/files.ts";
import { MAX_CONFIG_BYTES } from "../../node/runFolder.ts";

/**
 * The pictures or other data that a model was trained on, as its run's folder says.
 *
 * @param path of the folder, or of the model in it. @param otherwise where nothing says so.
 */
export async function trainedOn(path: string, otherwise = HANDWRITING): Promise<string> {
  const file = join((await isFolder(path)) ? path : dirname(path), "config.json");
  if (!(await isFile(file))) return otherwise;
  const config = await decodeFile(file, MAX_CONFIG_BYTES, (bytes): unknown =>
    JSON.parse(new TextDecoder().decode(bytes)),
  ).catch(() => undefined);
  const parsed = z.object({ data: z.object({ source: z.string() }) }).safeParse(config);
  return parsed.success ? parsed.data.data.source : otherwise;
}
