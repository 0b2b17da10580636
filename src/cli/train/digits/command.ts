import { type Command, Option } from "commander";
import { digitsDefaults } from "../../../experiments/digits/config.ts";
import { MNIST_ADDRESS } from "../../../node/download.ts";
import { MAX_POOL } from "../../../train/memory/pool.ts";
import { dataOption } from "../../dataOption.ts";
import { rampText, trainingCommand } from "../command.ts";
import { number, option, range, whole } from "../../values.ts";

/** `neoblast digits`: trains an automaton to draw pictures from an encoder's latent vectors. */
export function digitsCommand(): Command {
  const { data, encoder, rule, training } = digitsDefaults();
  return trainingCommand({
    name: "digits",
    summary: "train an automaton to draw pictures from an encoder's latent vectors",
    description:
      "Trains an encoder, which turns a picture into a few numbers, and an automaton, whose cells get these numbers as input and grow the picture from one cell; together, and without labels.",
    subjectHeading: "Pictures and rule:",
    subjectOptions: [
      dataOption("handwriting"),
      new Option(
        "--download",
        `fetch MNIST from ${MNIST_ADDRESS} into the folder that --data names, where it is not there yet`,
      ),
      option(
        "--size <pixels>",
        `width and height of a picture in pixels, each of which is a cell (default: ${data.size})`,
        whole(8, 128),
      ),
      new Option("--colour", "use colours and alpha (RGBA); without this option, pictures are grey"),
      option(
        "--latent <n>",
        `numbers that the encoder makes of a picture, the input of all cells (default: ${rule.inputSize})`,
        whole(1, 1024),
      ),
    ],
    trainingOptions: [
      option("--steps <n>", `training steps (default: ${training.steps})`, whole(1, 1e6)),
      option(
        "--batch <n>",
        `samples per training step (default: ${rampText(training.batch)})`,
        whole(1, 256),
      ),
      option(
        "--pool <n>",
        `size of the pool: states that training starts from again (default: ${rampText(training.pool.size)})`,
        whole(1, MAX_POOL),
      ),
      option(
        "--rollout <a..b>",
        "steps of a rollout, a random number from a to b; each sample ends in its second half (default: 48)",
        range(1, 1e5),
      ),
      option(
        "--beta <x>",
        `weight of the Kullback-Leibler divergence (in nats) of latent vectors from the standard normal distribution; above 0, noise is added to them (default: ${encoder.beta})`,
        number(0, 1000),
      ),
    ],
    defaults: "the defaults",
    examples: EXAMPLES,
    load: async () => (await import("./experiment.ts")).digitsExperiment,
  });
}

const EXAMPLES = `\
  neoblast digits                                   handwritten-looking digits
  neoblast digits --data mnist --download           MNIST, fetched into the folder mnist
  neoblast digits --beta 1e-4 --out normal          latent vectors that can be sampled
  neoblast digits --data icons --colour --size 32   small pictures of your own
  neoblast digits --resume runs/handwriting-1`;
