/** How a form stands after it was sent. */
export interface FormState {
  ok: boolean;
  message: string;
  /** What is wrong with each field, by its name. */
  fields: Record<string, string[]>;
  /** What was entered: React empties a form that was sent. */
  values: Record<string, string>;
  /** What somebody else stored meanwhile, by the field's name. */
  theirs: Record<string, string>;
}

export const untouched: FormState = { ok: false, message: "", fields: {}, values: {}, theirs: {} };
