/**
 * The rule of an automaton: everything about one step except the trained numbers (`engine/README.md`). A rule is plain
 * JSON. It is stored in every model file and states its conventions explicitly. Apart from the types, so that an engine
 * does not carry a schema library along.
 */
import * as z from "zod/mini";
import { kernelAxes, kernelNames } from "./kernelNames.ts";
import { perceiveSchema } from "./parts/schemas.ts";

const integer = (low: number, high: number) => z.int().check(z.minimum(low), z.maximum(high));
const finite = z.number();

const tapSchema = z.strictObject({
  /** Neighbour seen, in cells along each axis: on a plane [rows down, columns right]. */
  offset: z.array(integer(-4, 4)).check(z.minLength(1), z.maxLength(3)),
  weight: finite,
});

const kernelSchema = z.union([
  z.enum(kernelNames),
  z.strictObject({ taps: z.array(tapSchema).check(z.minLength(1), z.maxLength(729)) }),
]);

/** The fields of a rule, for schemas that hold more beside them. */
export const ruleFields = {
  /** Axes of its grids: 1, 2 or 3, as [W], [H, W] or [D, H, W]. Default: 2. */
  axes: z.optional(z.union([z.literal(1), z.literal(2), z.literal(3)])),
  /** Numbers a cell holds: 1 to 64. */
  channels: integer(1, 64),
  /**
   * What cells see, where it is not every kernel on every channel: `depthwise`, kernels of each channel's own that are trained, in
   * place of these; `filter`, one of these on each channel, and magnitudes; `attention`, in place of these. Default: none.
   */
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
  /** A cell lives while the alive channel exceeds the threshold somewhere in its neighbourhood. */
  alive: z.strictObject({
    mask: z.enum(["both", "after", "none"]),
    channel: integer(0, 63),
    threshold: finite,
    /** How far the neighbourhood reaches: 1, 3 cells along each axis, or 0, the cell itself alone. Default: 1. */
    reach: z.optional(z.union([z.literal(0), z.literal(1)])),
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
type Axes = {
  axes?: 1 | 2 | 3 | undefined;
  perceive?: { kind: string } | undefined;
  kernels: z.infer<typeof kernelSchema>[];
};

const fitsAxes = (kernel: z.infer<typeof kernelSchema>, axes: number) =>
  typeof kernel === "string"
    ? kernelAxes[kernel] <= axes
    : kernel.taps.every(({ offset }) => offset.length === axes);

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
  z.refine<Axes>(
    ({ axes = 2, perceive, kernels }) =>
      perceive?.kind === "depthwise" ||
      perceive?.kind === "attention" ||
      kernels.every((kernel) => fitsAxes(kernel, axes)),
    {
      path: ["kernels"],
      error:
        "must fit the rule's axes: an offset has as many numbers, y filters need two axes, z filters three",
    },
  ),
];

/** The schema of a `Rule`, of `zod`: `ruleSchema.parse` says what is wrong with one. */
export const ruleSchema = z.strictObject(ruleFields).check(...ruleChecks);
