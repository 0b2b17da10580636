import { html, nothing } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { fieldAt } from "../../../src/config/config.ts";
import { outlineOf } from "../../../src/config/outline.ts";
import type { ExperimentConfig } from "../../../src/experiments/experiment.ts";
import { experimentNamed } from "../training/subjects.ts";
import { type Choices, configOf } from "../choices.ts";
import { Part, valueOf } from "../ui/part.ts";

/** Units and bounds of settings, where their names do not say them; of others, what the schema says. */
const UNITS: Readonly<Record<string, string>> = {
  initial: "what training begins with: random or pretrained",
  "target.padding": "empty cells around the picture",
  "target.seeds": "picture, or [down, right] of each from the centre",
  "target.coordinates": "learned or given; picture: as it needs",
  "training.steps": "training steps",
  "training.batch": "samples a step, 1 to 256",
  "training.rollout": "automaton steps: [fewest, most]",
  "training.learningRate": "at its peak",
  "training.schedule": "of the learning rate after its peak",
  "training.warmup": "training steps up to the peak",
  "training.optimizer": "adam or muon",
  "training.gradient.normalize": "each tensor by its own norm: true or false",
  "training.gradient.clip": "largest norm, or null",
  "training.loss.placement": "last, random or mean",
  "training.loss.from": "part of the rollout, 0 to 1",
  "training.loss.every": "automaton steps",
  "training.loss.colourMiddle": "of the range of colours that costs nothing, two wide",
  "training.pool": "states to return to, or null",
  "training.pool.size": "states",
  "training.pool.reseed": "samples of a batch",
  "training.pool.damaged": "samples of a batch",
  "training.pool.switched": "samples of a batch",
  "training.pool.damage": "kinds of damage",
  "training.pool.kept": "entries that grow old, or null",
  "training.pool.kept.share": "part of the pool, 0 to 1",
  "training.pool.kept.below": "largest loss, as a part of a start's",
  "training.pool.retried": "what got worse is tried again, or null",
  "training.pool.retried.above": "loss that is good, as a part of a start's",
  "training.pool.retried.chance": "of being tried again, 0 to 1",
  "training.average": "decay of the running mean, or null",
  "training.work": "most cell updates in millions, or null",
  "training.reach": "cells; where the picture is farther, rollouts are longer",
  "training.validation": "of models along the way, or null",
  "training.validation.aim": "relative error that ends training, 0 to 1",
  "training.validation.aimWithCoordinates": "the same where coordinates are given; null: no other",
  "training.validation.bound": "largest relative error that is good",
  "training.validation.enough": "training step from which a good model is enough, or null",
  "training.validation.giveCoordinatesFrom": "training step, where no model is good by then, or null",
  "training.validation.every": "training steps",
  "training.validation.runs": "from the seed",
  "training.validation.steps": "automaton steps at which they are measured",
  "training.validation.last": "one more, before training ends; 0: none",
  "training.validation.damage": "kinds that it should heal from",
  "rule.channels": "numbers a cell, 1 to 64",
  "rule.kernels": "what a cell sees",
  "rule.boundary": "zero or wrap",
  "rule.hidden": "units of each layer",
  "rule.inputSize": "numbers in the input of a cell",
  "rule.outputBias": "true or false",
  "rule.alive.mask": "both, after or none",
  "rule.alive.channel": "channel number",
  "rule.alive.threshold": "of the alive channel",
  "rule.fireRate": "probability, 0 to 1",
  "rule.stepSize": "factor on each update",
  "rule.image.offset": "channel number",
  "rule.image.channels": "3 or 4",
  "rule.image.premultiplied": "true or false",
  "rule.seed.from": "channel number",
  "rule.seed.to": "channel number, not included",
};

/** Characters for which half the width is enough. */
const NARROW = 18;

/** Presets that have controls of their own. */
const SHOWN_ELSEWHERE = ["recipe", "quality"];

/** Settings that have controls of their own, or are chosen as the picture. */
const CHOSEN_ELSEWHERE = [
  "seed",
  "target.source",
  "target.size",
  "data.source",
  "data.size",
  "data.channels",
];

const isIn = (part: string) => (path: string) => path === part || path.startsWith(`${part}.`);

