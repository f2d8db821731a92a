/** Server-sent events from a stream of text. Our own, so that the status of the answer is seen and reconnecting is ours. */
export interface SseMessage {
  event: string;
  data: string;
  id: string | null;
}

export class SseParser {
  private rest = "";

  /** The messages that this piece of text completes. */
  push(text: string): SseMessage[] {
    const blocks = (this.rest + text).split("\n\n");
    this.rest = blocks.pop() ?? "";
    return blocks.flatMap((block) => readBlock(block) ?? []);
  }
}

function readBlock(block: string): SseMessage | null {
  const message: SseMessage = { event: "message", data: "", id: null };
  const data: string[] = [];
  for (const line of block.split("\n")) {
    const [field, value] = split(line);
    if (field === "data") data.push(value);
    else if (field === "event") message.event = value;
    else if (field === "id") message.id = value;
  }
  message.data = data.join("\n");
  return data.length > 0 ? message : null;
}

function split(line: string): [string, string] {
  const colon = line.indexOf(":");
  if (colon < 0) return [line, ""];
  return [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, "")];
}
