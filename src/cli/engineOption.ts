import type { Option } from "commander";
import { engineNames } from "../runs/record.ts";
import { rarely } from "./help.ts";
import { oneOf, option } from "./values.ts";

/** What `--engine` takes: an engine by its name, or the faster one of those that a machine has. */
export const engineChoices = [...engineNames, "auto"] as const;
export type EngineChoice = (typeof engineChoices)[number];

/** Which engine a command uses. */
export function engineOption(): Option {
  return rarely(
    option(
      "--engine <name>",
      "wasm (the processor), webgpu (a graphics card, by the package webgpu), webgpu-f16 (the same, layers in half precision), auto (wasm or webgpu, whichever is measured to be faster) or the slow reference (default: wasm)",
      oneOf(engineChoices),
    ),
  );
}
