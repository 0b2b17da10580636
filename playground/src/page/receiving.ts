import type { ReactiveController, ReactiveControllerHost } from "lit";
import { isEmoji } from "../../../src/data/emoji.ts";
import type { GrowingConfig } from "../../../src/experiments/growing/schema.ts";
import { choicesOf } from "../choices.ts";
import { type Opened, openText, openTransfer } from "../files.ts";
import { hasLink, type Shared } from "../link.ts";
import { readPicture } from "../picture.ts";
import { emojiPicture } from "../shelf.ts";
import { sentence } from "../ui/format.ts";
import type { Learning } from "./learning.ts";
import type { Playing } from "./playing.ts";

/** What visitors drop, paste or come with in the address: who gets it, and what is wrong with it. */
export class Receiving implements ReactiveController {
  /** Why it cannot be taken. */
  notice = "";
  /** Something is dragged over the page. */
  over = false;
  readonly #host: ReactiveControllerHost;
  readonly #learning: Learning;
  readonly #playing: Playing;
  #listening = new AbortController();
  /** What was asked for last is what comes, however long files take to read. */
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

  /** Does what may fail for reasons that people can understand. */
  async tryTo(work: () => Promise<void> | void): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#show({ notice: sentence(error) });
    }
  }

  /** Whatever is still being read comes too late. */
  forget(): void {
    this.#turn++;
  }

  readonly close = (): void => this.#show({ notice: "" });

  async #open(opened: Opened): Promise<void> {
    const { kind, title } = opened;
    switch (kind) {
      case "model":
        return this.#playing.bring({ kind, title, model: opened.model });
      case "picture":
        return this.#learning.choosePicture({ title, picture: opened.picture });
      case "config":
        return this.#openConfig(opened.config);
      case "link":
        return this.#openShared(opened.shared);
      default:
        opened satisfies never;
    }
  }

  async #openShared({ title, config, picture, model }: Shared): Promise<void> {
    if (model) this.#playing.bring({ kind: "model", title, model });
    if (picture) {
      const [source] = [config?.target.source ?? title].flat();
      this.#learning.picture = { title, source, picture };
    }
    if (config) await this.#openConfig(config, picture !== undefined);
  }

  async #openConfig(config: GrowingConfig, pictured = false): Promise<void> {
    const choices = choicesOf(config);
    const { source } = config.target;
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
