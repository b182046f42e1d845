import type { Metadata } from "next";
import { Field, Form } from "@/components/form";
import { forgotPassword } from "@/lib/accounts";

export const metadata: Metadata = { title: "Forgot your password?" };

export default function ForgotPassword() {
  return (
    <>
      <h1>Forgot your password?</h1>
      <div className="panel max-w-md">
        <Form action={forgotPassword} submit="Send me a link">
          <Field name="email" label="E-mail" type="email" required autoComplete="email" />
        </Form>
      </div>
    </>
  );
}
