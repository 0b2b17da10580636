import { Command } from "commander";
import { explain, type Explanation } from "../help.ts";
import type { BenchOptions } from "./options.ts";
import { number, option } from "../values.ts";

/** `neoblast bench`: how fast this machine trains and runs the article's automaton. */
export function benchCommand(): Command {
  return explain(new Command("bench"), HELP)
    .description("Measures how fast this machine trains and runs an automaton.")
    .option("--json", "print one JSON object instead of the table")
    .addOption(option("--seconds <number>", "seconds for each row of the table", number(0, 600)).default(3))
    .action(async (options: BenchOptions) => {
      const { bench } = await import("./action.ts");
      await bench(options);
    });
}

const HELP: Explanation = {
  notes:
    'The automaton is the one that "neoblast grow" trains, fully grown: 72x72 cells, of which about 600 live, 16 channels, 128 hidden units, batch 8, 80 steps. A training step is rollout, gradient and Adam.',
  examples: [["neoblast bench"], ["neoblast bench --json > bench.json"]],
};
