/** The kind of job that judges some members of a generation of an evolution. */
import * as z from "zod/mini";
import { parseConfig } from "../../config/config.ts";
import { whole } from "../../config/fields.ts";
import type { Engine } from "../../engine.ts";
import { disposeStates } from "../../engine/states.ts";
import { FormatError } from "../../errors.ts";
import {
  type Contest,
  createContest,
  type EvolutionConfig,
  evolutionConfigSchema,
} from "../../experiments/evolution/evolution.ts";
import type { Fitted } from "../../experiments/picture.ts";
import { splitRule } from "../../model/pictureRule.ts";
import { cellCount, type Plane } from "../../rule/grid.ts";
import { parameterCount } from "../../rule/parameters.ts";
import type { Tensor } from "../../tensor.ts";
import type { SearchState } from "../../train/evolution/strategy.ts";
import { createStrategy } from "../../train/evolution/settings.ts";
import type { JobKind } from "../job.ts";
import type { Part } from "../message.ts";

/** What all generations of a run have in common. One object for a run, so that it is sent once. */
export type Setting = Readonly<{
  config: Fitted<EvolutionConfig>;
  grid: Plane;
  /** Shape (...grid, 4). */
  target: Float32Array;
}>;

/** Where the search is. One object for a generation, so that it is sent once. */
export type Centre = Pick<SearchState, "mean" | "tensors">;

/** Members `first` to `first + count - 1` of a generation. */
export type Members = Readonly<{
  setting: Setting;
  centre: Centre;
  generation: number;
  first: number;
  count: number;
}>;

/** What they came to. */
export type MembersJudged = Readonly<{
  /** Of each; not finite where it failed. */
  losses: Float64Array;
  /** Living cells at the end of each member's first sample. */
  livingCells: Int32Array;
  /** Of all of them. */
  cellUpdates: number;
}>;

/** Rollouts at once, as in training here. */
const GROUP = 128;

const side = whole(1, 1024);
const settingSchema = z.strictObject({ config: evolutionConfigSchema, grid: z.tuple([side, side]) });
const membersSchema = z.strictObject({
  generation: whole(0, 1e6),
  first: whole(0, 2 ** 16),
  count: whole(1, 2 ** 16),
});
const judgedSchema = z.strictObject({ cellUpdates: whole(0, Number.MAX_SAFE_INTEGER) });

/** Keeps what is made of an object as long as that is there. */
function keptOf<K extends object, V>(make: (key: K) => V): (key: K) => V {
  const kept = new WeakMap<K, V>();
  return (key) => {
    const known = kept.get(key);
    if (known !== undefined) return known;
    const made = make(key);
    kept.set(key, made);
    return made;
  };
}

const settingPart = keptOf<Setting, Part>(({ config, grid, target }) => ({
  head: { config, grid },
  tensors: { target: { shape: [...grid, 4], data: target } },
}));

const centrePart = keptOf<Centre, Part>(({ mean, tensors }) => {
  const named = Object.entries(tensors).map(([name, data]): [string, Tensor] => [
    `state.${name}`,
    { shape: [data.length], data },
  ]);
  return { head: {}, tensors: { mean: { shape: [mean.length], data: mean }, ...Object.fromEntries(named) } };
});

const settingOf = keptOf(({ head, tensors }: Required<Part>): Setting => {
  const { config, grid } = parseConfig(settingSchema, head);
  const { seeds } = config.target;
  if (seeds === "picture") throw new FormatError("the seeds of the run have not been found yet");
  return {
    config: { ...config, target: { ...config.target, seeds } },
    grid,
    target: floats(tensors, "target", 4 * cellCount(grid)),
  };
});

const strategyOf = keptOf(({ config: { seed, training } }: Setting) =>
  createStrategy(training.strategy, { ...training, seed }),
);

/** By engine. */
const contestsOf = keptOf<Setting, Map<Engine, Contest>>(() => new Map());

