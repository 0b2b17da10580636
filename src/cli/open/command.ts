import { Command } from "commander";
import { explain, type Explanation } from "../help.ts";
import { argument, filePath } from "../values.ts";

/** `neoblast open`: shows a run's page in the browser. */
export function openCommand(): Command {
  return explain(new Command("open"), HELP)
    .description(
      "Opens the page of a run (player.html), of a sweep (sweep.html), or any page that a command wrote, in the browser. The path of the page goes to standard output.",
    )
    .addArgument(argument("[run]", "its folder, or a page (default: the latest run in runs)", filePath))
    .action(async (run: string | undefined) => {
      const { openPage } = await import("./action.ts");
      await openPage(run);
    });
}

const HELP: Explanation = {
  examples: [["neoblast open"], ["neoblast open runs/lizard-1"], ["neoblast open runs/sweep-1"]],
};
