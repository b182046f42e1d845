import type { Metadata } from "next";
import { Field, Form } from "@/components/form";
import { resendVerification, signUp } from "@/lib/accounts";

export const metadata: Metadata = { title: "Sign up" };

export default function SignUp() {
  return (
    <>
      <h1>Sign up</h1>
      <div className="panel max-w-md">
        <Form action={signUp} submit="Sign up">
          <Field name="username" label="Username" required autoComplete="username" />
          <Field name="email" label="E-mail" type="email" required autoComplete="email" />
          <Field name="password" label="Password" type="password" required autoComplete="new-password" help="At least 8 characters, not only digits, and not a common one." />
          <Field name="first_name" label="First name" autoComplete="given-name" />
          <Field name="last_name" label="Last name" autoComplete="family-name" />
        </Form>
      </div>
      <h2>No mail?</h2>
      <div className="panel max-w-md">
        <Form action={resendVerification} submit="Send it again">
          <Field name="email" label="E-mail" type="email" required autoComplete="email" />
        </Form>
      </div>
    </>
  );
}
