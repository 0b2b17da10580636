/** The playground: choose a picture, watch cells learn it, play with them, save them. */
import "../../src/element/index.ts";
import { Playground } from "./app.ts";
import { CellPanel } from "./panels/cell.ts";
import { GalleryPanel } from "./panels/gallery.ts";
import { GridPanel } from "./panels/grid.ts";
import { InputPanel } from "./panels/input.ts";
import { PlayPanel } from "./panels/play.ts";
import { SavePanel } from "./panels/save.ts";
import { SettingsDrawer } from "./panels/settingsDrawer.ts";
import { TargetPanel } from "./panels/target.ts";
import { TrainPanel } from "./panels/train.ts";
import { ViewPanel } from "./panels/view.ts";
import { WatchPanel } from "./panels/watch.ts";
import { DrawingPad } from "./ui/drawingPad.ts";
import { LossChart } from "./ui/lossChart.ts";
import { RasterCanvas } from "./ui/rasterCanvas.ts";
import { TraceChart } from "./ui/traceChart.ts";

const parts: Readonly<Record<string, CustomElementConstructor>> = {
  "raster-canvas": RasterCanvas,
  "drawing-pad": DrawingPad,
  "loss-chart": LossChart,
  "trace-chart": TraceChart,
  "settings-drawer": SettingsDrawer,
  "gallery-panel": GalleryPanel,
  "play-panel": PlayPanel,
  "view-panel": ViewPanel,
  "cell-panel": CellPanel,
  "input-panel": InputPanel,
  "grid-panel": GridPanel,
  "target-panel": TargetPanel,
  "train-panel": TrainPanel,
  "watch-panel": WatchPanel,
  "save-panel": SavePanel,
  "neoblast-playground": Playground,
};
for (const [name, part] of Object.entries(parts)) customElements.define(name, part);
