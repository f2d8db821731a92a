/** Requests to the control plane: JSON in and out, failures as one kind of error with a sentence for people. */
import type { NodeReason } from "./types";

export const CLUSTER = "/api/engine/cluster";
const TIME_LIMIT_MS = 30_000;

export class ApiError extends Error {
  constructor(
    readonly sentence: string,
    readonly code: string,
    readonly status: number,
    readonly requestId: string | null = null,
    readonly fields: Readonly<Record<string, string>> = {},
    /** Seconds to wait before another try, when the control plane said so. */
    readonly retryAfter: number | null = null,
    /** What to try next, when the control plane knows. */
    readonly advice: string = "",
    /** The job that is in the way. */
    readonly jobId: string | null = null,
    /** Node by node, when no node could take an agent. */
    readonly reasons: readonly NodeReason[] = [],
  ) {
    super(sentence);
    this.name = "ApiError";
  }
}

let csrfToken: string | null = null;
let onSignedOut: () => void = () => {};

/** The token that changing requests carry; it comes with the session. */
export function setCsrfToken(token: string | null): void {
  csrfToken = token;
}

/** What to do when the control plane no longer knows who we are. */
export function whenSignedOut(act: () => void): void {
  onSignedOut = act;
}

export function signedOut(): void {
  onSignedOut();
}

export interface Call {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  body?: unknown;
  signal?: AbortSignal;
}

/** The decoded answer. Throws ApiError. */
export async function api<T>(path: string, { method = "GET", body, signal }: Call = {}): Promise<T> {
  const limit = AbortSignal.timeout(TIME_LIMIT_MS);
  const response = await reach(path, {
    method,
    headers: headersFor(method),
    body: method === "GET" ? null : JSON.stringify(body ?? {}),
    signal: signal ? AbortSignal.any([signal, limit]) : limit,
  });
  const answer = await decode(response);
  if (response.ok) return answer as T;
  const error = errorFrom(response, answer);
  if (error.status === 401 && error.code === "sign_in_required") signedOut();
  throw error;
}

/** Saves what a POST answers as a file. Throws ApiError. */
export async function download(path: string, body: unknown, fileName: string): Promise<void> {
  const response = await reach(path, { method: "POST", headers: headersFor("POST"), body: JSON.stringify(body) });
  if (!response.ok) throw errorFrom(response, await decode(response));
  const address = URL.createObjectURL(await response.blob());
  const link = document.createElement("a");
  link.href = address;
  link.download = fileName;
  link.click();
  URL.revokeObjectURL(address);
}

async function reach(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, init);
  } catch (failure) {
    if (init.signal?.aborted && (failure as Error).name === "AbortError") throw failure;
    throw new ApiError("The control plane cannot be reached; check the network and try again", "unreachable", 0);
  }
}

function headersFor(method: string): HeadersInit {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (method === "GET") return headers;
  headers["Content-Type"] = "application/json";
  if (csrfToken) headers["X-CSRF-Token"] = csrfToken;
  return headers;
}

async function decode(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return null;
  }
}

function errorFrom(response: Response, answer: unknown): ApiError {
  const said = (typeof answer === "object" && answer !== null ? answer : {}) as Record<string, unknown>;
  const sentence = typeof said.error === "string" ? said.error : `The control plane answered ${response.status}`;
  return new ApiError(
    sentence,
    typeof said.code === "string" ? said.code : "unknown",
    response.status,
    typeof said.requestId === "string" ? said.requestId : response.headers.get("X-Request-Id"),
    (said.fields as Record<string, string>) ?? {},
    Number(response.headers.get("Retry-After")) || null,
    typeof said.advice === "string" ? said.advice : "",
    typeof said.jobId === "string" ? said.jobId : null,
    Array.isArray(said.reasons) ? said.reasons : [],
  );
}
