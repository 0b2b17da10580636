import type { FeatureOrder } from "../../../importers/perception.ts";
import type { Layout } from "../../../exporters/interchange.ts";
import type { PicturePreset } from "../../../model/presets.ts";

export const importFormats = ["distill", "torch", "cax", "textures"] as const;
export type ImportFormat = (typeof importFormats)[number];

/** Options that were not given are undefined. */
export type ImportOptions = Readonly<{
  from: ImportFormat;
  out: string;
  target?: string;
  size?: number;
  padding?: number;
  grid?: number;
  preset?: PicturePreset;
  set?: readonly string[];
  layers?: readonly string[];
  order?: FeatureOrder;
  layout?: Layout;
  ignore?: readonly string[];
  dropout?: number;
  model?: string;
}>;
