import { httpOnlyStore } from "@digitalpath/client/next";
import { cookies } from "next/headers";
import { redirect } from "next/navigation";
import type { NextRequest } from "next/server";
import { actionClient } from "@/lib/api";
import { ownPath } from "@/lib/urls";

/** Renews a login whose token the API has refused, or leads to a new one. */
export async function GET(request: NextRequest): Promise<never> {
  const next = ownPath(request.nextUrl.searchParams.get("next"));
  const tokens = await httpOnlyStore(await cookies()).read();
  const renewed = tokens && (await (await actionClient()).session.renew(tokens));
  redirect(renewed ? next : `/login?next=${encodeURIComponent(next)}`);
}
