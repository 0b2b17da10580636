// The drawings of `reinforcement.mjs`.
import * as Plot from "@observablehq/plot";
import { spreadOf } from "../dist/cli/bench/timed.js";
import { chart, headings } from "../dist/render/chart.js";
import { errorText } from "../dist/render/evaluation.js";
import { colours } from "../dist/render/theme.js";

const COLOURS = { bptt: colours.ink, truncated: "#c8553d", critic: colours.accent };
const HEIGHT = 360;
const MARGIN = { top: 88, right: 204, bottom: 64, left: 72 };
/** Least distance in pixels between two labels, each of two lines, one above the other. */
const LABEL_GAP = 42;

/** Runs by the way of training. */
export const byArm = (runs) => grouped(runs, ({ arm }) => arm);
/** Runs by the size of the picture. */
export const bySize = (runs) => grouped(runs, ({ config }) => config.target.size);

export function sizeText({ size, padding }) {
  const side = size + 2 * padding;
  return `picture of ${size} cells on a grid of ${side} x ${side}`;
}

/** Errors over what training took, by time and by work: thin lines for seeds, a thick one for their median. */
export function drawArms(runs, { evaluation }) {
  const arms = byArm(runs).map((own) => {
    const seeds = own.map(({ points }) => points.map(placed));
    return { arm: own[0].arm, name: own[0].name, seeds, points: medians(seeds) };
  });
  const points = arms.flatMap(({ seeds }) => seeds.flat());
  const domain = errorDomain(points, points[0].error);
  const most = Math.max(...arms.map(({ seeds }) => seeds.length));
  const lines = most > 1 ? `thin lines are ${most} seeds, thick ones their median` : "one seed";
  const panel = (key, unit, over) =>
    errorPanel({
      title: `Error at step ${evaluation.steps[0]}, over ${over}`,
      subtitle: `mean squared error, ${sizeText(runs[0].config.target)}; ${lines}`,
      unit,
      key,
      x: { domain: [0, Math.max(...points.map((point) => point[key]))] },
      domain,
      marks: arms.flatMap(({ arm, seeds }) => {
        const style = { stroke: COLOURS[arm], strokeOpacity: 0.4, strokeWidth: 1 };
        return most > 1 ? seeds.map((seed) => Plot.lineY(seed, { x: key, y: "error", ...style })) : [];
      }),
      lines: arms,
    });
  return chart([
    panel("minutes", "processor minutes of training", "training time"),
    panel("updates", "millions of cell updates", "cell updates"),
  ]);
}

/** Errors at the end of training over the horizon, a panel for each size. */
export function drawSweep(runs, { budget, evaluation }) {
  const horizons = [...new Set(runs.map(horizonOf))];
  const ends = runs.map(({ points }) => placed(points.at(-1)));
  const domain = errorDomain(ends, Math.max(...runs.map(({ points }) => placed(points[0]).error)));
  const edge = 2 ** 0.25;
  return chart(
    bySize(runs).map((sized) => {
      const lines = byArm(sized).map((own) => ({
        arm: own[0].arm,
        name: own[0].name,
        points: own.map((run) => ({ ...placed(run.points.at(-1)), horizon: horizonOf(run) })),
      }));
      return errorPanel({
        title: `Error at step ${evaluation.steps[0]}, ${sizeText(sized[0].config.target)}`,
        subtitle: `mean squared error after ${budget.toLocaleString("en-US")} automaton steps of training; one seed`,
        unit: "horizon in steps",
        key: "horizon",
        x: { type: "log", domain: [Math.min(...horizons) / edge, Math.max(...horizons) * edge] },
        ticks: horizons,
        domain,
        marks: lines.map(({ arm, points }) =>
          Plot.dot(points, { x: "horizon", y: "error", r: 4, fill: COLOURS[arm] }),
        ),
        lines,
      });
    }),
  );
}

/** A moment of a run as it is drawn. */
function placed({ cpuSeconds, cellUpdates, errors: [error] }) {
  return { minutes: cpuSeconds / 60, updates: cellUpdates / 1e6, error: error ?? Infinity };
}

/** Medians over seeds, moment by moment. A run that gave up stays where it ended. */
function medians(seeds) {
  const moments = Math.max(...seeds.map(({ length }) => length));
  return Array.from({ length: moments }, (_, i) => {
    const across = seeds.map((points) => points[i] ?? points.at(-1));
    const medianOf = (key) => spreadOf(across.map((point) => point[key])).median;
    return { minutes: medianOf("minutes"), updates: medianOf("updates"), error: medianOf("error") };
  });
}

