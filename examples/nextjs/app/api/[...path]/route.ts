import { forward, httpOnlyStore } from "@digitalpath/client/next";
import { cookies } from "next/headers";
import { apiUrl } from "@/lib/urls";

/** Sends requests of this site's scripts on to the API. */
async function handle(request: Request): Promise<Response> {
  return forward(request, { apiUrl: apiUrl(), store: httpOnlyStore(await cookies()) });
}

export { handle as DELETE, handle as GET, handle as PATCH, handle as POST, handle as PUT };
