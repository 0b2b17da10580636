/** What the commands have in common that train for pictures. */
import type { Argument, Option } from "commander";
import type { PictureTarget } from "../../experiments/picture.ts";
import { argument, argumentList, option, pictureSource, whole } from "../values.ts";

const PICTURE =
  "an emoji (🦎), its name (lizard), or a PNG, JPEG, WebP, AVIF, GIF, SVG, BMP or ICO file, or - for standard input";

/** @param target by default. */
export function pictureArgument({ source }: PictureTarget): Argument {
  return argument("[target]", `${PICTURE} (default: ${source})`, pictureSource);
}

/** @param source by default. */
export function pictureArguments(source: string): Argument {
  return argumentList(
    "[target...]",
    `${PICTURE}; several with --conditional (default: ${source})`,
    pictureSource,
  );
}

/** @param target by default. */
export function pictureOptions({ size, padding }: Pick<PictureTarget, "size" | "padding">): Option[] {
  return [
    option("--size <cells>", `longest side of the picture in cells (default: ${size})`, whole(4, 512)),
    option("--padding <cells>", `empty cells around the picture (default: ${padding})`, whole(0, 256)),
  ];
}