const horizonOf = ({ config }) => config.training.horizon;

/** Lines on a logarithmic axis, each named at the right edge, at the height of its end. */
function errorPanel({ title, subtitle, unit, key, x, ticks: places, domain, marks, lines }) {
  const ticks = errorTicks(domain);
  const edge = x.domain[1];
  const drawn = lines.map(({ points, ...line }) => ({
    ...line,
    points,
    end: points.at(-1),
    colour: COLOURS[line.arm],
  }));
  const shifts = labelShifts(
    drawn.map(({ end }) => end.error),
    domain,
  );
  return {
    plot: {
      height: HEIGHT,
      marginTop: MARGIN.top,
      marginRight: MARGIN.right,
      marginBottom: MARGIN.bottom,
      marginLeft: MARGIN.left,
      x,
      y: { type: "log", domain, clamp: true },
      marks: [
        Plot.gridY(ticks, { stroke: colours.grid, strokeOpacity: 1 }),
        Plot.ruleY([domain[0]], { stroke: colours.frame }),
        Plot.axisY(ticks, { tickSize: 0, tickPadding: 12, text: String, label: null }),
        Plot.axisX({ tickSize: 0, tickPadding: 12, ticks: places ?? 6, tickFormat: plain, label: null }),
        ...headings(title, subtitle),
        Plot.text([unit], { frameAnchor: "bottom-right", dy: 46 }),
        ...marks,
        ...drawn.map(({ points, colour }) =>
          Plot.lineY(points, { x: key, y: "error", stroke: colour, strokeWidth: 2.25 }),
        ),
        ...drawn.map(({ name, end, colour }, i) => [
          Plot.ruleY([end.error], { x1: end[key], x2: edge, stroke: colour, strokeDasharray: "1 4" }),
          Plot.dot([end], { x: key, y: "error", r: 4, fill: colour }),
          label([name], { end, edge, fill: colour, fontWeight: 600, fontSize: 14, dy: shifts[i] - 1 }),
          label([errorText(end.error === Infinity ? null : end.error)], {
            end,
            edge,
            fill: colours.muted,
            dy: shifts[i] + 16,
          }),
        ]),
      ],
    },
  };
}

function label(text, { end, edge, ...style }) {
  return Plot.text(text, { x: [edge], y: [end.error], textAnchor: "start", dx: 14, ...style });
}

/** How far down each label moves, so that no two overlap. */
function labelShifts(errors, [low, high]) {
  const scale = (HEIGHT - MARGIN.top - MARGIN.bottom) / Math.log10(high / low);
  const heights = errors.map((error) => scale * Math.log10(high / Math.min(high, Math.max(low, error))));
  const order = heights.map((_, i) => i).toSorted((a, b) => heights[a] - heights[b]);
  const places = [...heights];
  for (let round = 0; round < 100; round++) {
    for (let i = 1; i < order.length; i++) {
      const push = (LABEL_GAP - places[order[i]] + places[order[i - 1]]) / 2;
      if (push <= 0) continue;
      places[order[i]] += push;
      places[order[i - 1]] -= push;
    }
  }
  return places.map((place, i) => place - heights[i]);
}

/** From the lowest error to a little above that of no training: what is worse lies on the edge. */
function errorDomain(points, start) {
  const errors = points.map(({ error }) => error).filter(Number.isFinite);
  return [Math.min(...errors) / 1.25, Math.min(Math.max(...errors), 2 * start) * 1.25];
}

/** Powers of ten; with twice and five times as much where there would be few of them. */
function errorTicks([low, high]) {
  const decades = Array.from({ length: 24 }, (_, i) => Number(`1e${i - 16}`));
  const within = (values) => values.filter((value) => value >= low && value <= high);
  const fine = within(decades.flatMap((decade) => [decade, 2 * decade, 5 * decade]));
  return fine.length <= 7 ? fine : within(decades);
}

const plain = (value) => value.toLocaleString("en-US", { maximumFractionDigits: 2 });

function grouped(values, keyOf) {
  const groups = new Map();
  for (const value of values) groups.set(keyOf(value), [...(groups.get(keyOf(value)) ?? []), value]);
  return [...groups.values()];
}
