import { rm } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../../../errors.ts";
import type { ShaderOptions } from "../../../exporters/shader/automaton.ts";
import { exportShadertoy } from "../../../exporters/shader/shadertoy.ts";
import { exportThree } from "../../../exporters/shader/three.ts";
import { exportWebgl } from "../../../exporters/shader/webgl.ts";
import type { Model } from "../../../model/model.ts";
import { writeFileAtomic } from "../../../node/files.ts";
import { placeOf, writePlace } from "../../place.ts";
import { titleOf } from "../../run/graft.ts";
import { loadNamedModel } from "../../standardInput.ts";
import { print, say } from "../../terminal/print.ts";
import { entriesOfNew, refuseStandard } from "./folder.ts";
import type { ExportOptions, ShaderTarget } from "./options.ts";

type FileTarget = Readonly<{
  extensions: readonly string[];
  write: (model: Model, options: ShaderOptions) => string;
}>;

const FILES: Readonly<Record<Exclude<ShaderTarget, "shadertoy">, FileTarget>> = {
  webgl: { extensions: [".html"], write: exportWebgl },
  three: { extensions: [".js", ".mjs"], write: exportThree },
};

/** Writes a model as shaders: a file, or for Shadertoy a folder with a text for each tab. */
export async function exportShaders(
  path: string,
  to: ShaderTarget,
  { out, weights = "i8" }: ExportOptions,
): Promise<void> {
  if (to === "shadertoy") return exportTabs(path, out, weights);
  const { extensions, write } = FILES[to];
  const place = await placeOf(out, { extensions, inputs: [path] });
  const model = await loadNamedModel(path);
  const text = write(model, { title: titleOf(path, model), weights });
  sayLeft(model);
  await writePlace(place, text);
}

const OWN_FILES = /^(?:common|buffer-[abcd]|image)\.glsl$/;

async function exportTabs(
  path: string,
  folder: string,
  weights: NonNullable<ExportOptions["weights"]>,
): Promise<void> {
  refuseStandard(folder, "Shadertoy's texts");
  const model = await loadNamedModel(path);
  const tabs = exportShadertoy(model, { title: titleOf(path, model), weights });
  const entries = await entriesOfNew(folder);
  const foreign = entries.find((name) => !OWN_FILES.test(name));
  if (foreign !== undefined) {
    throw new UserError(
      `${folder} holds ${foreign}, which neoblast export did not write; choose another folder`,
    );
  }
  sayLeft(model);
  const names = tabs.map(({ name }) => `${name.toLowerCase().replace(" ", "-")}.glsl`);
  for (const name of entries) if (!names.includes(name)) await rm(join(folder, name));
  for (const [i, { text }] of tabs.entries()) {
    const file = join(folder, names[i]);
    await writeFileAtomic(file, text);
    print(file);
  }
  const buffers = tabs.slice(1, -1).map(({ name }, i) => `iChannel${i} to ${name}`);
  say(`Paste each into its tab, and in each buffer and in Image set ${buffers.join(", ")}`);
}

function sayLeft({ encoder }: Model): void {
  if (encoder) say("The encoder stays behind: this is the automaton alone");
}
