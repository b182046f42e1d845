import type { components } from "./schema.js";
import { errorOf, isApiError } from "./errors.js";
import { memoryStore, type TokenStore, type Tokens } from "./tokens.js";

type Pair = components["schemas"]["ExchangeOutputBody"];
type Renewed = components["schemas"]["AccessOutputBody"];

export interface SessionOptions {
  /** Where the API is, such as https://api.example.com; empty: where the page comes from. */
  baseUrl: string;
  /** Where the tokens are kept; memory where none is given. */
  store?: TokenStore;
  /** Whether tokens that have expired are renewed; false where the store can't be written to. */
  renews?: boolean;
  /** In place of the global fetch. */
  fetch?: (request: Request) => Promise<Response>;
}

/**
 * A login. Its fetch sends the access token along and, when that has expired, gets a new
 * one and asks again, so that callers never see it expire. However many requests find it
 * expired, in however many tabs, one renewal is sent.
 */
export class Session {
  readonly #baseUrl: string;
  readonly #store: TokenStore;
  readonly #send: (request: Request) => Promise<Response>;
  readonly #renews: boolean;
  readonly #lock: string;
  readonly #channel: BroadcastChannel | undefined;
  readonly #listeners = new Set<() => void>();
  #renewal: Promise<Tokens | undefined> | undefined;

  constructor(options: SessionOptions) {
    this.#baseUrl = options.baseUrl.replace(/\/$/, "");
    this.#store = options.store ?? memoryStore();
    this.#send = options.fetch ?? ((request) => fetch(request));
    this.#renews = options.renews ?? true;
    this.#lock = `digitalpath ${this.#baseUrl}`;
    if (typeof document !== "undefined" && typeof BroadcastChannel !== "undefined") {
      this.#channel = new BroadcastChannel(this.#lock);
      this.#channel.onmessage = async () => {
        if (!(await this.isLoggedIn())) this.#tell(); // a store of its own keeps its login
      };
    }
  }

  /** Logs in by username or e-mail address. */
  async logIn(username: string, password: string): Promise<string> {
    return this.#open("/api/token/pair", { username, password });
  }

  /** Logs in by the one-time code with which Google's or GitHub's login came back. */
  async exchange(code: string): Promise<string> {
    return this.#open("/api/auth/social/exchange", { code });
  }

  /** Takes over tokens that came otherwise, as with a new password. */
  async adopt(tokens: Tokens): Promise<void> {
    await this.#store.write({ access: tokens.access, refresh: tokens.refresh });
  }

  /** Ends the login, here at once, and at the API if it can be reached. */
  async logOut(): Promise<void> {
    const tokens = await this.#store.read();
    await this.#end();
    if (tokens) await this.#post("/api/token/blacklist", { refresh: tokens.refresh }).catch(() => undefined);
  }

  async isLoggedIn(): Promise<boolean> {
    return (await this.#store.read()) !== undefined;
  }

  /** Calls listener when the login ends: by logOut, in another tab, or because the API ended it. The answer stops that. */
  onLogOut(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What the typed client fetches with. */
  readonly fetch = async (request: Request): Promise<Response> => {
    const tokens = await this.#store.read();
    if (!tokens) return this.#send(request);
    if (!this.#renews) return this.#send(withToken(request, tokens));
    const again = request.clone(); // a body can be read once
    const response = await this.#send(withToken(request, tokens));
    if (response.status !== 401 || !renewable.includes(await codeOf(response))) return response;
    const renewed = await this.renew(tokens);
    return renewed ? this.#send(withToken(again, renewed)) : response;
  };

  /**
   * Gets new tokens in place of those that expired; undefined where the login is over.
   * The same renewal is everybody's who asks meanwhile.
   */
  async renew(expired: Tokens): Promise<Tokens | undefined> {
    this.#renewal ??= this.#alone(() => this.#renewOnce(expired)).finally(() => {
      this.#renewal = undefined;
    });
    return this.#renewal;
  }

  /** Keeps other tabs waiting, where the browser can. */
  async #alone<T>(work: () => Promise<T>): Promise<T> {
    if (typeof document === "undefined" || !navigator.locks) return work();
    return navigator.locks.request(this.#lock, work);
  }

  async #renewOnce(expired: Tokens): Promise<Tokens | undefined> {
    const tokens = await this.#store.read();
    if (!tokens || tokens.access !== expired.access) return tokens; // somebody was faster
    try {
      const renewed = await this.#post<Renewed>("/api/token/refresh", { refresh: tokens.refresh });
      const fresh = { access: renewed.access, refresh: renewed.refresh ?? tokens.refresh };
      await this.#store.write(fresh);
      return fresh;
    } catch (error) {
      if (!isApiError(error, "token_not_valid", "token_expired")) throw error;
      await this.#end();
      return undefined;
    }
  }

  async #open(path: string, body: object): Promise<string> {
    const pair = await this.#post<Pair>(path, body);
    await this.adopt(pair);
    return pair.username;
  }

  async #end(): Promise<void> {
    await this.#store.write(undefined);
    this.#channel?.postMessage("logged out");
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  async #post<T>(path: string, body: object): Promise<T> {
    const response = await this.#send(
      new Request(this.#baseUrl + path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }),
    );
    const answer: unknown = await response.json().catch(() => undefined);
    if (!response.ok) throw errorOf(response, answer);
    return answer as T;
  }
}

/** Why a token is refused where a new one may not be: it has expired, or all before it were ended. */
const renewable: unknown[] = ["token_expired", "token_not_valid"];

function withToken(request: Request, tokens: Tokens): Request {
  request.headers.set("Authorization", `Bearer ${tokens.access}`);
  return request;
}

async function codeOf(response: Response): Promise<unknown> {
  const body: unknown = await response.clone().json().catch(() => undefined);
  return typeof body === "object" && body !== null && "code" in body ? body.code : undefined;
}
