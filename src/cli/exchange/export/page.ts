/** `neoblast export --to page`: a web page of one's own, to change and to put on any server. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { UserError } from "../../../errors.ts";
import { escapeHtml, fillPage } from "../../../formats/page.ts";
import { encodeModel, modelPlane } from "../../../model/model.ts";
import { asPlane } from "../../../model/rows.ts";
import { fileError, writeFileAtomic } from "../../../node/files.ts";
import { MODEL_FILE } from "../../../node/models.ts";
import { keepInputs } from "../../place.ts";
import { titleOf } from "../../run/graft.ts";
import { loadNamedModel } from "../../standardInput.ts";
import { print, say } from "../../terminal/print.ts";
import { quoted } from "../../terminal/shell.ts";
import { usageError } from "../../values.ts";
import { entriesOfNew, refuseStandard } from "./folder.ts";
import type { ExportOptions } from "./options.ts";

const PAGE_FILE = "index.html";
/** What tells a page that was written here from others. */
const MARK = '<meta name="generator" content="neoblast export" />';
/** The element, and what it loads where WebGPU is asked for. */
const ELEMENT_FILES = ["nca-canvas.js", "nca-canvas-webgpu.js"];

/** Writes a folder with a page, the script of `<nca-canvas>` and the model. A page that is there stays as it is. */
export async function exportPage(path: string, { out, weights }: ExportOptions): Promise<void> {
  if (weights) throw usageError("--weights is how shaders hold them; a page has the model's file");
  refuseStandard(out, "a page and what it shows");
  const { encoder, ...automaton } = await loadNamedModel(path);
  modelPlane(asPlane(automaton), path);
  const files: Record<string, Uint8Array | string> = {};
  for (const name of ELEMENT_FILES) files[name] = await elementFile(name);
  files[MODEL_FILE] = encodeModel(automaton);
  files[PAGE_FILE] = pageOf(titleOf(path, automaton));

  const entries = await entriesOfNew(out);
  const [strange] = entries.filter((name) => !name.startsWith("."));
  if (strange !== undefined && !(await isOurs(join(out, PAGE_FILE)))) {
    throw new UserError(
      `${out} holds ${strange} and no page that neoblast export wrote; choose another folder`,
    );
  }
  await keepInputs(join(out, MODEL_FILE), [path]);
  const kept = entries.includes(PAGE_FILE);
  if (kept) delete files[PAGE_FILE];
  for (const [name, data] of Object.entries(files)) {
    await writeFileAtomic(join(out, name), data);
    print(join(out, name));
  }
  if (encoder) say("The encoder stays behind: this is the automaton alone");
  if (kept) say(`${join(out, PAGE_FILE)} stays as it is`);
  say(`To see it: npx vite ${quoted(out)}`);
}

/** Whether a page was written here, whatever became of it since. */
async function isOurs(path: string): Promise<boolean> {
  return (await readFile(path, "utf8").catch(() => "")).includes(MARK);
}

/** A file of this package's `dist/element`. */
async function elementFile(name: string): Promise<Uint8Array> {
  const script = createRequire(import.meta.url).resolve("neoblast/element");
  const path = join(dirname(script), name);
  return readFile(path).catch((error: unknown) => {
    throw fileError(error, "read", path);
  });
}

function pageOf(title: string): string {
  return fillPage(PAGE, { title: escapeHtml(title), model: MODEL_FILE, script: ELEMENT_FILES[0] });
}

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    ${MARK}
    <title>{{title}}</title>
    <link rel="icon" href="data:," />
    <style>
      body {
        display: grid;
        place-content: center;
        justify-items: center;
        gap: 1rem;
        min-height: 100svh;
        margin: 0;
        background: light-dark(#f5f5f2, #151816);
        color: light-dark(#5c6660, #9aa59e);
        color-scheme: light dark;
        font: 1rem/1.5 system-ui, sans-serif;
      }
      nca-canvas {
        width: min(90vw, 70svh);
      }
      p {
        margin: 0;
      }
    </style>
    <script type="module" src="{{script}}"></script>
  </head>
  <body>
    <nca-canvas src="{{model}}" brush="6"></nca-canvas>
    <p>Erase a part, and see what becomes of it.</p>
  </body>
</html>
`;
