"use server";

import { unwrap, type Schemas } from "@digitalpath/client";
import { revalidatePath } from "next/cache";
import { redirect } from "next/navigation";
import { actionClient } from "@/lib/api";
import { attempt } from "@/lib/form";
import type { FormState } from "@/lib/form-state";

type Provider = Schemas["Me"]["providers"][number];

export async function changeNames(_: FormState, form: FormData): Promise<FormState> {
  return attempt(form, async ({ first_name = "", last_name = "" }) => {
    const client = await actionClient();
    await unwrap(client.PATCH("/api/me", { body: { first_name, last_name } }));
    revalidatePath("/profile");
    return "Your names are changed.";
  });
}

/** The answer is a new login: the one that asked has ended with all others. */
export async function changePassword(_: FormState, form: FormData): Promise<FormState> {
  return attempt(form, async ({ current_password = "", new_password = "" }) => {
    const client = await actionClient();
    const changed = await unwrap(client.POST("/api/me/password", { body: { current_password, new_password } }));
    await client.session.adopt(changed);
    return changed.message;
  });
}

export async function changeEmail(_: FormState, form: FormData): Promise<FormState> {
  return attempt(form, async ({ email = "", current_password = "" }) => {
    const client = await actionClient();
    return (await unwrap(client.POST("/api/me/email", { body: { email, current_password } }))).message;
  });
}

/** Sends the browser to the provider; it comes back to auth/callback. */
export async function connect(provider: Provider): Promise<void> {
  const client = await actionClient();
  redirect((await unwrap(client.POST("/api/me/social/{provider}", { params: { path: { provider } } }))).url);
}

export async function disconnect(provider: Provider): Promise<FormState> {
  return attempt(new FormData(), async () => {
    const client = await actionClient();
    await unwrap(client.DELETE("/api/me/social/{provider}", { params: { path: { provider } } }));
    revalidatePath("/profile");
    return "It is disconnected.";
  });
}

export async function endLogin(id: number): Promise<void> {
  const client = await actionClient();
  await client.DELETE("/api/me/sessions/{id}", { params: { path: { id } } });
  revalidatePath("/logins");
}

export async function endAllLogins(): Promise<void> {
  const client = await actionClient();
  await client.DELETE("/api/me/sessions");
  await client.session.logOut();
  redirect("/login");
}
