import { extname, join } from "node:path";
import { UserError } from "../../errors.ts";
import { isFile, isFolder } from "../../node/files.ts";
import { MODEL_FILE } from "../../node/models.ts";
import { optionalPackage } from "../../node/optional.ts";
import { listRuns } from "../ls/list.ts";
import { PAGE_FILE } from "../sweep/report.ts";
import { modelStep, runsStep } from "../nextStep.ts";
import { print, say } from "../terminal/print.ts";
import { RUNS_FOLDER } from "../train/options.ts";
import { programName, quoted } from "../terminal/shell.ts";

/** Pages that folders hold, the first that is there. */
const PAGES = ["player.html", PAGE_FILE, "report.html"];

/**
 * Opens a page in the browser. Where there is none, as on a machine without a screen, its path has to do.
 *
 * @throws UserError where there is no page.
 */
export async function openPage(run: string | undefined): Promise<void> {
  const page = await pageOf(run ?? (await latestRun()));
  print(page);
  const hasNoScreen = process.platform === "linux" && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY;
  if (hasNoScreen) {
    say("There is no screen here: open this page on a machine that has one; it needs no other file.");
    return;
  }
  const { default: open } = await optionalPackage(() => import("open"));
  const browser = await open(page);
  browser.on("error", (error) => say(`No browser could be started: ${error.message}`));
}

async function pageOf(path: string): Promise<string> {
  if (extname(path) === ".html" && (await isFile(path))) return path;
  if (!(await isFolder(path))) {
    throw new UserError(
      `${path} is neither the folder of a run nor a page that ends in .html; ${runsStep()}`,
    );
  }
  for (const name of PAGES) if (await isFile(join(path, name))) return join(path, name);
  const step = (await isFile(join(path, MODEL_FILE)))
    ? `${programName()} run ${quoted(path)} --out page.html writes one of its model`
    : await modelStep(path);
  throw new UserError(`${path} has no page; ${step}`);
}

async function latestRun(): Promise<string> {
  const runs = (await isFolder(RUNS_FOLDER)) ? await listRuns(RUNS_FOLDER) : [];
  const latest = runs.findLast(({ state }) => state === "done");
  if (latest) return latest.path;
  const step =
    runs.length > 0
      ? `has ended; ${programName()} ls lists them`
      : `is there; ${programName()} grow makes one`;
  throw new UserError(`no run in ${RUNS_FOLDER} ${step}`);
}
