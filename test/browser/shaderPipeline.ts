/** Runs shaders in a page, pass by pass, on textures of float32. */
import type { Page } from "playwright-core";

/** A whole number, or a vector of floats. */
export type Uniform = number | readonly number[];

export type Pipeline = Readonly<{
  /** Size of all textures. */
  width: number;
  height: number;
  textures: number;
  /** Texture i is the sampler `${sampler}${i}`. */
  sampler: string;
  /** In order: the text of a fragment shader, and the textures that it writes. */
  passes: readonly Readonly<{ text: string; writes: readonly number[] }>[];
  /** When what a pass wrote is what others read: at once, as on Shadertoy, or when all passes are done. */
  swap: "pass" | "step";
  /** Texels (height, width, 4) of each texture before the first frame; default: zeros. */
  start?: readonly Float32Array[];
  /** Uniforms of each frame. */
  frames: readonly Readonly<Record<string, Uniform>>[];
  /** Shaders that read the state after each frame, in groups of outputs, and their uniforms then. */
  view: Readonly<{
    passes: readonly Readonly<{ text: string; outputs: number }>[];
    frames: readonly Readonly<Record<string, Uniform>>[];
  }>;
}>;

/**
 * Draws all frames.
 *
 * @returns for each frame the texels (height, width, 4) of each output of the view, one after the other.
 */
export async function runPipeline(page: Page, pipeline: Pipeline): Promise<Float32Array[][]> {
  // As text, which takes less time than lists.
  const start = pipeline.start?.map((texels) => Buffer.from(texels.buffer).toString("base64"));
  const frames = await page.evaluate(draw, { ...pipeline, start });
  return frames.map((outputs) =>
    outputs.map((text) => new Float32Array(Uint8Array.from(Buffer.from(text, "base64")).buffer)),
  );
}

/** Runs in the page. */
function draw(pipeline: Omit<Pipeline, "start"> & { start: string[] | undefined }): string[][] {
  const { width, height, textures: count, sampler, passes, swap, start, frames, view } = pipeline;
  const gl = document.createElement("canvas").getContext("webgl2");
  if (!gl?.getExtension("EXT_color_buffer_float")) throw new Error("this browser draws no float textures");

  const shader = (type: number, text: string) => {
    const made = gl.createShader(type)!;
    gl.shaderSource(made, text);
    gl.compileShader(made);
    if (!gl.getShaderParameter(made, gl.COMPILE_STATUS)) {
      throw new Error(`${gl.getShaderInfoLog(made)}\n${text.slice(0, 4000)}`);
    }
    return made;
  };
  const vertex = shader(
    gl.VERTEX_SHADER,
    "#version 300 es\nvoid main() { gl_Position = vec4(ivec2(gl_VertexID << 1 & 2, gl_VertexID & 2) * 2 - 1, 0, 1); }",
  );
  const program = (text: string) => {
    const made = gl.createProgram();
    gl.attachShader(made, vertex);
    gl.attachShader(made, shader(gl.FRAGMENT_SHADER, text));
    gl.linkProgram(made);
    if (!gl.getProgramParameter(made, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(made)!);
    return made;
  };
  const texture = (data?: string) => {
    const made = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, made);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
    const texels = data
      ? new Float32Array(Uint8Array.from(atob(data), (byte) => byte.charCodeAt(0)).buffer)
      : new Float32Array(width * height * 4);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA32F, width, height, 0, gl.RGBA, gl.FLOAT, texels);
    return made;
  };
  const target = (attached: readonly WebGLTexture[]) => {
    gl.bindFramebuffer(gl.FRAMEBUFFER, gl.createFramebuffer());
    for (const [i, each] of attached.entries()) {
      gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0 + i, gl.TEXTURE_2D, each, 0);
    }
    gl.drawBuffers(attached.map((_, i) => gl.COLOR_ATTACHMENT0 + i));
  };

  const indexes = Array.from({ length: count }, (_, i) => i);
  let current = indexes.map((i) => texture(start?.[i]));
  let other = indexes.map(() => texture());
  const run = (made: WebGLProgram, uniforms: Readonly<Record<string, Uniform>>) => {
    gl.useProgram(made);
    gl.viewport(0, 0, width, height);
    for (const i of indexes) {
      gl.activeTexture(gl.TEXTURE0 + i);
      gl.bindTexture(gl.TEXTURE_2D, current[i]);
      gl.uniform1i(gl.getUniformLocation(made, `${sampler}${i}`), i);
    }
    for (const [name, value] of Object.entries(uniforms)) {
      const at = gl.getUniformLocation(made, name);
      if (typeof value === "number") gl.uniform1i(at, value);
      else if (value.length === 1) gl.uniform1f(at, value[0]);
      else if (value.length === 3) gl.uniform3fv(at, value);
      else gl.uniform4fv(at, value);
    }
    gl.drawArrays(gl.TRIANGLES, 0, 3);
    const error = gl.getError();
    if (error !== gl.NO_ERROR) throw new Error(`WebGL error ${error}`);
  };
  const programs = passes.map(({ text }) => program(text));
  const viewers = view.passes.map(({ text }) => program(text));
  const shown: string[][] = [];
  for (const [frame, uniforms] of frames.entries()) {
    const swapped = (writes: readonly number[]) => {
      for (const i of writes) [current[i], other[i]] = [other[i], current[i]];
    };
    for (const [i, { writes }] of passes.entries()) {
      target(writes.map((each) => other[each]));
      run(programs[i], uniforms);
      if (swap === "pass") swapped(writes);
    }
    if (swap === "step") swapped(indexes);
    const outputs: string[] = [];
    for (const [i, { outputs: size }] of view.passes.entries()) {
      target(Array.from({ length: size }, () => texture()));
      run(viewers[i], view.frames[frame]);
      for (let k = 0; k < size; k++) {
        const texels = new Float32Array(width * height * 4);
        gl.readBuffer(gl.COLOR_ATTACHMENT0 + k);
        gl.readPixels(0, 0, width, height, gl.RGBA, gl.FLOAT, texels);
        let bytes = "";
        for (const byte of new Uint8Array(texels.buffer)) bytes += String.fromCharCode(byte);
        outputs.push(btoa(bytes));
      }
    }
    shown.push(outputs);
  }
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return shown;
}
