/** Tabs of one browser share one session: who signs in or out in one tells the others. */
const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel("muster-session") : null;

export function tellTabs(): void {
  channel?.postMessage(null);
}

export function onNewsOfTabs(act: () => void): void {
  if (channel) channel.onmessage = act;
}
