import { FormatError, UserError } from "../errors.ts";
import { decodeModel, type Model } from "../model/model.ts";

/** Loads a model file. @throws UserError, a sentence that begins with what the file is called; AbortError. */
export async function fetchModel(source: string, signal: AbortSignal): Promise<Model> {
  const name = source.startsWith("data:") || source.startsWith("blob:") ? "The model" : source;
  let bytes: Uint8Array;
  try {
    const response = await fetch(source, { signal });
    if (!response.ok)
      throw new UserError(`${name} could not be loaded: the server answered ${response.status}.`);
    bytes = new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    if (signal.aborted || cause instanceof UserError) throw cause;
    throw new UserError(`${name} could not be loaded.`, { cause });
  }
  try {
    return decodeModel(bytes);
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause;
    throw new UserError(`${name} cannot be read: ${cause.message}.`, { cause });
  }
}
