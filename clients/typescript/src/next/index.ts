import { createClient, type Client } from "../index.js";
import { httpOnlyStore, type Cookies } from "./cookies.js";
import { fetchFor } from "./visitor.js";

export { httpOnlyStore, type CookieOptions, type Cookies } from "./cookies.js";
export { forward, type ForwardOptions } from "./forward.js";
export { renewBefore, type RenewOptions } from "./renew.js";
export { visitorHeaders } from "./visitor.js";

export interface ServerClientOptions {
  /** Where the API is. */
  apiUrl: string;
  /** Of next/headers. */
  cookies: Cookies;
  /** Of next/headers. */
  headers: Headers;
  /**
   * Whether cookies can be written: true in server actions and route handlers, false in
   * server components, which meet a 401 where the login is over.
   */
  writes: boolean;
}

/** The typed client on a server, with the login of the httpOnly cookies, on behalf of the visitor. */
export function createServerClient(options: ServerClientOptions): Client {
  return createClient({
    baseUrl: options.apiUrl, store: httpOnlyStore(options.cookies), renews: options.writes, fetch: fetchFor(options.headers),
  });
}
