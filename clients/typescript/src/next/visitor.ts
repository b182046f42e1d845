/**
 * Tells the API who asks, when it is the Next.js server that asks it: the visitor's
 * address, by which it limits, and browser, which the list of logins shows. The API
 * believes it of the addresses in its TRUSTED_PROXIES alone.
 */
export function visitorHeaders(headers: Headers): Record<string, string> {
  const told: Record<string, string> = {};
  for (const name of ["X-Forwarded-For", "User-Agent"]) {
    const value = headers.get(name);
    if (value) told[name] = value;
  }
  return told;
}

/** Fetches on behalf of a visitor, and nothing out of Next's cache: every answer is somebody's own. */
export function fetchFor(headers: Headers): (request: Request) => Promise<Response> {
  return (request) => {
    for (const [name, value] of Object.entries(visitorHeaders(headers))) request.headers.set(name, value);
    return fetch(request, { cache: "no-store" });
  };
}
