/** WebGPU in Node, through the optional package `webgpu` (Dawn). */
import { UserError } from "../errors.ts";

const MISSING = "WebGPU in Node needs the package webgpu beside neoblast: npm install webgpu";

/** Shaders here set all workgroup memory that they read: that Dawn sets it to 0 before costs time, most of all in software. */
const OPTIONS = ["enable-dawn-features=disable_workgroup_init"];

/**
 * What was opened, for as long as the process lives. `webgpu` 0.6.2 frees what its devices still use when this becomes
 * garbage: a process that trained crashed within its first steps or at its end, most of the time. Held, it ends by itself. To be dropped once devices hold what they need.
 */
let opened: GPU | undefined;

/**
 * What a browser has as `navigator.gpu`: always the same.
 *
 * @throws UserError, one sentence, where the package is not installed or does not load on this machine.
 */
export async function openGpu(): Promise<GPU> {
  let dawn: typeof import("webgpu");
  try {
    dawn = await import("webgpu");
  } catch (cause) {
    const absent = cause instanceof Error && "code" in cause && cause.code === "ERR_MODULE_NOT_FOUND";
    throw new UserError(absent ? MISSING : `the package webgpu does not load here: ${messageOf(cause)}`, {
      cause,
    });
  }
  opened ??= dawn.create(OPTIONS);
  return opened;
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message.split("\n", 1)[0] : String(cause);
}
