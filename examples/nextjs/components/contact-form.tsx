"use client";

import { createClient, isApiError, isNetworkError, submit, unwrap } from "@digitalpath/client";
import { useSyncExternalStore } from "react";
import { useFormStatus } from "react-dom";
import { Field, Form, Outcome } from "@/components/form";
import { untouched, type FormState } from "@/lib/form-state";

/** Goes from the browser to the API: what is written offline is sent, once, when the browser is online. */
export function ContactForm({ apiUrl }: { apiUrl: string }) {
  async function send(_: FormState, form: FormData): Promise<FormState> {
    const values = Object.fromEntries([...form].map(([name, value]) => [name, String(value)]));
    const { name = "", email = "", message = "", website = "" } = values;
    const client = createClient({ baseUrl: apiUrl });
    try {
      const answer = await submit((key) =>
        unwrap(client.POST("/api/contact", { body: { name, email, message, website }, params: { header: { "Idempotency-Key": key } } })));
      return { ...untouched, ok: true, message: answer.message };
    } catch (error) {
      if (isApiError(error)) return { ...untouched, message: error.message, fields: error.fields, values };
      if (isNetworkError(error)) return { ...untouched, message: "We can't be reached. Please try again in a moment.", values };
      throw error;
    }
  }

  return (
    <Form action={send} submit="Send">
      <Field name="name" label="Name" required autoComplete="name" />
      <Field name="email" label="E-mail" type="email" required autoComplete="email" />
      <Field name="message" label="Message" required rows={6} />
      <Trap />
      <Waiting />
    </Form>
  );
}

/** Says why it takes so long. */
function Waiting() {
  const { pending } = useFormStatus();
  const online = useSyncExternalStore(whenConnectionChanges, () => navigator.onLine, () => true);
  if (!pending || online) return null;
  return <Outcome state={{ ...untouched, ok: true, message: "You are offline. Your message is sent as soon as you are online again." }} />;
}

function whenConnectionChanges(tell: () => void): () => void {
  for (const change of ["online", "offline"]) window.addEventListener(change, tell);
  return () => {
    for (const change of ["online", "offline"]) window.removeEventListener(change, tell);
  };
}

/** A field that people don't see: who fills it in is a robot. */
function Trap() {
  return <div hidden><input name="website" tabIndex={-1} autoComplete="off" aria-hidden /></div>;
}
