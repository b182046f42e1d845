/** Where the API is, as this server reaches it. */
export function apiUrl(): string {
  return process.env.API_URL || "http://localhost:8000";
}

/** Where browsers reach the API. */
export function publicApiUrl(): string {
  return process.env.PUBLIC_API_URL || apiUrl();
}

/** A path of this site, whatever an address asks for. */
export function ownPath(asked: string | null | undefined, fallback = "/projects"): string {
  return asked && /^\/(?![/\\])/.test(asked) ? asked : fallback;
}
