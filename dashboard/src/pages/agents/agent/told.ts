/** What an agent said of itself: text from a node, taken only in the shape that is expected. */
type Said = Readonly<Record<string, unknown>> | null | undefined;

export function questionIn(waiting: Said): string | null {
  return typeof waiting?.question === "string" ? waiting.question : null;
}

export interface Progress {
  text: string;
  /** 0-100. */
  percent: number | null;
  at: string | null;
}

export function progressIn(progress: Said): Progress | null {
  if (!progress) return null;
  const { text, percent, at } = progress;
  return {
    text: typeof text === "string" ? text : "",
    percent: typeof percent === "number" ? Math.min(100, Math.max(0, percent)) : null,
    at: typeof at === "string" && !Number.isNaN(Date.parse(at)) ? at : null,
  };
}

/** An address that may be opened from here: of the web, nothing else. */
export function webAddress(link: unknown): string | null {
  if (typeof link !== "string") return null;
  const url = URL.canParse(link) ? new URL(link) : null;
  return url && (url.protocol === "https:" || url.protocol === "http:") ? url.href : null;
}
