/** Whether the view stays at the newest line: off at any wish to read, on again only at the bottom. */
const NEAR = 4;

export interface Place {
  top: number;
  height: number;
  viewport: number;
}

export class Follow {
  on = true;
  private before: Place = { top: 0, height: 0, viewport: 0 };

  /** Somebody wants to read: wheel or finger upwards, Page Up, Home, a selected text, a line chosen. */
  stop(): void {
    this.on = false;
  }

  resume(): void {
    this.on = true;
  }

  /** The view was scrolled. Only a reader who does so comes back to the end by it, and not with a text selected. */
  scrolled(place: Place, byReader: boolean): void {
    const { before } = this;
    this.before = place;
    const sameContent = place.height === before.height && place.viewport === before.viewport;
    if (sameContent && place.top < before.top) this.stop(); // by the scroll bar
    if (place.top > before.top && atBottom(place) && byReader) this.resume();
  }
}

export function atBottom({ top, height, viewport }: Place): boolean {
  return height - viewport - top <= NEAR;
}
