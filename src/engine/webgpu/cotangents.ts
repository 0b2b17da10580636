/** Cotangents on the device: those that a caller gives, and those of losses that are taken here. */
import type { Cotangent, LossVisit, RolloutRequest } from "../../engine.ts";
import { cellCount, planeOf } from "../../rule/grid.ts";
import type { Commands } from "./commands.ts";
import type { Context } from "./context.ts";
import type { Plan } from "./layout.ts";
import type { Program } from "./program.ts";
import { GROUP, shapeOf, TERM_WORDS, VISIT_WORDS } from "./shaders/losses.ts";

/** The place of a cotangent that was not given. */
const NOWHERE = 0xffffffff;
/** Workgroups that share a state, at most. */
const MOST_GROUPS = 64;

/** Cotangents as the device has them: whole states, and where each begins, by step and sample, in vectors. */
export type GivenCotangents = Readonly<{
  numbers: GPUBuffer;
  places: GPUBuffer;
  /** The last step with a cotangent. */
  last: number;
}>;

/** Uploads cotangents, those of the same sample and step added up. Whoever asks recycles both buffers. */
export function uploadCotangents(
  { device }: Context,
  { C, C4, rule }: Plan,
  { grid, states: { length: batch } }: RolloutRequest,
  cotangents: readonly Cotangent[],
): GivenCotangents {
  const cells = cellCount(grid);
  const { places, count } = placesOf(cotangents, batch, cells * C4);
  const numbers = new Float32Array(count * cells * C);
  const [rows, columns] = planeOf(grid);
  for (const { step, sample, data, box } of cotangents) {
    const base = places[step * batch + sample] * 4;
    const { top, left, height, width } = box ?? { top: 0, left: 0, height: rows, width: columns };
    for (let y = 0; y < height; y++) {
      let to = base + ((top + y) * columns + left) * C;
      let from = y * width * rule.channels;
      for (let x = 0; x < width; x++, to += C) {
        for (let c = 0; c < rule.channels; c++) numbers[to + c] += data[from++];
      }
    }
  }
  return { numbers: device.filled(numbers), places: device.filled(places), last: lastOf(cotangents) };
}

type Visited = Readonly<{ sample: number; step: number }>;

function lastOf(visits: readonly Visited[]): number {
  return Math.max(...visits.map(({ step }) => step));
}

/** By step and sample, where a cotangent begins, one of so many vectors after the other; and how many there are. */
function placesOf(visits: readonly Visited[], batch: number, vectors: number) {
  const places = new Uint32Array((lastOf(visits) + 1) * batch).fill(NOWHERE);
  let count = 0;
  for (const { step, sample } of visits) {
    const at = step * batch + sample;
    if (places[at] === NOWHERE) places[at] = count++ * vectors;
  }
  return { places, count };
}

/** What the losses of a visit are compared with. */
function fieldsOf({ terms }: LossVisit): Float32Array[] {
  return terms.flatMap((term) =>
    term.kind === "overflow" ? [] : [term.target, ...(term.cells ? [term.cells] : [])],
  );
}

/** Whether losses of these visits can be taken in one go. */
export function fitTogether(
  { fields }: Context,
  visits: readonly LossVisit[],
  batch: number,
  cells: number,
): boolean {
  const [first] = visits;
  const distinct = new Set(visits.map(({ step, sample }) => step * batch + sample)).size;
  return (
    first !== undefined &&
    first.terms.length > 0 &&
    distinct === visits.length &&
    fields.holds(visits.flatMap(fieldsOf)) &&
    visits.every(({ terms }) => shapeOf(terms) === shapeOf(first.terms)) &&
    visits.every(({ terms }) =>
      terms.every((term) => term.kind === "overflow" || term.target.length === cells * 4),
    )
  );
}

export type TakenLosses = Readonly<{
  given: GivenCotangents;
  /** By visit: the values of its terms, how many cells have a number beyond the bound, how many are alive. */
  results: Promise<readonly Readonly<{ values: readonly number[]; beyond: number; living: number }>[]>;
}>;

/** The states of a rollout that lie on its tape. */
export type TapeStates = Readonly<{
  program: Program;
  commands: Commands;
  grid: GPUBuffer;
  tape: GPUBuffer;
  batch: number;
  cells: number;
  /** Where the state of a sample after a step begins, in vectors. */
  at: (sample: number, step: number) => number;
}>;

/** Takes losses of states that lie on a tape. */
export async function takeLosses(
  { device, programs, fields }: Context,
  { program, commands, grid, tape, batch, cells, at: stateAt }: TapeStates,
  visits: readonly LossVisit[],
  bound: number,
): Promise<TakenLosses> {
  const { plan } = program;
  const { terms } = visits[0];
  const pipeline = await program.losses(terms);
  const held = fields.of(visits.flatMap(fieldsOf));
  const stride = VISIT_WORDS + TERM_WORDS * terms.length;
  const words = new Uint32Array(visits.length * stride);
  const floats = new Float32Array(words.buffer);
  const { places } = placesOf(visits, batch, cells * plan.C4);
  visits.forEach((visit, v) => {
    let at = v * stride;
    words[at++] = stateAt(visit.sample, visit.step);
    words[at++] = places[visit.step * batch + visit.sample];
    for (const term of visit.terms) {
      const factor = visit.factor * term.weight * term.scale;
      if (term.kind === "squared-error") {
        words[at] = held.at(term.target);
        words[at + 1] = term.cells ? held.at(term.cells) : 0;
      }
      floats[at + 2] = term.kind === "squared-error" ? 2 * factor : factor;
      at += TERM_WORDS;
    }
  });
  const groups = Math.min(MOST_GROUPS, Math.ceil(cells / GROUP));
  const each = terms.length + 2;
  const visited = device.filled(words);
  const given = {
    numbers: device.storage(visits.length * cells * plan.C * 4),
    places: device.filled(places),
    last: lastOf(visits),
  };
  const sums = device.storage(visits.length * groups * each * 4);
  const group = programs.bind("losses", [
    grid,
    commands.step,
    tape,
    visited,
    held.buffer,
    given.numbers,
    sums,
  ]);
  const offset = commands.stepOffset({ b: new Uint32Array(Float32Array.of(bound).buffer)[0] });
  commands.dispatch(pipeline, group, offset, [groups, visits.length]);
  commands.submit();
  const reading = device.read([{ buffer: sums, offset: 0, size: visits.length * groups * each * 4 }]);
  for (const buffer of [visited, sums]) device.recycle(buffer);
  const results = reading.then(([numbers]) => {
    const parts = new Float32Array(numbers);
    const sum = (v: number, i: number) => {
      let total = 0;
      for (let g = 0; g < groups; g++) total += parts[(v * groups + g) * each + i];
      return total;
    };
    return visits.map((visit, v) => ({
      values: visit.terms.map(({ scale }, i) => scale * sum(v, i)),
      beyond: sum(v, terms.length),
      living: sum(v, terms.length + 1),
    }));
  });
  return { given, results };
}
