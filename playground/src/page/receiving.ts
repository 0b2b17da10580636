import type { ReactiveController, ReactiveControllerHost } from "lit";
import { isEmoji } from "../../../src/data/emoji.ts";
import { fieldAt } from "../../../src/config/config.ts";
import type { ExperimentConfig } from "../../../src/experiments/experiment.ts";
import { choicesOf } from "../choices.ts";
import { emojiPicture } from "../emojiChoices.ts";
import { type Opened, openText, openTransfer } from "../files.ts";
import { hasLink, type LinkContent } from "../link.ts";
import { readPicture } from "../picture.ts";
import { sentence } from "../ui/format.ts";
import type { Learning } from "./learning.ts";
import type { Playing } from "./playing.ts";

/** Takes what visitors drop, paste or have in the address, hands it to the right part, and shows what is wrong with it. */
export class Receiving implements ReactiveController {
  /** Why it cannot be opened. */
  notice = "";
  /** Whether something is dragged over the page. */
  over = false;
  readonly #host: ReactiveControllerHost;
  readonly #learning: Learning;
  readonly #playing: Playing;
  #listening = new AbortController();
  /** Counts requests: the last one counts, however long files take to read. */
  #turn = 0;

  constructor(host: ReactiveControllerHost, learning: Learning, playing: Playing) {
    this.#host = host;
    this.#learning = learning;
    this.#playing = playing;
    host.addController(this);
  }

  hostConnected(): void {
    const { signal } = (this.#listening = new AbortController());
    addEventListener("dragover", this.#dragOver, { signal });
    addEventListener("dragleave", this.#dragLeave, { signal });
    addEventListener("drop", this.#drop, { signal });
    addEventListener("paste", this.#paste, { signal });
    addEventListener("hashchange", this.#openAddress, { signal });
    this.#openAddress();
  }

  hostDisconnected(): void {
    this.#listening.abort();
  }

  /** Does work that may fail, and shows the reason. */
  async tryTo(work: () => Promise<void> | void): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#show({ notice: sentence(error) });
    }
  }

  /** Drops what is still being read. */
  forget(): void {
    this.#turn++;
  }

  readonly close = (): void => this.#show({ notice: "" });

  async #open(opened: Opened): Promise<void> {
    const { kind, title } = opened;
    switch (kind) {
      case "model":
        return this.#playing.playImported({ kind, title, model: opened.model });
      case "picture":
        return this.#learning.choosePicture({ title, picture: opened.picture });
      case "config":
        return this.#openConfig(opened.config, opened.experiment);
      case "link":
        return this.#openLink(opened.content);
      default:
        opened satisfies never;
    }
  }

  async #openLink({ title, experiment, config, picture, model }: LinkContent): Promise<void> {
    if (model) this.#playing.playImported({ kind: "model", title, model });
    if (picture) {
      const source = fieldAt(config, "target", "source");
      this.#learning.picture = { title, source: typeof source === "string" ? source : title, picture };
    }
    if (config) await this.#openConfig(config, experiment, picture !== undefined);
  }

  async #openConfig(config: ExperimentConfig, experiment?: string, pictured = false): Promise<void> {
    const choices = choicesOf(config, experiment);
    const source = fieldAt(config, "target", "source");
    if (!pictured && typeof source === "string" && isEmoji(source)) {
      this.#learning.picture = await emojiPicture(source);
    }
    this.#learning.choose(choices);
  }

  readonly #openAddress = (): void => {
    if (!hasLink(location.hash)) return;
    this.close();
    void this.tryTo(() => this.#open(openText(location.hash)));
  };

  readonly #dragOver = (event: DragEvent): void => {
    event.preventDefault();
    if (!this.over) this.#show({ over: true });
  };

  readonly #dragLeave = ({ relatedTarget }: DragEvent): void => {
    if (relatedTarget === null) this.#show({ over: false });
  };

  readonly #drop = (event: DragEvent): void => {
    event.preventDefault();
    this.#show({ over: false });
    if (event.dataTransfer) this.#receive(event.dataTransfer);
  };

  readonly #paste = ({ clipboardData, target }: ClipboardEvent): void => {
    const typing = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
    if (clipboardData && (!typing || clipboardData.files.length > 0)) this.#receive(clipboardData);
  };

  #receive(data: DataTransfer): void {
    const opening = openTransfer(data, readPicture);
    if (!opening) return;
    this.close();
    const turn = ++this.#turn;
    void this.tryTo(async () => {
      const opened = await opening;
      if (turn === this.#turn) await this.#open(opened);
    });
  }

  #show(change: Readonly<{ notice: string } | { over: boolean }>): void {
    Object.assign(this, change);
    this.#host.requestUpdate();
  }
}
