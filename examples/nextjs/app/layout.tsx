import type { Metadata } from "next";
import { cookies } from "next/headers";
import Link from "next/link";
import type { ReactNode } from "react";
import { httpOnlyStore } from "@digitalpath/client/next";
import { logOut } from "@/lib/accounts";
import "./globals.css";

export const metadata: Metadata = { title: { default: "DigitalPath", template: "%s · DigitalPath" } };

export default async function Layout({ children }: { children: ReactNode }) {
  const loggedIn = (await httpOnlyStore(await cookies()).read()) !== undefined;
  return (
    <html lang="en">
      <body>
        <a href="#main" className="sr-only focus:not-sr-only focus:p-2">Skip to content</a>
        <header className="border-b border-line">
          <nav aria-label="Site" className="mx-auto flex max-w-4xl flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3">
            <Link href="/" className="mr-auto font-semibold">DigitalPath</Link>
            {loggedIn ? (
              <>
                <Link href="/projects">Projects</Link>
                <Link href="/profile">Profile</Link>
                <Link href="/logins">Logins</Link>
                <form action={logOut}><button className="button">Log out</button></form>
              </>
            ) : (
              <>
                <Link href="/login">Log in</Link>
                <Link href="/signup">Sign up</Link>
              </>
            )}
          </nav>
        </header>
        <main id="main" className="mx-auto grid max-w-4xl gap-4 px-4 py-6">{children}</main>
      </body>
    </html>
  );
}
