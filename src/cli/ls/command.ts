import { Command } from "commander";
import { explain, type Explanation } from "../help.ts";
import { argument, folderPath } from "../values.ts";

export type LsOptions = Readonly<{ json?: true }>;

/** `neoblast ls`: the runs in a folder, and what became of them. */
export function lsCommand(): Command {
  return explain(new Command("ls"), HELP)
    .description(
      "Lists the runs in a folder, the latest last: what they train, how far they are and how good.",
    )
    .addArgument(argument("[folder]", "the folder that holds runs", folderPath).default("runs"))
    .option("--json", "print one JSON object a line")
    .action(async (folder: string, options: LsOptions) => {
      const { ls } = await import("./action.ts");
      await ls(folder, options);
    });
}

const HELP: Explanation = {
  examples: [["neoblast ls"], ["neoblast ls sweeps/pool --json"]],
};
