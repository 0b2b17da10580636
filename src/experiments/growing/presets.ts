/** Where a growing run begins: conventions of a rule together with the training they come from. */
import type * as z from "zod/mini";
import { RECOVERY_DAMAGE } from "../../analysis/evaluation.ts";
import type { PictureRule } from "../../model/pictureRule.ts";
import { picturePresets } from "../../model/presets.ts";
import { ONE_SEED } from "../../model/start.ts";
import {
  type GrowingConfig,
  growingConfigSchema,
  type GrowingPreset,
  type GrowingQuality,
  type GrowingRecipe,
} from "./schema.ts";

type Initial = GrowingConfig["initial"];
type Training = z.input<typeof growingConfigSchema>["training"];
type Course = Pick<Training, "steps" | "batch" | "rollout" | "loss" | "pool"> &
  Partial<Pick<Training, "learningRate" | "work" | "reach" | "schedule" | "average" | "validation">>;
type Preset = Readonly<{
  rule: PictureRule;
  /** Where none is chosen. */
  recipe: GrowingRecipe;
  /** Longest side of the picture and empty cells around it. */
  size: number;
  padding: number;
  /** Where growth starts. */
  seeds: GrowingConfig["target"]["seeds"];
  /** Whether cells learn where they are. */
  coordinates: GrowingConfig["target"]["coordinates"];
  /** What training begins with, where the rule allows it. */
  initial: Initial;
  /**
   * @param conditional whether an input says which of several pictures cells grow.
   * @param quality of presets that know no other, any is the same.
   */
  training: (
    recipe: GrowingRecipe,
    conditional: boolean,
    quality: GrowingQuality,
    initial: Initial,
  ) => Training;
}>;

/** Channels and hidden units of an automaton that grows any of several pictures, as in CAX's notebook 41. */
const CONDITIONAL = { channels: 32, hidden: [256] } as const;

/** Training steps after which a pattern stands well enough to be damaged. */
const STANDING: Readonly<Record<Initial, number>> = { random: 800, pretrained: 300 };

const HALVES = ["half-left", "half-right", "half-top", "half-bottom"] as const;
/** Circles more often than each half, for no two are alike. */
const CIRCLES = ["circle", "circle", "circle", "circle"] as const;
const HOLES = ["hole", "hole", "hole"] as const;
/** A core is what a random circle is once in some hundreds: it leaves a rim, whose parts have to find each other. */
const HOLE_AND_CORES = ["hole", "core", "core", "core"] as const;
/** They sever a pattern, whose parts have to find each other. */
const BANDS = ["band", "band", "band"] as const;

const OVERFLOW = 0.02;

/** Our own; `docs/recipes.md` says how it was found. */
const distill: Preset = {
  rule: picturePresets.distill,
  recipe: "persistent",
  size: 40,
  padding: 16,
  seeds: "picture",
  coordinates: "picture",
  initial: "pretrained",
  training: (recipe, conditional, quality, initial) => ({
    learningRate: 6e-3,
    schedule: { kind: "cosine", final: 0.02 },
    warmup: 20,
    optimizer: { kind: "muon" },
    gradient: { normalize: true, clip: null },
    ...(conditional ? severalAtOnce(recipe) : oneAtATime(recipe, quality, initial)),
  }),
};

/** The step to which a model is looked at before training ends: as much work as the 96 runs to step 400 before it. */
const LAST = 4000;

type Aims = Readonly<{
  aim: number;
  aimWithCoordinates: number;
  last: number;
  enough: number | null;
  giveCoordinatesFrom: number | null;
  steps: number;
  work: number;
}>;

/** What is good, where cells are given their coordinates: a tenth, as it takes no longer, and is what shows in a photograph. */
const GIVEN_AIM = 0.0003;

/**
 * What each quality aims at, the step from which on a good model is enough, and the one from which on cells are given their
 * coordinates where none is; and the most that it may take: steps, and cell updates in millions.
 */
