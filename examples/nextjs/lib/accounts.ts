"use server";

import { unwrap } from "@digitalpath/client";
import { redirect } from "next/navigation";
import { actionClient } from "@/lib/api";
import { attempt } from "@/lib/form";
import type { FormState } from "@/lib/form-state";
import { ownPath } from "@/lib/urls";

export async function signUp(_: FormState, form: FormData): Promise<FormState> {
  return attempt(form, async ({ username = "", email = "", password = "", first_name = "", last_name = "" }) => {
    const client = await actionClient();
    return (await unwrap(client.POST("/api/auth/signup", { body: { username, email, password, first_name, last_name } }))).message;
  });
}

export async function resendVerification(_: FormState, form: FormData): Promise<FormState> {
  return attempt(form, async ({ email = "" }) => {
    const client = await actionClient();
    return (await unwrap(client.POST("/api/auth/resend-verification", { body: { email } }))).message;
  });
}

export async function logIn(_: FormState, form: FormData): Promise<FormState> {
  return attempt(form, async ({ username = "", password = "", next }) => {
    await (await actionClient()).session.logIn(username, password);
    redirect(ownPath(next));
  });
}

export async function logOut(): Promise<void> {
  await (await actionClient()).session.logOut();
  redirect("/");
}

export async function forgotPassword(_: FormState, form: FormData): Promise<FormState> {
  return attempt(form, async ({ email = "" }) => {
    const client = await actionClient();
    return (await unwrap(client.POST("/api/auth/forgot-password", { body: { email } }))).message;
  });
}

export async function resetPassword(_: FormState, form: FormData): Promise<FormState> {
  return attempt(form, async ({ uid = "", token = "", new_password = "" }) => {
    const client = await actionClient();
    return (await unwrap(client.POST("/api/auth/reset-password", { body: { uid, token, new_password } }))).message;
  });
}

export async function joinWaitlist(_: FormState, form: FormData): Promise<FormState> {
  return attempt(form, async ({ email = "", first_name = "", last_name = "", company = "", website = "" }) => {
    const client = await actionClient();
    return (await unwrap(client.POST("/api/waitlists", { body: { email, first_name, last_name, company, website } }))).message;
  });
}
