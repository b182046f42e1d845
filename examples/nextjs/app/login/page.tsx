import { unwrap } from "@digitalpath/client";
import type { Metadata } from "next";
import Link from "next/link";
import { Field, Form } from "@/components/form";
import { Hidden } from "@/components/hidden";
import { logIn } from "@/lib/accounts";
import { pageClient } from "@/lib/api";
import { providerNames, socialErrors } from "@/lib/social";

export const metadata: Metadata = { title: "Log in" };

export default async function LogIn({ searchParams }: { searchParams: Promise<{ next?: string; error?: string }> }) {
  const { next = "", error } = await searchParams;
  const { providers } = await unwrap((await pageClient()).GET("/api/auth/providers"));
  return (
    <>
      <h1>Log in</h1>
      {error && <p role="alert" className="rounded-lg bg-negative-fill px-3 py-2.5 text-negative-text">{socialErrors[error] ?? socialErrors.provider_error}</p>}
      <div className="panel max-w-md">
        <Form action={logIn} submit="Log in" beside={<Link href="/forgot-password" className="link">Forgot your password?</Link>}>
          <Hidden name="next" value={next} />
          <Field name="username" label="Username or e-mail" required autoComplete="username" />
          <Field name="password" label="Password" type="password" required autoComplete="current-password" />
        </Form>
      </div>
      {providers.length > 0 && (
        <p className="flex flex-wrap gap-3">
          {providers.map(({ provider, url }) => <a key={provider} href={url} className="button">Log in with {providerNames[provider]}</a>)}
        </p>
      )}
      <p>No account yet? <Link href="/signup" className="link">Sign up</Link></p>
    </>
  );
}