const QUALITIES: Readonly<Record<GrowingQuality, Aims>> = {
  draft: {
    aim: 0.02,
    aimWithCoordinates: 0.002,
    last: 0,
    enough: null,
    giveCoordinatesFrom: null,
    steps: 1000,
    work: 60,
  },
  good: {
    aim: 0.003,
    aimWithCoordinates: GIVEN_AIM,
    last: LAST,
    enough: 4000,
    giveCoordinatesFrom: 4000,
    steps: 6500,
    work: 292.5,
  },
  best: {
    aim: 0.0015,
    aimWithCoordinates: GIVEN_AIM / 2,
    last: LAST,
    enough: null,
    giveCoordinatesFrom: 8000,
    steps: 16000,
    work: 720,
  },
};

function oneAtATime(recipe: GrowingRecipe, quality: GrowingQuality, initial: Initial): Course {
  if (recipe === "regenerating") return { ...healing(initial), validation: healingValidation(initial) };
  const { last, steps, work, ...ends } = QUALITIES[quality];
  return {
    steps,
    work,
    schedule: { kind: "cosine", final: 0.02, waves: 2 },
    batch: 2,
    rollout: { from: [32, 40], to: [48, 64], over: 300 },
    reach: 32,
    loss: { overflow: OVERFLOW, coordinates: 1 },
    average: 0.998,
    // So small that what is in it grows old: an entry is drawn every 32 steps.
    pool: recipe === "growing" ? null : { size: 64, kept: { share: 0.25, below: 0.02 } },
    validation: recipe === "growing" ? { ...ends, steps: [64] } : { ...ends, last },
  };
}

/** Whatever the quality. What fails to heal fails seldom, so many runs are looked at. */
function healingValidation(initial: Initial): Course["validation"] {
  const enough = initial === "pretrained" ? 5000 : null;
  return {
    aim: 0,
    aimWithCoordinates: GIVEN_AIM,
    enough,
    giveCoordinatesFrom: enough,
    every: 1250,
    runs: 24,
    damage: [...RECOVERY_DAMAGE],
  };
}

function healing(initial: Initial): Course {
  const pretrained = initial === "pretrained";
  const standing = STANDING[initial];
  return {
    ...(pretrained
      ? {
          steps: 7500,
          work: 750,
          reach: 32,
          learningRate: 4e-3,
          schedule: { kind: "cosine", again: 0.25 },
          average: 0.995,
        }
      : { steps: 6000, learningRate: 3e-3 }),
    batch: { from: 2, to: 4, over: 0, after: standing },
    rollout: { from: [32, 40], to: [64, 96], over: standing },
    loss: { overflow: OVERFLOW, coordinates: 1 },
    pool: {
      size: pretrained ? 256 : 1024,
      damaged: { from: 0, to: 2, over: 4 * standing },
      damage: pretrained
        ? [...CIRCLES, ...HOLE_AND_CORES, ...BANDS, ...HALVES.flatMap((half) => [half, half])]
        : [...CIRCLES, ...HOLES, ...BANDS, ...HALVES],
      // Two parts that meet beside their place are rare, and the worst of a batch becomes a seed.
      retried: pretrained ? { above: 0.005, chance: 0.75 } : null,
    },
  };
}

/** A batch has to grow, to hold and to turn one pattern into another, which takes longer; nor is that seen by growing anew. */
function severalAtOnce(recipe: GrowingRecipe): Course {
  const regenerating = recipe === "regenerating";
  const alone = healing("random");
  return {
    ...alone,
    steps: regenerating ? 6000 : 2500,
    batch: regenerating ? { from: 4, to: 6, over: 0, after: STANDING.random } : 4,
    rollout: { from: [32, 40], to: [56, 80], over: STANDING.random },
    loss: { overflow: OVERFLOW, coordinates: regenerating ? 1 : 0 },
    pool: regenerating ? alone.pool : recipe === "growing" ? null : { size: 1024 },
  };
}

/** The article's training, unaltered: Mordvintsev et al., "Growing Neural Cellular Automata", Distill 2020. */
const article: Preset = {
  ...distill,
  initial: "random",
  seeds: ONE_SEED,
  coordinates: "learned",
  training: (recipe) => ({
    steps: 8000,
    batch: 8,
    rollout: [64, 96],
    learningRate: 2e-3,
    schedule: { kind: "step", at: [2000], factor: 0.1 },
    warmup: 0,
    optimizer: { kind: "adam" },
    gradient: { normalize: true, clip: null },
    loss: {},
    pool: articlePool(recipe),
  }),
};

