import type { Raster } from "../../../data/image.ts";
import { encodeModelLink, MAX_QR_LINK } from "../../../exporters/modelLink.ts";
import { encodePng } from "../../../node/encode.ts";
import { optionalPackage } from "../../../node/optional.ts";
import { placeOf, writePlace } from "../../place.ts";
import { titleOf } from "../../run/graft.ts";
import { loadNamedModel } from "../../standardInput.ts";
import { say } from "../../terminal/print.ts";
import { usageError } from "../../values.ts";
import type { ExportOptions } from "./options.ts";

/** Modules of the quiet zone around a code, as ISO/IEC 18004 asks for. */
const BORDER = 4;
/** Pixels of a module in a PNG. */
const MODULE = 6;

/** Writes a QR code of a link that opens the playground with the model. */
export async function exportQr(path: string, { out, page, weights }: ExportOptions): Promise<void> {
  if (weights) throw usageError("--weights is how shaders hold them; a link takes as many bits as fit");
  if (page === undefined) {
    throw usageError("--to qr needs --page, the address of the playground that the link opens");
  }
  const place = await placeOf(out, { extensions: [".svg", ".png"], inputs: [path] });
  const model = await loadNamedModel(path);
  const { address, bits } = encodeModelLink(model, { page, title: titleOf(path, model) });
  const { default: encodeQr } = await optionalPackage(() => import("qr"));
  const drawing =
    place.extension === ".svg"
      ? encodeQr(address, "svg", { ecc: "low", border: BORDER })
      : await encodePng(rasterOf(encodeQr(address, "raw", { ecc: "low", border: BORDER })));
  say(address);
  say(`${address.length} characters of ${MAX_QR_LINK}, weights of ${bits} bits`);
  await writePlace(place, drawing);
}

/** Black where a module is set, on white. */
function rasterOf(modules: readonly (readonly boolean[])[]): Raster {
  const side = modules.length * MODULE;
  const data = new Uint8ClampedArray(side * side * 4).fill(255);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      if (modules[Math.floor(y / MODULE)][Math.floor(x / MODULE)])
        data.fill(0, (y * side + x) * 4, (y * side + x) * 4 + 3);
    }
  }
  return { width: side, height: side, data };
}
