/** What a login is known by. */
export interface Tokens {
  access: string;
  refresh: string;
}

/** Where a session keeps its tokens. A store that several sessions share must answer each of them with what the last one wrote. */
export interface TokenStore {
  read(): Tokens | undefined | Promise<Tokens | undefined>;
  /** Keeps the tokens; undefined forgets them. */
  write(tokens: Tokens | undefined): void | Promise<void>;
}

/** Keeps tokens for as long as the page or the process lives. */
export function memoryStore(): TokenStore {
  let kept: Tokens | undefined;
  return {
    read: () => kept,
    write: (tokens) => {
      kept = tokens;
    },
  };
}

/**
 * Keeps tokens in a cookie that the page's scripts read, and so across tabs and reloads.
 * What a script can read an injected script can steal: with a server of your own, as with
 * Next.js, use the httpOnly cookies of `@digitalpath/client/next`.
 */
export function cookieStore(name = "digitalpath"): TokenStore {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  return {
    read: () => {
      const found = document.cookie.split("; ").find((cookie) => cookie.startsWith(`${name}=`));
      const [access, refresh] = found?.slice(name.length + 1).split("~") ?? [];
      return access && refresh ? { access, refresh } : undefined;
    },
    write: async (tokens) => {
      const value = tokens ? `${tokens.access}~${tokens.refresh}` : "";
      const expires = expiryOf(tokens?.refresh ?? "");
      // Where there is a cookie store to wait for, the next tab reads what this one wrote.
      if (window.cookieStore) await window.cookieStore.set({ name, value, expires: expires.getTime(), path: "/", sameSite: "lax" });
      else document.cookie = `${name}=${value}; Path=/; SameSite=Lax; Expires=${expires.toUTCString()}${secure}`;
    },
  };
}

/** When a token ends. What can't be read ended long ago. */
export function expiryOf(token: string): Date {
  return new Date(timesOf(token).exp * 1000);
}

/** Tells whether a token has ended, or will within so many seconds, or has lived half its life where that is less. */
export function isEnding(token: string, margin: number): boolean {
  const { iat, exp } = timesOf(token);
  return Date.now() / 1000 > exp - Math.min(margin, (exp - iat) / 2);
}

function timesOf(token: string): { iat: number; exp: number } {
  try {
    return JSON.parse(atob((token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/"))) as { iat: number; exp: number };
  } catch {
    return { iat: 0, exp: 0 };
  }
}
