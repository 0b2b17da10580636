/** An automaton as a web page: one file, WebGL 2 alone, all steps on the graphics card. */
import { escapeHtml, fillPage } from "../../formats/page.ts";
import type { Model } from "../../model/model.ts";
import { repeats, type ShaderAutomaton, shaderAutomaton, type ShaderOptions } from "./automaton.ts";
import { stepPasses, viewGlsl } from "./webglPasses.ts";

/**
 * A page that grows the automaton in a canvas that fills it: the pointer erases, R starts anew. In the page,
 * `automaton.step(n)`, `erase(x, y)`, `restart()` and `show()` do by hand what it does of itself, once `automaton.running` is
 * false.
 *
 * @throws UserError, one sentence, for a model that shaders cannot express.
 *
 * @example
 * ```ts
 * import { writeFile } from "node:fs/promises";
 * import { exportWebgl } from "neoblast";
 * import { loadModel } from "neoblast/node";
 *
 * // A page that runs the automaton without WebAssembly, weights as they are.
 * const page = exportWebgl(await loadModel("lizard.safetensors"), { title: "Lizard", weights: "f32" });
 * console.log(page.slice(0, 15)); // <!doctype html>
 * await writeFile("lizard.html", page);
 * ```
 */
export function exportWebgl(model: Model, options: ShaderOptions): string {
  const automaton = shaderAutomaton(model, options, { target: "WebGL" });
  const passes = stepPasses(automaton);
  const { grid, texels } = automaton;
  return fillPage(PAGE, {
    title: escapeHtml(options.title),
    steps: passes
      .map(
        ({ first, count, text }) =>
          `    <script type="x-shader/x-fragment" class="step" data-first="${first}" data-count="${count}">\n${inScript(text)}    </script>`,
      )
      .join("\n"),
    view: inScript(viewText(automaton)),
    rows: String(grid[0]),
    columns: String(grid[1]),
    texels: String(texels),
    repeats: String(repeats(automaton)),
  });
}

/** Shader text within a script element, which nothing in it may end. */
function inScript(text: string): string {
  return text.replaceAll("</", "< /").replaceAll("<!--", "< !--");
}

