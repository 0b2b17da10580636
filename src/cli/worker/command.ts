import { Command } from "commander";
import { explain, type Explanation } from "../help.ts";
import { engineNames } from "../../runs/record.ts";
import { kernelChoices } from "../engine.ts";
import { patienceOption, queueOption, tagKind } from "../queueOption.ts";
import { listOf, number, oneOf, option, orAuto, whole } from "../values.ts";
import type { WorkerCommandOptions } from "./options.ts";

/** `neoblast worker`: does the work of a queue. */
export function workerCommand(): Command {
  return explain(new Command("worker"), HELP)
    .description(
      "Joins a queue in Redis or Valkey and does the work in it, one job at a time, until Ctrl-C; any number of workers may join and leave at any time.",
    )
    .addOption(
      queueOption(
        "where the queue is: redis://host:6379/0, or rediss://host:6379/0 with TLS",
      ).makeOptionMandatory(),
    )
    .addOption(
      option(
        "--engine <name>",
        "wasm (the processor), webgpu (a graphics card, by the package webgpu), webgpu-f16 (the same, layers in half precision) or the slow reference (default: wasm)",
        oneOf(engineNames),
      ),
    )
    .addOption(
      option(
        "--kernels <build>",
        "strict (the same bits on every machine), relaxed (faster) or auto (relaxed where the machine has it); only work that wants these is done (default: auto)",
        oneOf(kernelChoices),
      ),
    )
    .addOption(
      option("--threads <n>", "worker threads", orAuto(whole(1, 256))).default("auto", "one per processor"),
    )
    .addOption(
      option(
        "--tags <list>",
        "does work that asks for one of these, too, such as gpu,large",
        listOf(tagKind),
      ),
    )
    .addOption(
      option(
        "--lock <seconds>",
        "after so long without a sign of life, what this worker holds goes to another",
        number(0.5, 3600),
      ).default(15),
    )
    .addOption(patienceOption())
    .action(async (options: WorkerCommandOptions) => {
      const { worker } = await import("./action.ts");
      await worker(options);
    });
}

const HELP: Explanation = {
  notes:
    "The password of the queue is taken from NEOBLAST_QUEUE_PASSWORD in the environment. It needs the packages bullmq and ioredis: npm install bullmq ioredis. Each job is a line on standard error. Ctrl-C hands back at once what is not done. Exit status: 0 where it left when asked to, 1 where the queue went away or something failed, 2 for a wrong call.",
  examples: [
    ["neoblast worker --queue redis://10.0.0.1:6379/0"],
    ["neoblast worker --queue rediss://example.com:6380/0 --kernels strict"],
    ["neoblast worker --queue redis://10.0.0.1:6379/0 --engine webgpu --tags gpu"],
  ],
};
