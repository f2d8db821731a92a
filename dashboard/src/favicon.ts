/** The icon of the tab: the sign, or how many nodes are in trouble. */
const SIZE = 32; // pixels
const PLAIN = "/favicon.svg";
const TROUBLE = "#d97706"; // on the browser's own bar, which follows no theme of ours

/** Three characters at most; the plain sign when there are none. */
export function showInFavicon(text: string): void {
  const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  if (!link) return;
  const drawn = text ? draw(text) : null;
  link.type = drawn ? "image/png" : "image/svg+xml";
  link.href = drawn ?? PLAIN;
}

function draw(text: string): string | null {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIZE;
  const context = canvas.getContext("2d");
  if (!context) return null;
  context.fillStyle = TROUBLE;
  context.beginPath();
  context.roundRect(0, 0, SIZE, SIZE, 8);
  context.fill();
  context.fillStyle = "#000";
  context.font = `700 ${text.length > 2 ? 15 : 22}px sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(text, SIZE / 2, SIZE / 2 + 1);
  return canvas.toDataURL("image/png");
}
