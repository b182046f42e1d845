import { expiryOf, type TokenStore } from "../tokens.js";

export interface CookieOptions {
  httpOnly: boolean;
  secure: boolean;
  sameSite: "lax";
  path: string;
  expires: Date;
}

/** Cookies to be sent to a browser, as `cookies()` and `response.cookies` of Next.js are. */
export interface Cookies {
  get(name: string): { value: string } | undefined;
  set(name: string, value: string, options: CookieOptions): unknown;
}

const access = "dp_access";
const refresh = "dp_refresh";

/** Keeps tokens in httpOnly cookies: no script of the page can read them. */
export function httpOnlyStore(cookies: Cookies): TokenStore {
  return {
    read: () => {
      const token = cookies.get(refresh)?.value;
      return token ? { access: cookies.get(access)?.value ?? "", refresh: token } : undefined;
    },
    write: (tokens) => {
      const options: CookieOptions = {
        httpOnly: true,
        secure: process.env.NODE_ENV === "production",
        sameSite: "lax",
        path: "/",
        expires: expiryOf(tokens?.refresh ?? ""), // of both: an access token that has expired is renewed, not missed
      };
      cookies.set(access, tokens?.access ?? "", options);
      cookies.set(refresh, tokens?.refresh ?? "", options);
    },
  };
}
