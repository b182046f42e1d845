import { Session } from "../session.js";
import { isEnding } from "../tokens.js";
import { httpOnlyStore, type Cookies } from "./cookies.js";
import { fetchFor } from "./visitor.js";

/** What of a NextRequest counts here. */
interface IncomingRequest {
  headers: Headers;
  cookies: { get: Cookies["get"]; set(name: string, value: string): unknown };
}

export interface RenewOptions {
  /** Where the API is. */
  apiUrl: string;
  /** Seconds before its end in which an access token is renewed, 30 where nothing is said; at most half its life. */
  margin?: number;
}

/**
 * For proxy.ts: renews the login before a page is made, since server components can't
 * write cookies. What is written goes into the request, for the page, and by the function
 * that it answers into the response, for the browser. While the API can't be reached the
 * login stays as it is.
 */
export async function renewBefore({ cookies, headers }: IncomingRequest, options: RenewOptions): Promise<(response: { cookies: Cookies }) => void> {
  const store = httpOnlyStore({ get: (name) => cookies.get(name), set: (name, value) => cookies.set(name, value) });
  const tokens = await store.read();
  if (!tokens || !isEnding(tokens.access, options.margin ?? 30)) return () => undefined;
  const session = new Session({ baseUrl: options.apiUrl, store, fetch: fetchFor(headers) });
  try {
    const renewed = await session.renew(tokens);
    return (response) => void httpOnlyStore(response.cookies).write(renewed);
  } catch {
    return () => undefined;
  }
}