/** Headings, and which paths stand under each; the first that fits has it. */
const GROUPS: readonly (readonly [title: string, fits: (path: string) => boolean])[] = [
  ["Pool", (path) => isIn("training.pool")(path) || isIn("training.memory")(path)],
  ["Training", (path) => path === "initial" || isIn("training")(path)],
  ["Grid and rule", (path) => isIn("target")(path) || isIn("rule")(path)],
  ["Networks", () => true],
];
const titleOf = (path: string) => GROUPS.find(([, fits]) => fits(path))?.[0];
/** In the order in which they are shown. */
const TITLES = ["Training", "Pool", "Grid and rule", "Networks"];

/** Every setting of the configuration, generated from it. Fires `choices`. */
export class SettingsDrawer extends Part {
  static override properties = {
    choices: { attribute: false },
    config: { attribute: false },
    source: { attribute: false },
  };
  declare choices: Choices;
  /** The last one without a fault. */
  declare config: ExperimentConfig;
  declare source: string;

  override render() {
    const { choices } = this;
    const plain = configOf({ ...choices, sets: {} }, this.source);
    const changed = Object.keys(choices.sets).length;
    const experiment = experimentNamed(choices.experiment);
    const presets = Object.entries(experiment.presets).filter(([name]) => !SHOWN_ELSEWHERE.includes(name));
    const hidden = [...CHOSEN_ELSEWHERE, ...Object.keys(experiment.presets)];
    const own = Object.entries(this.config)
      .flatMap(([name, value]) => leaves(value, name))
      .filter((path) => !hidden.includes(path));
    return html`<details class="drawer">
      <summary>
        Advanced${changed > 0 ? html` <span class="count">${changed} changed</span>` : nothing}
      </summary>
      <div class="stack">
        ${presets.map(([preset, { names }]) => this.#preset(preset, names))}
        ${TITLES.map((title) => {
          const paths = own.filter((path) => titleOf(path) === title);
          if (paths.length === 0) return nothing;
          return html`<h3>${title}</h3>
            <div class="settings">
              ${repeat(
                paths,
                (path) => path,
                (path) => this.#setting(path, plain),
              )}
            </div>`;
        })}
        <button type="button" ?disabled=${changed === 0} @click=${() => this.#change({ sets: {} })}>
          Back to the defaults
        </button>
      </div>
    </details>`;
  }

  #setting(path: string, plain: ExperimentConfig) {
    const own = this.choices.sets[path];
    const usual = textOf(fieldAt(plain, ...path.split(".")));
    const now = own ?? textOf(fieldAt(this.config, ...path.split(".")));
    return html`<label class="field" ?data-wide=${usual.length > NARROW} ?data-changed=${own !== undefined}>
      <span>${nameOf(path)}</span>
      <input
        .value=${now}
        autocomplete="off"
        spellcheck="false"
        @change=${(event: Event) => this.#set(path, valueOf(event).trim(), usual)}
      />
      <small>${this.#hint(path)}${own === undefined ? nothing : html` · default ${usual}`}</small>
    </label>`;
  }

  #set(path: string, text: string, usual: string): void {
    const { [path]: _, ...others } = this.choices.sets;
    this.#change({ sets: text === "" || text === usual ? others : { ...others, [path]: text } });
    this.requestUpdate();
  }

  #preset(preset: string, names: readonly string[]) {
    const { presets } = this.choices;
    const chosen = presets[preset] ?? fieldAt(this.config, preset);
    return html`<label class="field">
      <span>${nameOf(preset)}</span>
      <select
        @change=${(event: Event) =>
          this.#change({ presets: { ...presets, [preset]: valueOf(event) }, imported: undefined })}
      >
        ${names.map((name) => html`<option ?selected=${name === chosen}>${name}</option>`)}
      </select>
    </label>`;
  }

  /** What a setting is, where its name does not say it. */
  #hint(path: string): string {
    const { schema } = experimentNamed(this.choices.experiment);
    return UNITS[path] ?? outlineOf(schema, path)?.description ?? path;
  }

  #change(change: Partial<Choices>): void {
    this.emit("choices", { ...this.choices, ...change });
  }
}

/** Paths of the settings within one. Lists, and settings that may change their kind, are one setting. */
function leaves(value: unknown, path: string): string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [path];
  if ("kind" in value || "over" in value) return [path];
  return Object.entries(value).flatMap(([name, inner]) => leaves(inner, `${path}.${name}`));
}

/** As a person would type it. */
function textOf(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "").replaceAll(",", ", ");
}

function nameOf(path: string): string {
  const words = path
    .replace(/^(?:training|rule|target)\./, "")
    .replaceAll(".", " ")
    .replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}
