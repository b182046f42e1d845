"use client";

import { createContext, useActionState, useContext, useEffect, useId, useRef, type ReactNode } from "react";
import { untouched, type FormState } from "@/lib/form-state";

const State = createContext<FormState>(untouched);

interface FormProps {
  action: (before: FormState, form: FormData) => Promise<FormState>;
  submit: string;
  children: ReactNode;
  /** Buttons and links beside the first one. */
  beside?: ReactNode;
  /** Whether the button is not what the page is for. */
  plain?: boolean;
}

/** A form that a server action takes, with what it answers. It works without scripts, too. */
export function Form({ action, submit, children, beside, plain }: FormProps) {
  const [state, send, pending] = useActionState(action, untouched);
  return (
    <form action={send} className="grid gap-4" noValidate>
      <State value={state}>
        <Outcome state={state} />
        {children}
        <div className="flex flex-wrap items-center gap-3">
          <button className={plain ? "button" : "button primary"} disabled={pending}>{pending ? "One moment…" : submit}</button>
          {beside}
        </div>
      </State>
    </form>
  );
}

/** What became of a form, told to those who hear the page, too. */
export function Outcome({ state }: { state: FormState }) {
  const place = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    if (state.message) place.current?.focus();
  }, [state]);
  if (!state.message) return null;
  const tone = state.ok ? "bg-positive-fill text-positive-text" : "bg-negative-fill text-negative-text";
  return <p ref={place} tabIndex={-1} role={state.ok ? "status" : "alert"} className={`rounded-lg px-3 py-2.5 ${tone}`}>{state.message}</p>;
}

interface FieldProps {
  name: string;
  label: string;
  type?: string;
  value?: string;
  help?: string;
  required?: boolean;
  autoComplete?: string;
  rows?: number;
  options?: readonly { value: string; label: string }[];
}

/** A labelled control with what is wrong with it. */
export function Field({ name, label, type = "text", value = "", help, required, autoComplete, rows, options }: FieldProps) {
  const state = useContext(State);
  const id = useId();
  const faults = state.fields[name] ?? [];
  const entered = state.values[name] ?? value;
  const theirs = state.theirs[name];
  const notes = [help, theirs, ...faults].filter((note) => note !== undefined);
  const control = {
    id, name, className: "control", defaultValue: entered, required,
    "aria-invalid": faults.length > 0, "aria-describedby": notes.length ? `${id}-notes` : undefined,
  };
  return (
    <div>
      <label htmlFor={id} className="mb-1.5 block font-medium">
        {label}
        {required && <span aria-hidden className="text-danger"> *</span>}
      </label>
      {options ? (
        <select {...control} key={entered}>
          {options.map((option) => <option key={option.value} value={option.value}>{option.label}</option>)}
        </select>
      ) : rows ? (
        <textarea {...control} rows={rows} />
      ) : (
        <input {...control} type={type} autoComplete={autoComplete} />
      )}
      {notes.length > 0 && (
        <div id={`${id}-notes`} className="mt-1 text-xs text-soft">
          {help && <p>{help}</p>}
          {theirs !== undefined && <p className="text-ink">Stored now: {theirs || "nothing"}</p>}
          {faults.map((fault) => <p key={fault} className="text-danger">{fault}</p>)}
        </div>
      )}
    </div>
  );
}

/** The state of the form around. */
export const useFormState = () => useContext(State);
