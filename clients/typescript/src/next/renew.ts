import { Session } from "../session.js";
import { expiryOf } from "../tokens.js";
import { httpOnlyStore, type Cookies } from "./cookies.js";
import { fetchFor } from "./visitor.js";

/** What of a NextRequest, and of a NextResponse, counts here. */
interface WithCookies {
  cookies: Cookies;
}

export interface RenewOptions {
  /** Where the API is. */
  apiUrl: string;
  /** Seconds before its end in which an access token is renewed; 30 where nothing is said. */
  margin?: number;
}

/**
 * For proxy.ts: renews the login before a page is made, since server components can't
 * write cookies. What is written goes into the request, for the page, and by the function
 * that it answers into the response, for the browser. While the API can't be reached the
 * login stays as it is.
 */
export async function renewBefore(request: WithCookies & { headers: Headers }, options: RenewOptions): Promise<(response: WithCookies) => void> {
  const store = httpOnlyStore(request.cookies);
  const tokens = await store.read();
  if (!tokens || expiryOf(tokens.access).getTime() > Date.now() + (options.margin ?? 30) * 1000) return () => undefined;
  const session = new Session({ baseUrl: options.apiUrl, store, fetch: fetchFor(request.headers) });
  try {
    const renewed = await session.renew(tokens);
    return (response) => void httpOnlyStore(response.cookies).write(renewed);
  } catch {
    return () => undefined;
  }
}
