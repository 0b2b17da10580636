/** The command line: one file a command. */
import { Command, CommanderError } from "commander";
import { DeviceError } from "../engine/webgpu/device.ts";
import { UserError } from "../errors.ts";
import { missingPackage, missingSentence } from "../node/optional.ts";
import { VERSION } from "../version.ts";
import type { Experiment } from "../experiments/experiment.ts";
import { Interruption } from "./terminal/interrupt.ts";
import { OutputFailure, print, printed, say, watchOutput } from "./terminal/print.ts";

export { endSoon } from "./terminal/interrupt.ts";

/**
 * Runs the command that the arguments ask for and sets the exit status: 0, 1 for a failure, 2 for a wrong call,
 * 128 and the signal's number where one stopped it.
 *
 * @param args without the program's name.
 * @param known experiments, each of which gets a command; default: those of the registry.
 */
export async function main(args: string[], known?: readonly Experiment[]): Promise<void> {
  watchOutput();
  let code: number | undefined;
  try {
    await (await commandLine(known, args)).parseAsync(args, { from: "user" });
  } catch (error) {
    code = report(error);
  }
  const failure = await printed();
  if (failure && !code) code = report(failure);
  if (code !== undefined) process.exitCode = code;
}

/** A command that is loaded when it is called. */
type Entry = Readonly<{ name: string; load: () => Promise<Command> }>;

const commands: readonly Entry[] = [
  { name: "run", load: async () => (await import("./run/command.ts")).runCommand() },
  { name: "evaluate", load: async () => (await import("./evaluate/command.ts")).evaluateCommand() },
  { name: "inspect", load: async () => (await import("./inspect/command.ts")).inspectCommand() },
  {
    name: "reconstruct",
    load: async () => (await import("./latents/reconstruct/command.ts")).reconstructCommand(),
  },
  {
    name: "interpolate",
    load: async () => (await import("./latents/interpolate/command.ts")).interpolateCommand(),
  },
  { name: "sample", load: async () => (await import("./latents/sample/command.ts")).sampleCommand() },
  { name: "import", load: async () => (await import("./exchange/import/command.ts")).importCommand() },
  { name: "export", load: async () => (await import("./exchange/export/command.ts")).exportCommand() },
  { name: "sweep", load: async () => (await import("./sweep/command.ts")).sweepCommand() },
  { name: "worker", load: async () => (await import("./worker/command.ts")).workerCommand() },
  { name: "queue", load: async () => (await import("./queue/command.ts")).queueCommand() },
  { name: "bench", load: async () => (await import("./bench/command.ts")).benchCommand() },
  { name: "ls", load: async () => (await import("./ls/command.ts")).lsCommand() },
  { name: "open", load: async () => (await import("./open/command.ts")).openCommand() },
  { name: "doctor", load: async () => (await import("./doctor/command.ts")).doctorCommand() },
  { name: "completion", load: async () => (await import("./completion/command.ts")).completionCommand() },
];

function trainingEntry(experiment: Experiment): Entry {
  return {
    name: experiment.name,
    load: async () => (await import("./train/command.ts")).trainingCommand(experiment),
  };
}

/**
 * The command `neoblast`, with those that a call needs loaded and the others by their names alone.
 *
 * @param known as in {@link main}. @param args of the call; without any, all commands are loaded.
 */
