/** What a critic sees of a state. */
import { expandWindow, type StateWindow } from "../../engine/window.ts";
import type { PictureLayout, Readout } from "../../model/readout.ts";
import type { Plane } from "../../rule/grid.ts";
import type { Autoencoder } from "../../nets/networks.ts";

/** `pixels`: the picture; `latent`: what an autoencoder makes of it; `state`: all channels. */
export const observationNames = ["pixels", "latent", "state"] as const;
/** What a critic sees. `pixels`: the picture; `latent`: what an autoencoder makes of it; `state`: all channels. */
export type ObservationName = (typeof observationNames)[number];

export interface Observer {
  /** An observation of each state. */
  observe(states: readonly StateWindow[]): Promise<Float32Array[]>;
  /** d value / d state, of shape (H, W, C) each, for d value / d observation. */
  pullback(states: readonly StateWindow[], cotangents: readonly Float32Array[]): Promise<Float32Array[]>;
}

/**
 * All channels: shape (H, W, C).
 *
 * @param from shape (H, W, 4), which is taken from the picture; null: nothing.
 */
export function stateObserver(
  { rule: { channels }, readout }: PictureLayout,
  grid: Plane,
  from: Float32Array | null,
): Observer {
  return {
    observe: async (states) =>
      states.map((state) => {
        const whole = expandWindow(state, grid, channels);
        if (from) subtract(whole, channels, readout.offset, from, readout.channels);
        return whole;
      }),
    pullback: async (_states, cotangents) => [...cotangents],
  };
}

/**
 * The picture: shape (H, W, K), premultiplied or not as the readout says.
 *
 * @param from like that of {@link stateObserver}.
 */
export function pixelObserver(
  { rule: { channels }, readout }: PictureLayout,
  grid: Plane,
  from: Float32Array | null,
): Observer {
  const cells = grid[0] * grid[1];
  const width = readout.channels;
  return {
    observe: async (states) =>
      states.map((state) => {
        const picture = cutChannels(state, grid, channels, readout);
        if (from) subtract(picture, width, 0, from, width);
        return picture;
      }),
    pullback: async (_states, cotangents) =>
      cotangents.map((cotangent) => {
        const data = new Float32Array(cells * channels);
        for (let cell = 0; cell < cells; cell++) {
          for (let k = 0; k < width; k++)
            data[cell * channels + readout.offset + k] = cotangent[cell * width + k];
        }
        return data;
      }),
  };
}

/**
 * What an autoencoder that learns meanwhile makes of the picture: the mean of its latent distribution.
 *
 * @param parameters of the autoencoder, as they are.
 */
export function latentObserver(
  layout: PictureLayout,
  grid: Plane,
  autoencoder: Autoencoder,
  parameters: () => Float32Array,
): Observer {
  const pixels = pixelObserver(layout, grid, null);
  return {
    observe: async (states) => autoencoder.encode(parameters(), await pixels.observe(states)),
    async pullback(states, cotangents) {
      const pictures = await pixels.observe(states);
      return pixels.pullback(states, await autoencoder.pullback(parameters(), pictures, cotangents));
    },
  };
}

/** Takes the first channels of a picture (H, W, 4) from those of an array (H, W, stride) that begin at `offset`. */
function subtract(
  data: Float32Array,
  stride: number,
  offset: number,
  picture: Float32Array,
  channels: number,
): void {
  const cells = data.length / stride;
  const pictured = picture.length / cells;
  for (let cell = 0; cell < cells; cell++) {
    for (let k = 0; k < channels; k++) data[cell * stride + offset + k] -= picture[cell * pictured + k];
  }
}

/** The image channels of a state: shape (H, W, K). */
function cutChannels(
  { top, left, height, width, data }: StateWindow,
  grid: Plane,
  channels: number,
  readout: Readout,
): Float32Array {
  const picture = new Float32Array(grid[0] * grid[1] * readout.channels);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y * width + x) * channels + readout.offset;
      const to = ((top + y) * grid[1] + left + x) * readout.channels;
      for (let k = 0; k < readout.channels; k++) picture[to + k] = data[from + k];
    }
  }
  return picture;
}
