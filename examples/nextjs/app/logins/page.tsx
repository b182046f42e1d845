import type { Metadata } from "next";
import { Moment } from "@/components/moment";
import { need, pageClient } from "@/lib/api";
import { endAllLogins, endLogin } from "@/lib/me";

export const metadata: Metadata = { title: "Logins" };

export default async function Logins() {
  const logins = await need((await pageClient()).GET("/api/me/sessions"), "/logins");
  return (
    <>
      <h1>Logins</h1>
      <ul className="panel divide-y divide-line p-0">
        {logins.map((login) => (
          <li key={login.id} className="flex flex-wrap items-center gap-3 p-3">
            <div className="mr-auto min-w-0">
              <p className="font-medium wrap-anywhere">{login.user_agent || "A program"}</p>
              <p className="text-xs text-soft">{login.ip_address}, since <Moment at={login.created_at} />, last seen <Moment at={login.last_seen_at} /></p>
            </div>
            {login.current ? <span className="text-soft">This one</span> : (
              <form action={endLogin.bind(null, login.id)}><button className="button" aria-label={`End the login from ${login.ip_address}`}>End</button></form>
            )}
          </li>
        ))}
      </ul>
      <form action={endAllLogins}><button className="button">Log out everywhere</button></form>
    </>
  );
}
