import { Command } from "commander";
import { explain, type Explanation } from "../help.ts";
import { argument, oneOf } from "../values.ts";

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/** `neoblast completion`: a script by which a shell completes commands, options and their words. */
export function completionCommand(): Command {
  return explain(new Command("completion"), HELP)
    .description("Prints a script by which a shell completes commands, options and the words they allow.")
    .addArgument(argument("<shell>", "bash, zsh or fish", oneOf(SHELLS)))
    .action(async (shell: Shell, _options: object, command: Command) => {
      const { completion } = await import("./action.ts");
      completion(shell, command.parent!);
    });
}

const HELP: Explanation = {
  examples: [
    ["neoblast completion bash >> ~/.bashrc"],
    ['neoblast completion zsh > "${fpath[1]}/_neoblast"'],
    ["neoblast completion fish > ~/.config/fish/completions/neoblast.fish"],
  ],
};