function viewText(automaton: ShaderAutomaton): string {
  const place = repeats(automaton) ? "mod(place, vec2(GRID))" : "place";
  return `${viewGlsl(automaton)}

uniform vec3 view; // the place in cells at the left bottom of the canvas, and cells per pixel
out vec4 shown;

void main() {
  vec2 place = view.xy + vec2(gl_FragCoord.x, -gl_FragCoord.y) * view.z;
  ivec2 cell = ivec2(floor(${place}));
  shown = vec4(0.0);
  if (any(lessThan(cell, ivec2(0))) || any(greaterThanEqual(cell, GRID))) return;
  vec4 s[${automaton.texels}];
  state(cell, s);
  shown = picture(s);
}
`;
}

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>{{title}}</title>
    <style>
      :root {
        color-scheme: light dark;
        --page: #f5f5f2;
        --quiet: #5c6660;
      }
      @media (prefers-color-scheme: dark) {
        :root {
          --page: #151816;
          --quiet: #9aa59e;
        }
      }
      body {
        margin: 0;
        overflow: hidden;
        background: var(--page);
        color: var(--quiet);
        font: 14px/1.4 system-ui, sans-serif;
      }
      canvas {
        position: fixed;
        inset: 0;
        width: 100%;
        height: 100%;
        touch-action: none;
        cursor: crosshair;
      }
      p {
        position: fixed;
        bottom: 12px;
        left: 50%;
        width: max-content;
        max-width: calc(100% - 48px);
        margin: 0;
        padding: 6px 14px;
        border-radius: 8px;
        background: color-mix(in srgb, var(--page) 85%, transparent);
        transform: translateX(-50%);
        text-align: center;
        pointer-events: none;
      }
      b {
        color: light-dark(#1f2421, #e7eae6);
        font-weight: 600;
      }
      button {
        padding: 0;
        border: 0;
        background: none;
        color: inherit;
        font: inherit;
        text-decoration: underline;
        text-underline-offset: 3px;
        cursor: pointer;
        pointer-events: auto;
      }
    </style>
  </head>
  <body>
    <canvas aria-label="{{title}}, growing"></canvas>
    <p>
      <b>{{title}}</b> &middot; erase with the pointer, and watch it regrow &middot;
      <button id="restart" type="button" title="R">start anew (R)</button>
    </p>

{{steps}}
    <script type="x-shader/x-fragment" id="view">
{{view}}    </script>

    <script type="module">
      const rows = {{rows}};
      const columns = {{columns}};
      const texels = {{texels}}; // textures, each of which holds four channels
      const repeats = {{repeats}}; // whether the picture goes on beyond its edges
      const MARGIN = 24; // pixels above and below the picture
      const RADIUS = Math.max(2, Math.min(rows, columns) / 16); // of the eraser, in cells

      const canvas = document.querySelector("canvas");
      const gl = canvas.getContext("webgl2");
      if (!gl || !gl.getExtension("EXT_color_buffer_float")) {
        document.querySelector("p").textContent = "This page needs WebGL 2 with textures of floats.";
        throw new Error("no WebGL 2 with textures of floats");
      }

      function compile(type, text) {
        const shader = gl.createShader(type);
        gl.shaderSource(shader, "#version 300 es\\n" + text);
        gl.compileShader(shader);
        if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) throw new Error(gl.getShaderInfoLog(shader));
        return shader;
      }

      // One triangle that covers everything.
      const cover = compile(
        gl.VERTEX_SHADER,
        "void main() { gl_Position = vec4(ivec2(gl_VertexID << 1 & 2, gl_VertexID & 2) * 2 - 1, 0, 1); }",
      );

      function link(text) {
        const program = gl.createProgram();
        gl.attachShader(program, cover);
        gl.attachShader(program, compile(gl.FRAGMENT_SHADER, text));
        gl.linkProgram(program);
        if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program));
        return program;
      }

      function texture() {
        const made = gl.createTexture();
        gl.bindTexture(gl.TEXTURE_2D, made);
        gl.texStorage2D(gl.TEXTURE_2D, 1, gl.RGBA32F, columns, rows);
        gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
        gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
        return made;
      }

      const steps = [...document.querySelectorAll("script.step")].map((script) => ({
        program: link(script.textContent),
        first: Number(script.dataset.first),
        count: Number(script.dataset.count),
      }));
      const view = link(document.querySelector("#view").textContent);

      // Two sets of textures, read and written in turn, each with a framebuffer for each pass.
      const sets = [0, 1].map(() => {
        const textures = Array.from({ length: texels }, texture);
        const framebuffers = steps.map(({ first, count }) => {
          const framebuffer = gl.createFramebuffer();
          gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
          const attached = textures.slice(first, first + count).map((each, i) => {
            gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0 + i, gl.TEXTURE_2D, each, 0);
            return gl.COLOR_ATTACHMENT0 + i;
          });
          gl.drawBuffers(attached);
          return framebuffer;
        });
        return { textures, framebuffers };
      });

      let current = 0; // the set that holds the state
      let stepsDone = -1; // that the state has had; -1 before there is one
      let strokes = []; // lines along which the next step erases first: [x, y, x, y] in cells

      function draw(program, stroke) {
        gl.useProgram(program);
        for (const [i, each] of sets[current].textures.entries()) {
          gl.activeTexture(gl.TEXTURE0 + i);
          gl.bindTexture(gl.TEXTURE_2D, each);
          gl.uniform1i(gl.getUniformLocation(program, "state" + i), i);
        }
        gl.uniform1i(gl.getUniformLocation(program, "stepsDone"), stepsDone);
        gl.uniform4fv(gl.getUniformLocation(program, "stroke"), stroke ?? [0, 0, 0, 0]);
        gl.uniform1f(gl.getUniformLocation(program, "radius"), stroke ? RADIUS : 0);
        gl.drawArrays(gl.TRIANGLES, 0, 3);
      }

      function advance(stroke) {
        gl.viewport(0, 0, columns, rows);
        for (const [i, { program }] of steps.entries()) {
          gl.bindFramebuffer(gl.FRAMEBUFFER, sets[1 - current].framebuffers[i]);
          draw(program, stroke);
        }
        current = 1 - current;
        stepsDone++;
      }

      // Where the picture lies: the place in cells at the left bottom of the canvas, and cells per pixel of the screen.
      function layout() {
        const { width, height } = canvas;
        const ratio = canvas.width / canvas.clientWidth;
        const room = repeats ? height / 2 : height - 2 * MARGIN * ratio;
        let scale = Math.max(1 / 8, Math.min((repeats ? Infinity : width) / columns, room / rows));
        if (scale > 1) scale = Math.floor(scale);
        return [columns / 2 - width / scale / 2, rows / 2 + height / scale / 2, 1 / scale];
      }

      function show() {
        const ratio = window.devicePixelRatio;
        const width = Math.round(canvas.clientWidth * ratio);
        const height = Math.round(canvas.clientHeight * ratio);
        if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
        gl.bindFramebuffer(gl.FRAMEBUFFER, null);
        gl.viewport(0, 0, width, height);
        gl.useProgram(view);
        gl.uniform3fv(gl.getUniformLocation(view, "view"), layout());
        draw(view, null);
      }

      const automaton = {
        running: true,
        /** Does steps, each with a stroke of the eraser as long as there are any. */
        step(count = 1) {
          for (let i = 0; i < count; i++) advance(strokes.shift());
        },
        restart() {
          stepsDone = -1;
          strokes = [];
          advance();
        },
        /** Before the next step, erases cells around a place in cells from the top left corner, or along a line to another. */
        erase(x, y, toX = x, toY = y) {
          strokes.push([x, y, toX, toY]);
        },
        /** Draws the picture. */
        show,
      };
      window.automaton = automaton;

      let last = null; // where the pointer was while it is pressed
      function erase(event) {
        const ratio = canvas.width / canvas.clientWidth;
        const [left, bottom, scale] = layout();
        const x = left + event.clientX * ratio * scale;
        const y = bottom - (canvas.height - event.clientY * ratio) * scale;
        automaton.erase(last?.[0] ?? x, last?.[1] ?? y, x, y);
        last = [x, y];
      }
      canvas.addEventListener("pointerdown", (event) => {
        canvas.setPointerCapture(event.pointerId);
        last = null;
        erase(event);
      });
      canvas.addEventListener("pointermove", (event) => {
        if (event.buttons & 1) erase(event);
      });
      document.querySelector("#restart").addEventListener("click", automaton.restart);
      window.addEventListener("keydown", (event) => {
        if (event.key.toLowerCase() === "r" && !event.ctrlKey && !event.metaKey) automaton.restart();
      });

      automaton.restart();
      requestAnimationFrame(function frame() {
        if (automaton.running) {
          automaton.step(Math.max(1, Math.min(4, strokes.length)));
          show();
        }
        requestAnimationFrame(frame);
      });
    </script>
  </body>
</html>
`;
