export interface SubmitOptions {
  /** How often it is tried in all; 5 where nothing is said. */
  attempts?: number;
  /** Milliseconds before the second try, doubled with each; 500 where nothing is said. */
  delay?: number;
  /** Ends the tries. */
  signal?: AbortSignal;
}

/**
 * Sends what must arrive once, however often it is sent: all tries carry one
 * Idempotency-Key, by which the API knows them again for 24 hours. A try that the network
 * swallowed is made again; in a browser that is offline, as soon as it is online.
 *
 *     submit((key) => client.POST("/api/contact", { body, params: { header: { "Idempotency-Key": key } } }))
 */
export async function submit<T>(send: (key: string) => Promise<T>, options: SubmitOptions = {}): Promise<T> {
  const { attempts = 5, delay = 500, signal } = options;
  const key = crypto.randomUUID();
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    try {
      return await send(key);
    } catch (error) {
      if (attempt >= attempts || !isNetworkError(error)) throw error;
      await pause(delay * 2 ** (attempt - 1), signal);
    }
  }
}

/** Tells whether nobody answered, which fetch reports as a TypeError. */
export function isNetworkError(error: unknown): boolean {
  return error instanceof TypeError;
}

async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  if (typeof window !== "undefined" && !navigator.onLine) {
    await new Promise<void>((resolve) => {
      window.addEventListener("online", () => resolve(), { once: true });
      signal?.addEventListener("abort", () => resolve(), { once: true });
    });
    return;
  }
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
}
