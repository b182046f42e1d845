import { isApiError, isNetworkError } from "@digitalpath/client";
import { redirect } from "next/navigation";
import { untouched, type FormState } from "@/lib/form-state";

/** A form's fields as text. */
export function textsOf(form: FormData): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, value] of form) if (typeof value === "string" && !name.startsWith("$ACTION")) texts[name] = value;
  return texts;
}

/** Does what a form asks for; what the API refuses is how the form stands then. The answer of work is the sentence for success. */
export async function attempt(form: FormData, work: (texts: Record<string, string>) => Promise<string>): Promise<FormState> {
  const values = textsOf(form);
  try {
    return { ...untouched, ok: true, message: await work(values) };
  } catch (error) {
    const secret = Object.keys(values).filter((name) => name.includes("password"));
    for (const name of secret) delete values[name];
    if (isApiError(error, "not_authenticated", "token_expired", "token_not_valid")) redirect("/login?error=over");
    if (isApiError(error)) return { ...untouched, message: error.message, fields: error.fields, values };
    if (isNetworkError(error)) return { ...untouched, message: "The service can't be reached. Please try again in a moment.", values };
    throw error;
  }
}