/** CAX's notebook 40, "Growing Neural Cellular Automata": https://github.com/maxencefaldor/cax. */
const cax: Preset = {
  ...distill,
  initial: "random",
  seeds: ONE_SEED,
  coordinates: "learned",
  rule: picturePresets.cax,
  training: (recipe) => ({
    steps: 8192,
    batch: 8,
    rollout: [128, 128],
    learningRate: 2e-3,
    schedule: { kind: "linear", final: 0.1, over: 2000 },
    warmup: 0,
    optimizer: { kind: "adam" },
    gradient: { normalize: false, clip: 1 },
    loss: { placement: "random", from: 65 / 128 },
    pool: articlePool(recipe),
  }),
};

/**
 * The PyTorch tutorial after https://github.com/JohnRomanelis/NeuralCellularAutomata-PyTorch, its faults mended
 * (`docs/recipes.md`). Its grid of 40 x 40 cells is kept, and so that a picture does not meet itself on the torus, the
 * picture is 32 cells long.
 */
const tutorial: Preset = {
  rule: picturePresets.tutorial,
  recipe: "growing",
  size: 32,
  padding: 4,
  initial: "random",
  seeds: ONE_SEED,
  coordinates: "learned",
  training: (recipe) => ({
    steps: 8000,
    batch: 8,
    rollout: [64, 95],
    learningRate: 2e-3,
    schedule: { kind: "exponential", factor: 0.9999 },
    // Its filters see eight times as much as the article's, and the first full steps would kill or explode everything.
    warmup: 100,
    optimizer: { kind: "adam" },
    gradient: { normalize: false, clip: null },
    loss: {},
    pool: articlePool(recipe),
  }),
};

function articlePool(recipe: GrowingRecipe) {
  return { growing: null, persistent: { size: 1024 }, regenerating: { size: 1024, damaged: 3 } }[recipe];
}

const PRESETS: Readonly<Record<GrowingPreset, Preset>> = { distill, article, cax, tutorial };

/**
 * Default configuration of a preset and a recipe; without a recipe, of the one that the preset is known for.
 *
 * @param goals how many pictures to grow: of several, which are yet to be named, each is called for by an input.
 * @param begin what training of one picture begins with; default: what the preset says.
 */
export function growingDefaults(
  preset: GrowingPreset = "distill",
  recipe?: GrowingRecipe,
  goals = 1,
  quality: GrowingQuality = "good",
  begin?: Initial,
): GrowingConfig {
  const { rule, size, padding, seeds, coordinates, training, ...own } = PRESETS[preset];
  const chosen = recipe ?? own.recipe;
  const conditional = goals > 1;
  const initial = conditional ? "random" : (begin ?? own.initial);
  const { pool, ...rest } = training(chosen, conditional, quality, initial);
  const unnamed = Array.from({ length: goals }, (_, i) => `picture ${i + 1}`);
  return growingConfigSchema.parse({
    seed: 0,
    target: { source: conditional ? unnamed : "🦎", size, padding, seeds, coordinates },
    preset,
    recipe: chosen,
    quality,
    initial,
    rule: conditional
      ? { ...widened(rule, CONDITIONAL.channels), hidden: [...CONDITIONAL.hidden], inputSize: goals }
      : rule,
    training: { ...rest, pool: conditional && pool ? { ...pool, switched: 1 } : pool },
  });
}

/** A rule with more channels, which no picture shows; where its picture comes last, it still does. */
function widened(rule: PictureRule, channels: number): PictureRule {
  const more = channels - rule.channels;
  const shift = rule.image.offset === 0 ? 0 : more;
  return {
    ...rule,
    channels,
    alive: { ...rule.alive, channel: rule.alive.channel + shift },
    image: { ...rule.image, offset: rule.image.offset + shift },
    seed: { from: rule.seed.from + shift, to: rule.seed.to + more },
  };
}
