import { UserError } from "../errors.ts";

/**
 * A package that not everybody needs, and that npm leaves out with `--omit=optional`, loaded on first use.
 *
 * @throws UserError where it is not installed.
 */
export async function optionalPackage<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const name = missingPackage(error);
    if (name === undefined) throw error;
    throw new UserError(missingSentence(name), { cause: error });
  }
}

/** The package that an error says is not installed; undefined where it says nothing of the kind. */
export function missingPackage(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  const [, name] = /^Cannot find (?:package|module) '((?:@[\w.-]+\/)?[\w.-]+)/.exec(error.message) ?? [];
  return error.code === "ERR_MODULE_NOT_FOUND" || error.code === "MODULE_NOT_FOUND" ? name : undefined;
}

export function missingSentence(name: string): string {
  return `this needs the package ${name}, which is not installed: npm install ${name}`;
}

/** What reads, scales and writes pictures. */
export const loadSharp = () => optionalPackage(async () => (await import("sharp")).default);