function contestOf(setting: Setting, engine: Engine): Contest {
  const contests = contestsOf(setting);
  const contest = contests.get(engine) ?? createContest({ ...setting, engine });
  contests.set(engine, contest);
  return contest;
}

function floats(tensors: Required<Part>["tensors"], name: string, length: number): Float32Array {
  const data = tensors[name]?.data;
  if (!(data instanceof Float32Array) || data.length !== length) {
    throw new FormatError(`the message has no tensor ${name} of ${length} numbers`);
  }
  return data;
}

/** What of a search's state has to travel. */
export function centreOf({ config: { seed, training } }: Setting, search: SearchState): Centre {
  const { asks = Object.keys(search.tensors) } = createStrategy(training.strategy, { ...training, seed });
  return { mean: search.mean, tensors: Object.fromEntries(asks.map((name) => [name, search.tensors[name]])) };
}

export const membersKind: JobKind<Members, MembersJudged> = {
  name: "members",
  version: 1,
  input: {
    encode: ({ setting, centre, ...head }) => ({
      head,
      shared: { setting: settingPart(setting), centre: centrePart(centre) },
    }),
    decode({ head, shared }) {
      const members = parseConfig(membersSchema, head);
      if (!shared.setting || !shared.centre) throw new FormatError("the message has no setting or no centre");
      const setting = settingOf(shared.setting);
      const { rule, training } = setting.config;
      if (members.first + members.count > training.population) {
        throw new FormatError(
          `the message asks for members up to ${members.first + members.count - 1} of ${training.population}`,
        );
      }
      const size = parameterCount(splitRule(rule).rule);
      const { tensors } = shared.centre;
      const named = (strategyOf(setting).asks ?? []).map((name) => [
        name,
        floats(tensors, `state.${name}`, size),
      ]);
      return {
        ...members,
        setting,
        centre: { mean: floats(tensors, "mean", size), tensors: Object.fromEntries(named) },
      };
    },
  },
  output: {
    encode: ({ losses, livingCells, cellUpdates }) => ({
      head: { cellUpdates },
      tensors: {
        losses: { shape: [losses.length], data: losses },
        livingCells: { shape: [livingCells.length], data: livingCells },
      },
    }),
    decode({ head, tensors }) {
      const { cellUpdates } = parseConfig(judgedSchema, head);
      const losses = tensors.losses?.data;
      const livingCells = tensors.livingCells?.data;
      if (!(losses instanceof Float64Array) || !(livingCells instanceof Int32Array)) {
        throw new FormatError("the message has no losses or no living cells");
      }
      if (losses.length !== livingCells.length) {
        throw new FormatError("the message has not as many losses as living cells");
      }
      return { losses, livingCells, cellUpdates };
    },
  },
  title: ({ generation, first, count }) =>
    `generation ${generation}, members ${first} to ${first + count - 1}`,
  async run({ setting, centre, generation, first, count }, { engine, signal }) {
    const { strategy, objective } = contestOf(setting, engine);
    const { samples } = setting.config.training;
    const group = Math.max(1, Math.floor(GROUP / samples));
    const losses = new Float64Array(count);
    const livingCells = new Int32Array(count);
    let cellUpdates = 0;
    for (let begin = 0; begin < count; begin += group) {
      signal.throwIfAborted();
      const size = Math.min(group, count - begin);
      const parameters = Array.from({ length: size }, (_, i) =>
        strategy.ask({ ...centre, count: 0 }, generation, first + begin + i),
      );
      const judged = await objective({ generation, centre: centre.mean, parameters, signal });
      const stats = await Promise.all(judged.final.map((state) => state.stats()));
      disposeStates(judged.final);
      losses.set(judged.losses, begin);
      livingCells.set(
        stats.map((one) => one.livingCells),
        begin,
      );
      cellUpdates += judged.cellUpdates;
    }
    return { losses, livingCells, cellUpdates };
  },
};
