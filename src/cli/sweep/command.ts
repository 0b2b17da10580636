import { Command, Option } from "commander";
import { explain, type Explanation, rarely } from "../help.ts";
import { engineNames } from "../../runs/record.ts";
import { kernelChoices } from "../engine.ts";
import { patienceOption, queueOption, tagOption } from "../queueOption.ts";
import {
  anyText,
  argument,
  argumentList,
  filePath,
  folderPath,
  type Kind,
  listOf,
  MAX_SEED,
  number,
  oneOf,
  option,
  orAuto,
  repeatable,
  usageError,
  whole,
} from "../values.ts";
import type { SweepOptions } from "./options.ts";

/** `neoblast sweep`: many runs of one experiment, and what they say together. */
export function sweepCommand(): Command {
  const command = explain(new Command("sweep"), HELP)
    .description(
      "Trains an experiment with many settings, on many pictures and from many seeds, each run in a folder of its own, and says in a table, a file and a page which settings are the best. Resumes after any interruption with the same bits.",
    )
    .addArgument(
      argumentList(
        "[plan...]",
        "a JSON file, - for standard input, or an experiment (default: grow); then what to train on, where the plan does not say it",
        filePath,
      ),
    );
  command.optionsGroup("What is tried:");
  for (const each of [
    repeatable(
      "--grid <name=a,b>",
      "a setting, by its name in config.json, and values to try; repeatable",
      anyText,
    ),
    repeatable(
      "--set <name=value>",
      "a setting of all runs, or an option: --set --steps=200; repeatable",
      anyText,
    ),
    option("--seeds <n|list>", "how many seeds (3), or which (0,5,7) (default: 1)", seedsKind),
    rarely(option("--random <n>", "try so many settings at random, rather than all", whole(1, 100_000))),
    rarely(
      option(
        "--halving <parts>",
        "after these parts of the training, such as 0.25,0.5, only the better half of the settings goes on",
        listOf(number(0, 1)),
      ),
    ),
    rarely(
      option("--keep <part>", "the part of the settings that --halving keeps (default: 0.5)", number(0, 1)),
    ),
  ]) {
    command.addOption(each);
  }
  command
    .option("--pictures", "draw the pictures, film and page of each run")
    .option("--dry-run", "list what would be trained, and train nothing");
  command.optionsGroup("Who trains:");
  for (const each of [
    option("--parallel <n>", "runs at a time on this machine (default: 1)", whole(1, 256)),
    rarely(
      option(
        "--threads <n>",
        "worker threads of all runs together; any number gives the same bits",
        orAuto(whole(1, 256)),
      ),
    ).default("auto", "one per processor"),
    queueOption("workers of this queue train: redis://host:6379/0, or rediss://"),
    rarely(tagOption()),
    rarely(patienceOption()),
    rarely(
      option("--engine <name>", "wasm, webgpu, webgpu-f16 or reference (default: wasm)", oneOf(engineNames)),
    ),
    rarely(
      option(
        "--kernels <build>",
        "strict (the same bits on every machine), relaxed (faster) or auto (default: auto)",
        oneOf(kernelChoices),
      ),
    ),
  ]) {
    command.addOption(each);
  }
  command.optionsGroup("Folder:");
  for (const each of [
    option("--out <folder>", "a new or empty folder (default: runs/sweep-<n>)", folderPath),
    option("--resume <folder>", "go on with a sweep that was stopped", filePath).conflicts([
      "out",
      "grid",
      "set",
      "seeds",
      "random",
      "halving",
      "keep",
      "pictures",
      "dryRun",
    ]),
    rarely(
      option(
        "--checkpoint-every <seconds>",
        "time between the checkpoints of a run: at most so much of its work is lost when it is killed",
        number(0, 86400),
      ),
    ).default(20),
  ]) {
    command.addOption(each);
  }
  return command
    .optionsGroup("Display:")
    .addOption(rarely(new Option("--json", "report everything on standard output, one JSON object a line")))
    .action(async () => {
      const [{ beginSweep, resumeSweep }, { planValue }] = await Promise.all([
        import("./action.ts"),
        import("./planWords.ts"),
      ]);
      const args = command.processedArgs.flat().filter((word): word is string => typeof word === "string");
      const options = command.opts<SweepOptions>();
      if (options.resume === undefined) return beginSweep(await planValue(args, options), options);
      if (args.length > 0) {
        throw usageError(`--resume goes on with the plan in ${options.resume}; leave out ${args[0]}`);
      }
      return resumeSweep(options.resume, options);
    })
    .addCommand(reportCommand());
}

function reportCommand(): Command {
  return explain(new Command("report"), REPORT_HELP)
    .summary("say what came out so far: a table, sweep.csv and sweep.html")
    .description(
      "Prints the table of a sweep, finished or not, and writes sweep.csv (a line a run) and sweep.html (each setting against the error, with a point for every run) into its folder.",
    )
    .addArgument(argument("<folder>", "the folder of a sweep", filePath))
    .action(async (folder: string) => {
      const { reportSweep } = await import("./report.ts");
      await reportSweep(folder);
    });
}

/** A count, or a list where there is a comma. */
const seedsKind: Kind<number | readonly number[]> = {
  allowed: "how many (3), or a list such as 0,5,7",
  parse: (text) =>
    text.includes(",") ? listOf(whole(0, MAX_SEED)).parse(text) : whole(1, 100_000).parse(text),
};

const HELP: Explanation = {
  notes: `A plan is JSON, such as
  { "experiment": "grow", "subjects": ["🦎", "🦋"], "seeds": 3,
    "settings": { "--size": 32, "training.learningRate": [0.001, 0.002],
                  "training.pool.size": { "from": 64, "to": 256,
                                          "draw": "log", "count": 3 } },
    "halving": { "at": [0.25, 0.5] } }
Settings with several values are tried in all combinations, or with "search": { "random": 8, "seed": 1 } so many drawn at random. The error is that of the experiment's report (of grow the relative error of its validation) or, where it has none, the loss. The path of the folder goes to standard output, all else to standard error.`,
  examples: [
    ["neoblast sweep plan.json"],
    ["neoblast sweep plan.json --dry-run"],
    ["neoblast sweep grow 🦎 🦋 --grid training.learningRate=1e-3,2e-3 --seeds 3"],
    ["neoblast sweep evolve --set --size=20 --grid --population=64,256 --halving 0.25,0.5"],
    ["neoblast sweep --resume runs/sweep-1"],
    ["neoblast sweep report runs/sweep-1"],
  ],
};

const REPORT_HELP: Explanation = {
  examples: [["neoblast sweep report runs/sweep-1"]],
};
