import type { Metadata } from "next";
import { Field, Form } from "@/components/form";
import { need, pageClient } from "@/lib/api";
import { changeEmail, changeNames, changePassword, connect, disconnect } from "@/lib/me";
import { providerNames } from "@/lib/social";

export const metadata: Metadata = { title: "Profile" };

export default async function Profile() {
  const client = await pageClient();
  const me = await need(client.GET("/api/me"), "/profile");
  const { providers } = await need(client.GET("/api/auth/providers"), "/profile");
  return (
    <>
      <h1>{me.username}</h1>
      <p className="text-soft">{me.email}</p>
      <h2>Names</h2>
      <div className="panel max-w-md">
        <Form action={changeNames} submit="Save">
          <Field name="first_name" label="First name" value={me.first_name} autoComplete="given-name" />
          <Field name="last_name" label="Last name" value={me.last_name} autoComplete="family-name" />
        </Form>
      </div>
      <h2>Password</h2>
      <div className="panel max-w-md">
        <Form action={changePassword} submit="Change password">
          <Field name="current_password" label="Current password" type="password" required autoComplete="current-password" />
          <Field name="new_password" label="New password" type="password" required autoComplete="new-password" help="All other logins end." />
        </Form>
      </div>
      <h2>E-mail</h2>
      <div className="panel max-w-md">
        <Form action={changeEmail} submit="Change address">
          <Field name="email" label="New address" type="email" required autoComplete="email" />
          <Field name="current_password" label="Current password" type="password" required autoComplete="current-password" />
        </Form>
      </div>
      {providers.length > 0 && (
        <>
          <h2>Log in with</h2>
          {providers.map(({ provider }) =>
            me.providers.includes(provider) ? (
              <Form key={provider} action={disconnect.bind(null, provider)} submit={`Disconnect ${providerNames[provider]}`} plain>{null}</Form>
            ) : (
              <form key={provider} action={connect.bind(null, provider)}><button className="button">Connect {providerNames[provider]}</button></form>
            ),
          )}
        </>
      )}
    </>
  );
}
