import type { Metadata } from "next";
import Link from "next/link";
import { Field, Form } from "@/components/form";
import { Hidden } from "@/components/hidden";
import { resetPassword } from "@/lib/accounts";

export const metadata: Metadata = { title: "Choose a new password", referrer: "no-referrer" };

export default async function ResetPassword({ searchParams }: { searchParams: Promise<{ uid?: string; token?: string }> }) {
  const { uid = "", token = "" } = await searchParams;
  return (
    <>
      <h1>Choose a new password</h1>
      <div className="panel max-w-md">
        <Form action={resetPassword} submit="Save" beside={<Link href="/login" className="link">Log in</Link>}>
          <Hidden name="uid" value={uid} />
          <Hidden name="token" value={token} />
          <Field name="new_password" label="New password" type="password" required autoComplete="new-password" help="At least 8 characters, not only digits, and not a common one." />
        </Form>
      </div>
    </>
  );
}
