"use client";

import { createClient, isApiError, unwrap } from "@digitalpath/client";
import Link from "next/link";
import { useEffect, useState } from "react";
import { Outcome } from "@/components/form";
import { untouched, type FormState } from "@/lib/form-state";

/** Verifies at once. StrictMode and mail scanners do it twice: a key stays good for the account that it verified. */
export function VerifyEmail({ verificationKey: key }: { verificationKey: string }) {
  const [state, setState] = useState<FormState>();
  useEffect(() => {
    const client = createClient({ baseUrl: location.origin }); // through this site: app/api
    unwrap(client.POST("/api/auth/verify-email", { body: { key } }))
      .then((answer) => setState({ ...untouched, ok: true, message: answer.message }))
      .catch((error: unknown) =>
        setState({ ...untouched, message: isApiError(error) ? error.message : "The service can't be reached. Please load this page again." }));
  }, [key]);
  if (!state) return <p role="status">One moment…</p>;
  return (
    <>
      <Outcome state={state} />
      <p>{state.ok ? <Link href="/login" className="link">Log in</Link> : <Link href="/signup" className="link">Ask for another mail</Link>}</p>
    </>
  );
}
