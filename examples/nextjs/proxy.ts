import { renewBefore } from "@digitalpath/client/next";
import { NextResponse, type NextRequest } from "next/server";
import { apiUrl } from "@/lib/urls";

/** Renews the login before a page is made. */
export async function proxy(request: NextRequest): Promise<NextResponse> {
  const renewed = await renewBefore(request, { apiUrl: apiUrl() });
  const response = NextResponse.next({ request });
  renewed(response);
  return response;
}

export const config = { matcher: "/((?!_next/|api/|auth/|favicon.ico).*)" };
