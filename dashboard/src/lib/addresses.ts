/** The first address in a text that only this very machine reaches, such as `http://127.0.0.1:3100`; null without one. */
export function onlyReachedHere(text: string): string | null {
  return /https?:\/\/(?:localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?(?![\w.-])/.exec(text)?.[0] ?? null;
}
