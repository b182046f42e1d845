import { Session } from "../session.js";
import type { TokenStore } from "../tokens.js";
import { fetchFor } from "./visitor.js";

export interface ForwardOptions {
  /** Where the API is. */
  apiUrl: string;
  store: TokenStore;
}

const sent = ["Accept", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match"];
const answered = ["Cache-Control", "Content-Type", "ETag", "Link", "Retry-After", "Vary", "X-Request-ID"];

/** Answers with tokens, which scripts are not to see. */
const withTokens = ["/api/token/", "/api/auth/social/exchange", "/api/me/password"];

/**
 * For app/api/[...path]/route.ts: sends a request of the page's scripts on to the API,
 * with the login of the httpOnly cookies. The scripts use the typed client without a
 * session, with `baseUrl: ""`.
 */
export async function forward(request: Request, options: ForwardOptions): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  if (!pathname.startsWith("/api/") || withTokens.some((path) => `${pathname}/`.startsWith(path))) return refuse(404, "not_found", "Not found.");
  const site = request.headers.get("Sec-Fetch-Site");
  if (site && site !== "same-origin" && request.method !== "GET") return refuse(403, "forbidden", "Another website sent this.");
  const bodiless = request.method === "GET" || request.method === "HEAD";
  const session = new Session({ baseUrl: options.apiUrl, store: options.store, fetch: fetchFor(request.headers) });
  const response = await session.fetch(
    new Request(options.apiUrl.replace(/\/$/, "") + pathname + search, {
      method: request.method, headers: pick(request.headers, sent), body: bodiless ? null : await request.arrayBuffer(),
    }),
  );
  return new Response(response.body, { status: response.status, headers: pick(response.headers, answered) });
}

function pick(headers: Headers, names: string[]): [string, string][] {
  return names.flatMap((name) => {
    const value = headers.get(name);
    return value === null ? [] : [[name, value] as [string, string]];
  });
}

function refuse(status: number, code: string, message: string): Response {
  return Response.json({ success: false, message, detail: message, code }, { status });
}