export async function commandLine(
  known?: readonly Experiment[],
  args: readonly string[] = [],
): Promise<Command> {
  const called = args.find((word) => !word.startsWith("-"));
  const needsAll = [undefined, "help", "completion"].includes(called);
  // Of the others, a call needs no more than their names, and one that trains nothing none of the experiments.
  const isSimple =
    (!needsAll && commands.some(({ name }) => name === called)) ||
    (called === undefined && args.some((word) => word === "--version" || word === "-V"));
  const experiments = isSimple ? [] : (known ?? (await import("../experiments/registry.ts")).experiments);
  const all = [...experiments.map(trainingEntry), ...commands];
  const root = new Command("neoblast")
    .description("Train and run neural cellular automata: pictures that grow from one cell.")
    .version(VERSION, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print the help of a command")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => print(...text.replace(/\n$/, "").split("\n")),
      writeErr: (text) => say(...text.replace(/\n$/, "").split("\n")),
      outputError: (text) => say(`neoblast: ${usageSentence(text)}`),
    })
    .addHelpText(
      "after",
      `
Examples:
  neoblast grow                                      grow the lizard
  neoblast grow 🦋 --recipe regenerating             grow a butterfly that heals
  neoblast evolve 🦎                                 the same without gradients
  neoblast reinforce 🦎                              the same by short rollouts and a critic
  neoblast digits                                    digits from an encoder's latent vectors
  neoblast run runs/lizard-1 --steps 500 --out lizard.webp
  neoblast evaluate runs/lizard-1                    how well it keeps its picture and heals
  neoblast inspect runs/lizard-1 --out inside        what happens inside

neoblast <command> --help has the options of a command.`,
    );
  for (const entry of all) {
    const isNeeded = (needsAll && !isSimple) || entry.name === called;
    const command = isNeeded ? await entry.load() : new Command(entry.name);
    for (const each of command.commands) each.copyInheritedSettings(root);
    root.addCommand(command.copyInheritedSettings(root));
  }
  return root;
}

/** What commander says about a wrong call, in one line. */
function usageSentence(text: string): string {
  return oneLine(text.replace(/^error: /, "").replace(/\n\(Did (.*\?)\)/, "; did $1"));
}

/** Prints what went wrong in one line, and returns the exit status. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof Interruption) return error.exitCode;
  if (error instanceof OutputFailure && error.isClosed) return CLOSED_PIPE;
  const text = oneLine(error instanceof Error ? error.message : String(error));
  if (process.env.NEOBLAST_DEBUG) say(...details(error).split("\n"));
  if (error instanceof UserError) {
    say(`neoblast: ${text}`);
    return error.exitCode;
  }
  if (error instanceof DeviceError) {
    say(`neoblast: ${text}`);
    return 1;
  }
  const missing = missingPackage(error);
  if (missing !== undefined) {
    say(`neoblast: ${missingSentence(missing)}`);
    return 1;
  }
  const scarce = error instanceof Error && "code" in error && SCARCE.get(String(error.code));
  if (scarce) {
    say(`neoblast: this machine, or a limit of this shell, does not allow it: ${scarce}`);
    return 1;
  }
  say(`neoblast: internal error: ${text} (NEOBLAST_DEBUG=1 in the environment shows where)`);
  return 1;
}

/** What the system had none left of, by the codes of errors. */
const SCARCE: ReadonlyMap<string, string> = new Map([
  ["EMFILE", "too many files are open (ulimit -n)"],
  ["ENFILE", "too many files are open"],
  ["ENOMEM", "there is not enough memory (ulimit -v)"],
  ["EAGAIN", "there are too many processes or threads (ulimit -u)"],
  [
    "ERR_MODULE_NOT_FOUND",
    "a part of this program cannot be read; too many files are open (ulimit -n), or it is not installed whole",
  ],
  ["ERR_DLOPEN_FAILED", "a library cannot be loaded, perhaps for want of memory (ulimit -v)"],
  [
    "ERR_WORKER_INIT_FAILED",
    "a worker thread cannot start, for want of files or memory (ulimit -n, ulimit -v)",
  ],
  ["ERR_WORKER_OUT_OF_MEMORY", "a worker thread ran out of memory"],
]);

/** Exit status where the reader of standard output has gone: 128 and the number of SIGPIPE, by the shells' convention. */
const CLOSED_PIPE = 141;

/** The stacks of an error and of what caused it. */
function details(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const stack = error.stack ?? error.message;
  return error.cause === undefined ? stack : `${stack}\ncaused by ${details(error.cause)}`;
}

/** Lines as one. */
function oneLine(text: string): string {
  const lines = text.split("\n").map((line) => line.trim());
  return lines.filter((line) => line !== "").join(" ");
}
