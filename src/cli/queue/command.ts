import { Command } from "commander";
import { explain, type Explanation } from "../help.ts";
import { queueOption } from "../queueOption.ts";
import type { QueueStatusOptions } from "./options.ts";

/** `neoblast queue`: what happens in a queue. */
export function queueCommand(): Command {
  const status = explain(new Command("status"), HELP)
    .summary("who works, what runs, waits and failed, and how fast")
    .description("Says which workers are there and what they do, and what runs, waits and failed in a queue.")
    .addOption(
      queueOption(
        "where the queue is: redis://host:6379/0, or rediss://host:6379/0 with TLS",
      ).makeOptionMandatory(),
    )
    .option("--json", "print one JSON object instead of the tables")
    .action(async (options: QueueStatusOptions) => {
      const { queueStatus } = await import("./action.ts");
      await queueStatus(options);
    });
  const queue = new Command("queue").description("Says what happens in a queue that machines share work by.");
  return queue.addCommand(status.copyInheritedSettings(queue));
}

const HELP: Explanation = {
  examples: [
    ["neoblast queue status --queue redis://10.0.0.1:6379/0"],
    ["watch neoblast queue status --queue redis://10.0.0.1:6379/0"],
  ],
};
