/**
 * The rule of an automaton: everything about one step except the trained numbers (`engine/README.md`). A rule is plain
 * JSON. It is stored in every model file and states its conventions explicitly. Apart from the types, so that an engine
 * does not carry a schema library along.
 */
import * as z from "zod/mini";
import { perceiveSchema } from "./parts/schemas.ts";

const integer = (low: number, high: number) => z.int().check(z.minimum(low), z.maximum(high));
const finite = z.number();

const tapSchema = z.strictObject({
  /** Neighbour seen, as [rows down, columns right]. */
  offset: z.tuple([integer(-4, 4), integer(-4, 4)]),
  weight: finite,
});

export const kernelNames = ["identity", "sobelX", "sobelY", "sobelXRaw", "sobelYRaw", "laplacian"] as const;
const kernelSchema = z.union([
  z.enum(kernelNames),
  z.strictObject({ taps: z.array(tapSchema).check(z.minLength(1), z.maxLength(81)) }),
]);

/** The fields of a rule, for schemas that hold more beside them. */
export const ruleFields = {
  /** Numbers a cell holds: 1 to 64. */
  channels: integer(1, 64),
  /** A perception that is trained, in place of the kernels. Default: none, `kernels` are what cells see. */
  perceive: z.optional(perceiveSchema),
  /** Perception kernels; feature `c * kernels.length + k` is kernel k on channel c. */
  kernels: z.array(kernelSchema).check(z.minLength(1), z.maxLength(16)),
  /** What lies beyond the edge: nothing, or the opposite edge. */
  boundary: z.enum(["zero", "wrap"]),
  /** Sizes of the hidden layers, ReLU after each. Empty: one linear layer. */
  hidden: z.array(integer(1, 1024)).check(z.maxLength(8)),
  /** Length of the vector that every cell of a sample receives after its perception; 0 for none. */
  inputSize: integer(0, 1024),
  /** Whether the last layer has a bias. */
  outputBias: z.boolean(),
  /** A cell lives while the alive channel exceeds the threshold somewhere in its 3x3 neighbourhood. */
  alive: z.strictObject({
    mask: z.enum(["both", "after", "none"]),
    channel: integer(0, 63),
    threshold: finite,
  }),
  /** Probability that a cell updates in a step: 0 to 1. */
  fireRate: z.number().check(z.minimum(0), z.maximum(1)),
  /** Factor on the update of a fired cell. */
  stepSize: finite,
  /** Standard deviation of the normal noise that a fired cell's update gets before `stepSize`. Default: 0. */
  noise: z.optional(z.number().check(z.minimum(0), z.maximum(100))),
  /** Channels that no step changes or empties. Default: none. */
  pinned: z.optional(z.array(integer(0, 63)).check(z.maxLength(64))),
};

type Channels = { channels: number; alive: { channel: number }; pinned?: number[] | undefined };

/** What fields of a rule have to do with one another. */
export const ruleChecks = [
  z.refine<Channels>((rule) => rule.alive.channel < rule.channels, {
    path: ["alive", "channel"],
    error: "must be below channels",
  }),
  z.refine<Channels>(({ channels, pinned = [] }) => pinned.every((channel) => channel < channels), {
    path: ["pinned"],
    error: "must name channels of the rule",
  }),
];

export const ruleSchema = z.strictObject(ruleFields).check(...ruleChecks);
