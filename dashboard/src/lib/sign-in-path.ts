/** The address of the sign-in page, and the way back from it. */
export const SIGN_IN = "/sign-in";
const HOME = "/";
const PAGE = /^\/($|[?#]|(operations|access|system|account)($|[/?#]))/;
/** Any origin will do: it only tells an address of ours from all others. */
const HERE = "http://here.invalid";

/** Where to sign in, so that one comes back to `from` (path and query). */
export function signInPath(from: string, ended: boolean): string {
  const query = new URLSearchParams();
  if (ended) query.set("ended", "1");
  if (from !== HOME) query.set("next", from);
  const text = query.toString();
  return text ? `${SIGN_IN}?${text}` : SIGN_IN;
}

/** The way back that an address asks for; home when it leads to another site or to this page again. */
export function nextPath(search: string): string {
  const wanted = new URLSearchParams(search).get("next") ?? HOME;
  if (!wanted.startsWith("/")) return HOME;
  const url = parse(wanted);
  if (url?.origin !== HERE || url.pathname.startsWith("//") || url.pathname === SIGN_IN) return HOME;
  return url.pathname + url.search + url.hash;
}

/** Whether a path is one of this app's pages; others, such as the API's documentation, are fetched as a whole. */
export function isPage(path: string): boolean {
  return PAGE.test(path);
}

function parse(text: string): URL | null {
  try {
    return new URL(text, HERE);
  } catch {
    return null;
  }
}

/** The one-time token that followed # in a sign-in link, taken out of the address and the history at once. */
export function takeLinkToken(): string | null {
  const token = location.hash.slice(1);
  if (!token) return null;
  history.replaceState(history.state, "", location.pathname + location.search);
  return token;
}
