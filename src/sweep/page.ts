/** A sweep as a web page: one file without scripts, which opens from disk. */
import { escapeHtml } from "../formats/page.ts";
import { settingCharts } from "./charts.ts";
import { pageStyle } from "./pageStyle.ts";
import { runRows, type SweepState, sweepTables } from "./results.ts";

/** The page: each setting that is varied against the error, with a point for every run; then the tables. */
export function sweepPage(state: SweepState): string {
  const { arms, subjects } = sweepTables(state);
  const title = `Sweep of ${state.experiment}`;
  const { figures, legend, beyond } = settingCharts(state);
  const key = legend.map(
    ({ name, colour }) => `<li><i style="background:${colour}"></i>${escapeHtml(name)}</li>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="Neoblast">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<style>${pageStyle}</style>
</head>
<body>
<main>
<header>
<h1>${escapeHtml(title)}</h1>
<p>${escapeHtml(summary(state, beyond))}</p>
</header>
${key.length > 0 ? `<ul class="key">${key.join("")}</ul>` : ""}
<div class="charts">
${figures.map(({ name, svg }) => `<figure><figcaption>${escapeHtml(name)}</figcaption>${svg}</figure>`).join("\n")}
</div>
${table(arms.length > 2 ? "Settings, the best first" : "All runs", arms, arms.length > 2)}
${subjects.length > 0 ? table("What was trained on", subjects, false) : ""}
</main>
</body>
</html>
`;
}

/** What was run, and how to read it, in a few sentences. @param beyond whether errors lie beyond a chart. */
function summary(state: SweepState, beyond: boolean): string {
  const rows = runRows(state);
  const count = (how: string) => rows.filter((row) => row.state === how).length;
  const states = [
    `${count("done")} of ${rows.length} runs done`,
    ...(["stopped", "failed", "unfinished"] as const)
      .filter((how) => count(how) > 0)
      .map((how) => `${count(how)} ${how}`),
  ];
  const hollow = rows.some(({ latest }) => latest !== undefined && latest.part < 1);
  return `${states.join(", ")}. A point is a run, a dash their median; the smaller the error, the better.${hollow ? " Hollow points were measured before the end of their training." : ""}${beyond ? " Triangles lie beyond the chart." : ""}`;
}

/** @param ranked whether the first row is the best. */
function table(heading: string, [head, ...rows]: readonly (readonly string[])[], ranked: boolean): string {
  return `<section>
<h2>${escapeHtml(heading)}</h2>
<div class="scroll" tabindex="0" role="group" aria-label="${escapeHtml(heading)}"><table${ranked ? ' class="ranked"' : ""}>
<thead><tr>${cells(head, "th")}</tr></thead>
<tbody>
${rows.map((row) => `<tr>${cells(row, "td")}</tr>`).join("\n")}
</tbody>
</table></div>
</section>`;
}

function cells(row: readonly string[], tag: "th" | "td"): string {
  return row.map((text) => `<${tag}>${escapeHtml(text)}</${tag}>`).join("");
}
