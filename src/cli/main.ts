/** The command line: one file a command. */
import { Command, CommanderError } from "commander";
import { UserError } from "../errors.ts";
import { VERSION } from "../version.ts";
import { benchCommand } from "./bench.ts";
import { evaluateCommand } from "./evaluate.ts";
import { digitsCommand } from "./digits.ts";
import { evolveCommand } from "./evolve.ts";
import { exportCommand } from "./export.ts";
import { growCommand } from "./grow.ts";
import { importCommand } from "./import.ts";
import { inspectCommand } from "./inspect.ts";
import { interpolateCommand } from "./interpolate.ts";
import { Interruption } from "./interrupt.ts";
import { reconstructCommand } from "./reconstruct.ts";
import { reinforceCommand } from "./reinforce.ts";
import { runCommand } from "./run.ts";
import { sampleCommand } from "./sample.ts";

/**
 * Runs the command that the arguments ask for and sets the exit status: 0, 1 for a failure, 2 for a wrong call,
 * 128 and the signal's number where one stopped it.
 *
 * @param args without the program's name.
 */
export async function main(args: string[]): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) stream.off("error", ignore).on("error", ignore);
  try {
    await program().parseAsync(args, { from: "user" });
  } catch (error) {
    process.exitCode = report(error);
  }
}

/** Nowhere to write to is no reason to crash; where it ends a run, `interruptible` sees to that. */
function ignore(): void {}

function program(): Command {
  const root = new Command("neoblast")
    .description("Train and run neural cellular automata: pictures that grow from one cell.")
    .version(VERSION, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print the help of a command")
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(`neoblast: ${usageSentence(text)}\n`) })
    .addHelpText(
      "after",
      `
Examples:
  neoblast grow                                      grow the lizard
  neoblast grow 🦋 --recipe regenerating             grow a butterfly that heals
  neoblast evolve 🦎                                 the same without gradients
  neoblast reinforce 🦎                              the same by short rollouts and a critic
  neoblast digits                                    draw what an encoder tells every cell
  neoblast run runs/lizard-1 --steps 500 --out lizard.webp
  neoblast evaluate runs/lizard-1                    how well it stays and heals
  neoblast inspect runs/lizard-1 --out inside        what happens inside

neoblast <command> --help says more.`,
    );
  for (const command of [
    growCommand(),
    evolveCommand(),
    reinforceCommand(),
    digitsCommand(),
    runCommand(),
    evaluateCommand(),
    inspectCommand(),
    reconstructCommand(),
    interpolateCommand(),
    sampleCommand(),
    importCommand(),
    exportCommand(),
    benchCommand(),
  ]) {
    root.addCommand(command.copyInheritedSettings(root));
  }
  return root;
}

/** What commander says about a wrong call, in one line. */
function usageSentence(text: string): string {
  return oneLine(text.replace(/^error: /, "").replace(/\n\(Did (.*\?)\)/, "; did $1"));
}

/** Tells what went wrong in one line, and returns the exit status. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof Interruption) return error.exitCode;
  const text = error instanceof Error ? error.message : String(error);
  if (process.env.NEOBLAST_DEBUG) process.stderr.write(`${details(error)}\n`);
  if (error instanceof UserError) {
    process.stderr.write(`neoblast: ${oneLine(text)}\n`);
    return error.exitCode;
  }
  process.stderr.write(
    `neoblast: internal error: ${oneLine(text)} (NEOBLAST_DEBUG=1 in the environment shows where)\n`,
  );
  return 1;
}

/** The stacks of an error and of what caused it. */
function details(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const stack = error.stack ?? error.message;
  return error.cause === undefined ? stack : `${stack}\ncaused by ${details(error.cause)}`;
}

/** Without line breaks or control characters, which file names may bring along. */
function oneLine(text: string): string {
  const lines = text.split("\n").map((line) => line.trim());
  return lines
    .filter((line) => line !== "")
    .join(" ")
    .replaceAll(/\p{Cc}/gu, "?");
}
