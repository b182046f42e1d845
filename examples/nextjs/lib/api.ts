import { isApiError, unwrap, type Client } from "@digitalpath/client";
import { createServerClient } from "@digitalpath/client/next";
import { cookies, headers } from "next/headers";
import { notFound, redirect } from "next/navigation";
import { apiUrl } from "@/lib/urls";

/** The client of a page. Pages can't write cookies: proxy.ts has renewed the login before. */
export async function pageClient(): Promise<Client> {
  return createServerClient({ apiUrl: apiUrl(), cookies: await cookies(), headers: await headers(), writes: false });
}

/** The client of a server action or a route handler. */
export async function actionClient(): Promise<Client> {
  return createServerClient({ apiUrl: apiUrl(), cookies: await cookies(), headers: await headers(), writes: true });
}

/** What a page of path needs: who is not logged in is sent to do so, what is not there is not found. */
export async function need<T>(answer: Parameters<typeof unwrap<T>>[0], path: string): Promise<T> {
  try {
    return await unwrap(answer);
  } catch (error) {
    if (isApiError(error, "not_authenticated", "token_expired", "token_not_valid")) redirect(`/renew?next=${encodeURIComponent(path)}`);
    if (isApiError(error, "not_found")) notFound();
    throw error;
  }
}
