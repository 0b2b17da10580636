import { statfs } from "node:fs/promises";
import { UserError } from "../../errors.ts";
import { createEngine } from "../../node/engine.ts";
import { fasterKernels } from "../../node/wideKernels.ts";
import { VERSION } from "../../version.ts";
import { verifyAgainstReference } from "../bench/check.ts";
import { describeMachine } from "../bench/machine.ts";
import { adapterWords, listAdapters } from "../graphics.ts";
import { print, printJson } from "../terminal/print.ts";
import type { DoctorOptions } from "./command.ts";

/** Whether it is there; "missing" is no fault, for not everybody needs it. */
type State = "good" | "missing" | "faulty";
type Finding = Readonly<{ what: string; state: State; says: string }>;

/** Packages that not everybody needs, by what they are for. The first that is missing is named. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  pictures: ["sharp"],
  emoji: ["@iconify-json/noto", "@iconify-json/twemoji"],
  "charts and pages": ["@observablehq/plot", "linkedom"],
  "MP4 films": ["h264-mp4-encoder"],
  networks: ["@jax-js/jax"],
  "QR codes": ["qr"],
  "many machines": ["bullmq", "ioredis"],
};
/** Without these, no emoji can be trained. */
const NEEDED = ["pictures", "emoji"];

const MARKS: Readonly<Record<State, string>> = { good: "ok", missing: "--", faulty: "!!" };

export async function doctor({ json }: DoctorOptions): Promise<void> {
  const findings: Finding[] = [];
  for (const look of [program, machine, kernels, graphics, disk]) findings.push(await look());
  for (const [what, names] of Object.entries(PACKAGES)) findings.push(await packages(what, names));
  if (json) printJson({ findings });
  else {
    const width = Math.max(...findings.map(({ what }) => what.length));
    print(...findings.map(({ what, state, says }) => `${MARKS[state]}  ${what.padEnd(width)}  ${says}`));
  }
  if (findings.some(({ state }) => state === "faulty")) {
    throw new UserError("something that training a picture needs is missing: see the lines with !!");
  }
}

function program(): Finding {
  const { node, v8 } = process.versions;
  return { what: "program", state: "good", says: `neoblast ${VERSION}, Node ${node} (V8 ${v8})` };
}

function machine(): Finding {
  const { cpu, cores, memoryGiB, system } = describeMachine();
  const says = `${cores} x ${cpu}, ${memoryGiB} GiB of memory, ${system}; ${cores} threads by default`;
  return { what: "machine", state: "good", says };
}

async function kernels(): Promise<Finding> {
  const what = "kernels";
  try {
    const engine = await createEngine({ threads: 1 });
    try {
      const deviation = await verifyAgainstReference(engine);
      const vectors = (await fasterKernels()) ? ", in vectors of 256 bits" : "";
      const says = `WebAssembly with SIMD, ${engine.build}${vectors}; within ${deviation.toExponential(1)} of the reference`;
      return { what, state: "good", says };
    } finally {
      await engine.dispose();
    }
  } catch (error) {
    return { what, state: "faulty", says: sentenceOf(error) };
  }
}

async function graphics(): Promise<Finding> {
  const what = "graphics";
  try {
    const adapters = await listAdapters();
    if (adapters.length === 0)
      return { what, state: "missing", says: "WebGPU finds no device; its driver may be missing" };
    return { what, state: "good", says: adapters.map(adapterWords).join(", ") };
  } catch (error) {
    return { what, state: "missing", says: sentenceOf(error) };
  }
}

async function disk(): Promise<Finding> {
  const what = "disk";
  try {
    const { bavail, bsize } = await statfs(".");
    const gibibytes = (bavail * bsize) / 2 ** 30;
    const says = `${gibibytes.toFixed(1)} GiB free in this folder`;
    // A run of one picture takes some 10 MiB.
    return { what, state: gibibytes > 0.05 ? "good" : "faulty", says };
  } catch (error) {
    return { what, state: "missing", says: sentenceOf(error) };
  }
}

async function packages(what: string, names: readonly string[]): Promise<Finding> {
  const absent = names.filter((name) => !isInstalled(name));
  const state = NEEDED.includes(what) ? "faulty" : "missing";
  if (absent.length > 0) {
    return { what, state, says: `not installed: npm install ${absent.join(" ")}` };
  }
  if (what === "pictures") {
    try {
      await import("sharp");
    } catch (error) {
      return { what, state, says: `sharp does not load here: ${sentenceOf(error)}` };
    }
  }
  return { what, state: "good", says: names.join(", ") };
}

function isInstalled(name: string): boolean {
  try {
    import.meta.resolve(`${name}/package.json`);
    return true;
  } catch (error) {
    // A package may keep this file to itself.
    return error instanceof Error && "code" in error && error.code === "ERR_PACKAGE_PATH_NOT_EXPORTED";
  }
}

function sentenceOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n", 1)[0];
}
