import { isApiError } from "@digitalpath/client";
import type { NextRequest } from "next/server";
import { redirect } from "next/navigation";
import { actionClient } from "@/lib/api";

/** Where Google's and GitHub's logins come back to, with a code that is good once, or with an error. */
export async function GET(request: NextRequest): Promise<never> {
  const query = request.nextUrl.searchParams;
  const error = query.get("error");
  if (error) redirect(`/login?error=${encodeURIComponent(error)}`);
  try {
    await (await actionClient()).session.exchange(query.get("code") ?? "");
  } catch (failed) {
    if (isApiError(failed)) redirect("/login?error=state_mismatch");
    throw failed;
  }
  redirect("/projects");
}
