/** The command line: one file a command. */
import { Command, CommanderError } from "commander";
import { DeviceError } from "../engine/webgpu/device.ts";
import { UserError } from "../errors.ts";
import { missingPackage, missingSentence } from "../node/optional.ts";
import { VERSION } from "../version.ts";
import type { Experiment } from "../experiments/experiment.ts";
import { explain, fitHelp, rarely } from "./help.ts";
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
type Entry = Readonly<{
  name: string;
  /** What the help of all commands says of it. */
  summary: string;
  load: () => Promise<Command>;
  /** The heading that the help lists it under. */
  group: string;
  /** Whether few need it. */
  rare?: true;
}>;

const [TRAIN, USE, MANY, MACHINE] = [
  "Train:",
  "Use what was trained:",
  "Many runs, many machines:",
  "This machine:",
];

const commands: readonly Entry[] = [
  {
    name: "run",
    summary: "run a trained automaton and save what it becomes",
    group: USE,
    load: async () => (await import("./run/command.ts")).runCommand(),
  },
  {
    name: "open",
    summary: "open the page of a run, or of a sweep, in the browser",
    group: USE,
    load: async () => (await import("./open/command.ts")).openCommand(),
  },
  {
    name: "ls",
    summary: "list the runs in a folder, and what became of them",
    group: USE,
    load: async () => (await import("./ls/command.ts")).lsCommand(),
  },
  {
    name: "evaluate",
    summary: "measure how well a trained automaton grows, stays and heals",
    group: USE,
    load: async () => (await import("./evaluate/command.ts")).evaluateCommand(),
  },
  {
    name: "inspect",
    summary: "show what happens inside a trained automaton while it runs",
    group: USE,
    load: async () => (await import("./inspect/command.ts")).inspectCommand(),
  },
  {
    name: "reconstruct",
    summary: "encode pictures, draw them again, and measure the error",
    group: USE,
    rare: true,
    load: async () => (await import("./latents/reconstruct/command.ts")).reconstructCommand(),
  },
  {
    name: "interpolate",
    summary: "draw pictures between pictures in an encoder's latent space",
    group: USE,
    rare: true,
    load: async () => (await import("./latents/interpolate/command.ts")).interpolateCommand(),
  },
  {
    name: "sample",
    summary: "draw pictures from random latent vectors",
    group: USE,
    rare: true,
    load: async () => (await import("./latents/sample/command.ts")).sampleCommand(),
  },
  {
    name: "import",
    summary: "convert an automaton that was trained elsewhere",
    group: USE,
    load: async () => (await import("./exchange/import/command.ts")).importCommand(),
  },
  {
    name: "export",
    summary: "write a trained automaton for a page of yours, PyTorch, NumPy, shaders or a QR code",
    group: USE,
    load: async () => (await import("./exchange/export/command.ts")).exportCommand(),
  },
  {
    name: "sweep",
    summary: "train with many settings, pictures and seeds, and compare them",
    group: MANY,
    load: async () => (await import("./sweep/command.ts")).sweepCommand(),
  },
  {
    name: "worker",
    summary: "do work that others put into a queue",
    group: MANY,
    rare: true,
    load: async () => (await import("./worker/command.ts")).workerCommand(),
  },
  {
    name: "queue",
    summary: "say what happens in a queue of work",
    group: MANY,
    rare: true,
    load: async () => (await import("./queue/command.ts")).queueCommand(),
  },
  {
    name: "doctor",
    summary: "say what this machine has, what is missing, and how to get it",
    group: MACHINE,
    load: async () => (await import("./doctor/command.ts")).doctorCommand(),
  },
  {
    name: "bench",
    summary: "measure how fast this machine trains",
    group: MACHINE,
    rare: true,
    load: async () => (await import("./bench/command.ts")).benchCommand(),
  },
  {
    name: "completion",
    summary: "print a script by which bash, zsh or fish complete commands",
    group: MACHINE,
    rare: true,
    load: async () => (await import("./completion/command.ts")).completionCommand(),
  },
];

function trainingEntry(experiment: Experiment): Entry {
  return {
    name: experiment.name,
    summary: experiment.summary,
    group: TRAIN,
    load: async () => (await import("./train/command.ts")).trainingCommand(experiment),
  };
}

/** Before the name of a command, they ask for the help of all. */
const HELP_WORDS: ReadonlySet<string> = new Set(["-h", "--help", "--help-all"]);

/**
 * The command `neoblast`, with those that a call needs loaded and the others by name and summary alone.
 *
 * @param known as in {@link main}. @param args of the call; where left out, all commands are loaded.
 */
export async function commandLine(known?: readonly Experiment[], args?: readonly string[]): Promise<Command> {
  const called = args && calledBy(args);
  const needsAll = args === undefined || called === "completion";
  // A call that trains nothing needs none of the experiments.
  const isSimple =
    (!needsAll && commands.some(({ name }) => name === called)) ||
    (args !== undefined &&
      called === undefined &&
      args.some((word) => word === "--version" || word === "-V"));
  const experiments = isSimple ? [] : (known ?? (await import("../experiments/registry.ts")).experiments);
  const all = [...experiments.map(trainingEntry), ...commands];
  const root = new Command("neoblast")
    .description("Train and run neural cellular automata: pictures that grow from one cell.")
    .version(VERSION, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print the help of a command")
    // Behind the name of a command, --help-all is of that command.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => print(...text.replace(/\n$/, "").split("\n")),
      writeErr: (text) => say(...text.replace(/\n$/, "").split("\n")),
    });
  for (const each of root.options) rarely(each);
  for (const entry of all) {
    const command = needsAll || entry.name === called ? await entry.load() : new Command(entry.name);
    command.summary(entry.summary);
    root.addCommand((entry.rare ? rarely(command) : command).helpGroup(entry.group));
  }
  fitHelp(
    explain(root, {
      examples: [
        ["neoblast grow", "grow the lizard"],
        ["neoblast grow 🦋 --recipe regenerating", "a butterfly that heals"],
        ["neoblast open", "play with it in the browser"],
        ["neoblast run runs/lizard-1 --steps 500 --out lizard.webp", "a film"],
        ["neoblast evaluate runs/lizard-1", "how well it heals"],
        ["neoblast inspect runs/lizard-1 --out inside", "what happens inside"],
      ],
    }),
  );
  return root;
}

/** The command that a call runs or asks the help of; undefined where it is none, or of all. */
function calledBy(args: readonly string[]): string | undefined {
  const first = args.findIndex((word) => !word.startsWith("-"));
  if (args.slice(0, Math.max(first, 0)).some((word) => HELP_WORDS.has(word))) return undefined;
  return args[first] === "help" ? args[first + 1] : args[first];
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
  if (error instanceof RangeError && /memory|alloc/i.test(text)) {
    say(`neoblast: there is not enough memory: ${text}`);
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
