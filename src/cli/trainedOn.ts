import { join } from "node:path";
import * as z from "zod/mini";
import { HANDWRITING } from "../data/handwriting.ts";
import { decodeFile, isFile } from "../node/files.ts";
import { MAX_CONFIG_BYTES } from "../node/runFolder.ts";

/** The pictures that the run in a folder was trained on; handwriting where a path is no such folder. */
export async function trainedOn(path: string): Promise<string> {
  const file = join(path, "config.json");
  if (!(await isFile(file))) return HANDWRITING;
  const config = await decodeFile(file, MAX_CONFIG_BYTES, (bytes): unknown =>
    JSON.parse(new TextDecoder().decode(bytes)),
  ).catch(() => undefined);
  const parsed = z.object({ data: z.object({ source: z.string() }) }).safeParse(config);
  return parsed.success ? parsed.data.data.source : HANDWRITING;
}
