import type { Metadata } from "next";
import { Field, Form } from "@/components/form";
import { joinWaitlist } from "@/lib/accounts";

export const metadata: Metadata = { title: "Join the waitlist" };

export default function Waitlist() {
  return (
    <>
      <h1>Join the waitlist</h1>
      <div className="panel max-w-md">
        <Form action={joinWaitlist} submit="Join">
          <Field name="email" label="E-mail" type="email" required autoComplete="email" />
          <Field name="first_name" label="First name" autoComplete="given-name" />
          <Field name="last_name" label="Last name" autoComplete="family-name" />
          <Field name="company" label="Company" autoComplete="organization" />
        </Form>
      </div>
    </>
  );
}
