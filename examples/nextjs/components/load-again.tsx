"use client";

import { useEffect } from "react";

/** Leaves for another address as a browser does: Next's router shows nothing where a route handler sends it back. */
export function LoadAgain({ url }: { url: string }) {
  useEffect(() => location.replace(url), [url]);
  return <p><a href={url} className="link">Go on</a></p>;
}
