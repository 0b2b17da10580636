/** An automaton as an ES module for three.js, which is the user's own dependency. */
import type { Model } from "../../model/model.ts";
import { repeats, type ShaderAutomaton, shaderAutomaton, type ShaderOptions } from "./automaton.ts";
import { commentText } from "./numbers.ts";
import { stepPasses, viewGlsl } from "./webglPasses.ts";

/**
 * A module that exports a class `Automaton`: a texture for any material, drawn anew by `step`. It imports `three`, release
 * 162 or later (several textures of one render target), with its `WebGLRenderer`.
 *
 * @throws UserError, one sentence, for a model that shaders cannot express.
 */
export function exportThree(model: Model, options: ShaderOptions): string {
  const automaton = shaderAutomaton(model, options, { target: "three" });
  const { grid, texels } = automaton;
  const passes = stepPasses(automaton).map(
    ({ first, count, text }) => `  { first: ${first}, count: ${count}, text: \`\n${inTemplate(text)}\` },`,
  );
  return `// ${commentText(options.title) || "A neural cellular automaton"}, as a texture for three.js, release 162 or later.
//
//   import { Automaton } from "./this-file.js";
//   const automaton = new Automaton(renderer); // a THREE.WebGLRenderer
//   const material = new THREE.MeshBasicMaterial({ map: automaton.texture, transparent: true });
//   renderer.setAnimationLoop(() => { automaton.step(); renderer.render(scene, camera); });
import * as THREE from "three";

const ROWS = ${grid[0]};
const COLUMNS = ${grid[1]};
const TEXELS = ${texels}; // textures, each of which holds four channels

export class Automaton {
  /** The picture, for any material: linear colours and alpha. */
  texture;
  /** Steps that the state has had. */
  stepsDone = -1;
  #renderer;
  #sets;
  #current = 0;
  #strokes = [];
  #passes;
  #view;
  #picture;
  #mesh;
  #camera = new THREE.Camera();

  /** @param options.filter between cells: THREE.NearestFilter (default) or THREE.LinearFilter. */
  constructor(renderer, { filter = THREE.NearestFilter } = {}) {
    this.#renderer = renderer;
    const float = { type: THREE.FloatType, minFilter: THREE.NearestFilter, magFilter: THREE.NearestFilter };
    const target = (options) =>
      new THREE.WebGLRenderTarget(COLUMNS, ROWS, { depthBuffer: false, generateMipmaps: false, ...options });
    this.#sets = [0, 1].map(() => PASSES.map(({ count }) => target({ count, ...float })));
    this.#picture = target({ type: THREE.HalfFloatType, minFilter: filter, magFilter: filter });
    this.texture = this.#picture.texture;
${repeats(automaton) ? "    this.texture.wrapS = this.texture.wrapT = THREE.RepeatWrapping;\n" : ""}    this.#passes = PASSES.map(({ text }) => materialOf(text));
    this.#view = materialOf(VIEW);
    const geometry = new THREE.BufferGeometry(); // one triangle that covers everything
    geometry.setAttribute("position", new THREE.Float32BufferAttribute([-1, -1, 0, 3, -1, 0, -1, 3, 0], 3));
    this.#mesh = new THREE.Mesh(geometry, this.#view);
    this.#mesh.frustumCulled = false;
    this.restart();
  }

  /** Does steps, and draws the picture. */
  step(steps = 1) {
    this.#drawing(() => {
      for (let i = 0; i < steps; i++) this.#advance(this.#strokes.shift());
    });
  }

  /** Goes back to the state that growth starts from. */
  restart() {
    this.stepsDone = -1;
    this.#strokes = [];
    this.#drawing(() => this.#advance());
  }

  /** Before the next step, erases the cells around a place of the texture, as an intersection's \`uv\` names it. */
  erase(uv, radius = 4) {
    const [x, y] = [uv.x * COLUMNS, (1 - uv.y) * ROWS];
    this.#strokes.push({ stroke: [x, y, x, y], radius });
  }

  dispose() {
    for (const target of [...this.#sets.flat(), this.#picture]) target.dispose();
    for (const material of [...this.#passes, this.#view]) material.dispose();
    this.#mesh.geometry.dispose();
  }

  #advance({ stroke, radius } = { stroke: [0, 0, 0, 0], radius: 0 }) {
    for (const [i, material] of this.#passes.entries()) {
      material.uniforms.stroke.value.set(...stroke);
      material.uniforms.radius.value = radius;
      this.#draw(material, this.#sets[1 - this.#current][i]);
    }
    this.#current = 1 - this.#current;
    this.stepsDone++;
  }

  #draw(material, target) {
    const textures = this.#sets[this.#current].flatMap((each) => each.textures);
    for (const [i, each] of textures.entries()) material.uniforms["state" + i].value = each;
    material.uniforms.stepsDone.value = this.stepsDone;
    this.#mesh.material = material;
    this.#renderer.setRenderTarget(target);
    this.#renderer.render(this.#mesh, this.#camera);
  }

  /** Draws, then the picture, and leaves the renderer as it was. */
  #drawing(draw) {
    const renderer = this.#renderer;
    const target = renderer.getRenderTarget();
    const { autoClear } = renderer;
    const xr = renderer.xr.enabled;
    renderer.autoClear = false;
    renderer.xr.enabled = false;
    draw();
    this.#draw(this.#view, this.#picture);
    renderer.setRenderTarget(target);
    renderer.autoClear = autoClear;
    renderer.xr.enabled = xr;
  }
}

function materialOf(fragmentShader) {
  const states = Array.from({ length: TEXELS }, (_, i) => ["state" + i, { value: null }]);
  return new THREE.RawShaderMaterial({
    glslVersion: THREE.GLSL3,
    vertexShader: "in vec3 position; void main() { gl_Position = vec4(position, 1.0); }",
    fragmentShader,
    uniforms: {
      ...Object.fromEntries(states),
      stepsDone: { value: 0 },
      stroke: { value: new THREE.Vector4() },
      radius: { value: 0 },
    },
    blending: THREE.NoBlending,
    depthTest: false,
    depthWrite: false,
  });
}

// The passes of a step, and the channels that each writes, four to a texture.
const PASSES = [
${passes.join("\n")}
];

const VIEW = \`
${inTemplate(viewText(automaton))}\`;
`;
}

/** Shader text within a template literal. */
function inTemplate(text: string): string {
  return text.replaceAll("`", "'").replaceAll("${", "{");
}

function viewText(automaton: ShaderAutomaton): string {
  return `${viewGlsl(automaton)}

out vec4 shown;

// Colours as three.js computes with them.
vec3 linearOf(vec3 srgb) {
  return mix(pow((srgb + 0.055) / 1.055, vec3(2.4)), srgb / 12.92, lessThanEqual(srgb, vec3(0.04045)));
}

void main() {
  ivec2 cell = ivec2(gl_FragCoord.xy);
  vec4 s[${automaton.texels}];
  state(ivec2(cell.x, GRID.y - 1 - cell.y), s); // the top row of the grid is the top of the texture
  vec4 drawn = picture(s);
  shown = drawn.a > 0.0 ? vec4(linearOf(drawn.rgb / drawn.a), drawn.a) : vec4(0.0);
}
`;
}
