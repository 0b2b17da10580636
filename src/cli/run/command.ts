import { Command } from "commander";
import { explain, type Explanation, rarely } from "../help.ts";
import { damageKinds } from "../../edit/damage.ts";
import { engineOption } from "../engineOption.ts";
import { FRAMES, type RunOptions } from "./options.ts";
import { eraseAt, goalAt, graftAt, plantAt, regions } from "./values.ts";
import {
  argument,
  damageAt,
  filePath,
  listOf,
  MODEL,
  MAX_SEED,
  number,
  option,
  repeatable,
  whole,
} from "../values.ts";

/** `neoblast run`: rolls a trained automaton out. */
export function runCommand(): Command {
  return explain(new Command("run"), HELP)
    .description(
      "Runs a trained automaton from the seed, or from a state, and saves states, pictures and films.",
    )
    .addArgument(argument("<model>", MODEL, filePath))
    .addOption(
      repeatable(
        "--out <file>",
        "what to write, repeatable: a .png (the picture), .gif, .webp or .mp4 (a film), .html (a page that plays the model), .npy (the state), or - for standard output",
        filePath,
      ),
    )
    .addOption(option("--steps <n>", "steps to run", whole(1, 1e6)).default(200))
    .addOption(option("--seed <n>", "seed of all random numbers", whole(0, MAX_SEED)).default(0))
    .addOption(
      rarely(
        option(
          "--state <file>",
          "a .npy to start from, or - for standard input: (H, W, C), or (T, H, W, C), of which the last state is used; axes as the model has them (default: the seed)",
          filePath,
        ),
      ),
    )
    .addOption(
      rarely(
        option(
          "--first-step <n>",
          "number of the first step, for the random numbers: to continue an earlier run from its --state, give the number of its steps",
          whole(0, MAX_SEED),
        ),
      ).default(0),
    )
    .addOption(
      option(
        "--size <cells>",
        "width and height of the grid (default: as trained)",
        whole(1, 4096),
      ).conflicts("state"),
    )
    .addOption(
      repeatable(
        "--goal <name[@step]>",
        "which of its pictures to grow, and from which step on, repeatable: an emoji, a name, or a number from 1 (default: 1)",
        goalAt,
      ),
    )
    .addOption(
      rarely(
        option(
          "--input <numbers>",
          "the input of all cells, where it is not a goal: numbers with commas between them",
          listOf(number(-1e6, 1e6)),
        ),
      ).conflicts("goal"),
    )
    .addOption(
      option(
        "--fire-rate <x>",
        "probability that a cell updates in a step (default: the model's)",
        number(0, 1),
      ),
    )
    .addOption(
      rarely(option("--step-size <x>", "factor on updates (default: the model's)", number(-100, 100))),
    )
    .addOption(
      rarely(
        option(
          "--angle <degrees>",
          "turns the directions in which cells perceive, and so the pattern",
          number(-360, 360),
        ),
      ),
    )
    .addOption(
      rarely(
        repeatable(
          "--plant <y,x[@step]>",
          "plants a seed (or, around it, all seeds of the model) in the cell of that row and column after a step, repeatable (default step: 0, where it replaces the seed in the middle)",
          plantAt,
        ),
      ),
    )
    .addOption(
      rarely(
        repeatable(
          "--erase <y,x,radius@step>",
          "erases a disc around a cell after a step, repeatable; the radius is in cells",
          eraseAt,
        ),
      ),
    )
    .addOption(
      option(
        "--graft <model@region>",
        `lets cells of a region run another model of the same rule: ${regions.join(", ")}, or a mask: a picture that is white there, or a .npy`,
        graftAt,
      ),
    )
    .addOption(
      repeatable(
        "--damage <kind@step>",
        `damages the pattern after a step, repeatable: ${damageKinds.join(", ")}`,
        damageAt,
      ),
    )
    .addOption(option("--scale <n>", "width and height of a cell in pixels", whole(1, 64)).default(4))
    .addOption(
      rarely(
        option(
          "--every <n>",
          `steps between frames (default: as many as give at most ${FRAMES} frames)`,
          whole(1, 1e6),
        ),
      ),
    )
    .addOption(engineOption())
    .action(async (model: string, options: RunOptions) => {
      const { run } = await import("./action.ts");
      await run(model, options);
    });
}

const HELP: Explanation = {
  notes:
    "A state is (H, W, C) in float32, a mask as .npy is not 0 where the other model runs; - writes PNG, -.npy, -.webp and so on the others; files that exist are replaced.\n\nThe paths written go to standard output, all else to standard error; with --out -, the file goes to standard output, and all else to standard error. A page keeps the grid, the graft, the angle, the fire rate, the step size, and the seeds, goal or input of step 0; its visitors can change all but the grid.",
  examples: [
    ["neoblast run runs/lizard-1 --out lizard.png"],
    ["neoblast run runs/lizard-1 --damage half-left@100 --out healing.webp"],
    ["neoblast run runs/lizard-1 --steps 500 --out state.npy"],
    ["neoblast run runs/lizard-1 --out - > lizard.png"],
    ["neoblast run runs/lizard-1 --state state.npy --angle 90 --out turned.gif"],
    ["neoblast run runs/lizard-1 --plant 20,20 --plant 50,50 --erase 36,36,6@200 --out two.webp"],
    ["neoblast run runs/lizard-1 --graft runs/butterfly-1@right --out chimera.html"],
    [
      "neoblast run runs/lizard-and-butterfly-1 --goal lizard --goal butterfly@200 --steps 400 --out turned.webp",
    ],
    ["neoblast run model.safetensors --size 128 --fire-rate 0.1 --out slow.mp4 --every 8"],
  ],
};
