/** Files that the command line names, where `-` is standard input. */
import { extname } from "node:path";
import { targetFromRgba, type TargetOptions } from "../data/image.ts";
import { drawMaterial, isMaterial, materialNames } from "../data/materials.ts";
import type { PictureSet } from "../data/pictureSet.ts";
import { UserError } from "../errors.ts";
import { decodeModel, type Model } from "../model/model.ts";
import { decodeAs, fileError, megabytes, readFileBytes } from "../node/files.ts";
import {
  decodePicture,
  decodeTarget,
  loadTarget,
  MAX_PICTURE_BYTES,
  type NamedTarget,
} from "../node/images.ts";
import { MAX_MODEL_BYTES, loadModel } from "../node/models.ts";
import { pictureOf } from "../node/pictureFolder.ts";
import { isMissing, modelStep, withStep } from "./nextStep.ts";
import { usageError } from "./values.ts";

/** What stands for standard input, and for standard output where a file is written. */
export const STANDARD = "-";
const NAME = "standard input";

/**
 * The bytes of a file, or those of standard input.
 *
 * @throws UserError as `readFileBytes`; with exit status 2 where standard input is a terminal.
 */
export async function readNamed(path: string, maxBytes: number): Promise<Uint8Array> {
  return path === STANDARD ? readStandardInput(maxBytes) : readFileBytes(path, maxBytes);
}

/** `decodeFile`, of standard input too. */
export async function decodeNamed<T>(
  path: string,
  maxBytes: number,
  decode: (bytes: Uint8Array) => T | Promise<T>,
): Promise<T> {
  const bytes = await readNamed(path, maxBytes);
  return decodeAs(path === STANDARD ? NAME : path, bytes, decode);
}

/** `loadModel`, of standard input too; where there is no model, what to do is said. */
export async function loadNamedModel(path: string): Promise<Model> {
  if (path === STANDARD) return decodeNamed(path, MAX_MODEL_BYTES, decodeModel);
  try {
    return await loadModel(path);
  } catch (error) {
    throw isMissing(error) ? withStep(error, await modelStep(path)) : error;
  }
}

async function readStandardInput(maxBytes: number): Promise<Uint8Array> {
  const { stdin } = process;
  if (stdin.isTTY) {
    throw usageError(
      `${STANDARD} is standard input, which is a terminal here; send a file into it: command < file`,
    );
  }
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of stdin as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > maxBytes) {
        throw new UserError(`${NAME} is longer than ${megabytes(maxBytes)}, and no more is read`);
      }
    }
  } catch (error) {
    throw fileError(error, "read", NAME);
  }
  if (length === 0) throw new UserError(`${NAME} is empty`);
  return Buffer.concat(chunks, length);
}

/**
 * `loadTarget`, of standard input too.
 *
 * @param source as the command line or a configuration says it, never a model.
 */
export async function loadNamedTarget(source: string, options: TargetOptions): Promise<NamedTarget> {
  if (source !== STANDARD) return loadTarget(source, options);
  const target = await decodeNamed(source, MAX_PICTURE_BYTES, (bytes) => decodeTarget(bytes, options));
  return { ...target, name: "picture", description: NAME };
}

/** `loadPicture`, of standard input too. */
export function loadNamedPicture(
  path: string,
  kind: Pick<PictureSet, "grid" | "channels">,
): Promise<Float32Array> {
  return decodeNamed(path, MAX_PICTURE_BYTES, async (bytes) =>
    pictureOf(await decodePicture(bytes, Math.min(...kind.grid)), kind),
  );
}

/** {@link loadNamedTarget}, of a material of the shelf too, which goes before an emoji of the same name. */
export async function loadNamedTexture(source: string, options: TargetOptions): Promise<NamedTarget> {
  if (!isMaterial(source)) {
    return loadNamedTarget(source, options).catch((error: unknown) => {
      const isName = extname(source) === "" && source !== STANDARD;
      throw isName ? withStep(error, `materials are ${materialNames.join(", ")}`) : error;
    });
  }
  const target = targetFromRgba(drawMaterial(source, options.size), options);
  return { ...target, name: source, description: source };
}
