import { LitElement } from "lit";

/** A part of the page. It lies in the page itself, whose one style sheet reaches it. */
export class Part extends LitElement {
  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  /** Tells whoever placed this part. */
  protected tell(type: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true }));
  }
}

/** The value of the control that tells of a change. */
export function valueOf({ target }: Event): string {
  return target instanceof HTMLInputElement || target instanceof HTMLSelectElement ? target.value : "";
}
