"use client";

import { useState } from "react";
import { Field, Form, useFormState } from "@/components/form";
import { Hidden } from "@/components/hidden";
import type { FormState } from "@/lib/form-state";
import { lists, numbers, rowsOf, statuses, texts, type List } from "@/lib/project-form";

interface Props {
  action: (before: FormState, form: FormData) => Promise<FormState>;
  values: Record<string, string>;
}

export function ProjectForm({ action, values }: Props) {
  return (
    <Form action={action} submit="Save" beside={<Anyway />}>
      <Field name="name" label="Name" value={values.name ?? ""} required />
      <Field name="description" label="Description" value={values.description ?? ""} rows={3} />
      <div className="grid gap-4 sm:grid-cols-2">
        <Field name="status" label="Status" value={values.status ?? ""} options={statuses} />
        {numbers.map(({ name, label }) => <Field key={name} name={name} label={label} type="number" value={values[name] ?? "0"} />)}
        {texts.map(({ name, label }) => <Field key={name} name={name} label={label} value={values[name] ?? ""} />)}
      </div>
      <Field name="full_scope" label="Full scope" value={values.full_scope ?? ""} rows={3} />
      {lists.map((list) => <Items key={list.name} list={list} values={values} />)}
      <fieldset className="panel grid gap-3">
        <legend className="px-1 font-semibold">AI</legend>
        <Tick values={values} />
        <Field name="ai_features" label="Features, one a line" value={values.ai_features ?? ""} rows={2} />
        <Field name="ai_models" label="Models, one a line" value={values.ai_models ?? ""} rows={2} />
      </fieldset>
    </Form>
  );
}

function Tick({ values }: { values: Record<string, string> }) {
  const state = useFormState();
  const before = state.message ? state.values : values; // a box without a tick is not sent
  return <label className="flex items-center gap-2"><input type="checkbox" name="ai_enabled" defaultChecked={before.ai_enabled === "on"} className="size-4" /> Works with AI</label>;
}

/** Offers to overwrite what somebody else stored meanwhile. */
function Anyway() {
  const { theirs } = useFormState();
  return Object.keys(theirs).length > 0 && <button name="anyway" value="1" className="button">Save mine all the same</button>;
}

/** The rows of one of the project's lists. */
function Items({ list, values }: { list: List; values: Record<string, string> }) {
  const state = useFormState();
  const stored = rowsOf(state.message ? state.values : values, list.name);
  const [rows, setRows] = useState(() => [...stored, {}].map((row, key) => ({ ...row, key })));
  const field = (place: number, name: string) => `${list.name}.${place}.${name}`;
  return (
    <fieldset className="panel grid gap-3">
      <legend className="px-1 font-semibold">{list.title}</legend>
      {rows.map(({ key, ...row }: { key: number } & Record<string, string | number>, place) => (
        <div key={key} className="grid gap-3 border-b border-line pb-3 sm:grid-cols-[1fr_1fr_1fr_auto] sm:items-start">
          {row.id && <Hidden name={field(place, "id")} value={String(row.id)} />}
          <Field name={field(place, "name")} label={`Name of ${list.one} ${place + 1}`} value={String(row.name ?? "")} />
          <Field name={field(place, list.own)} label={`${list.label} of ${list.one} ${place + 1}`} value={String(row[list.own] ?? "")} />
          <Field name={field(place, "description")} label={`Description of ${list.one} ${place + 1}`} value={String(row.description ?? "")} />
          <button type="button" className="button sm:mt-6" aria-label={`Remove ${list.one} ${place + 1}`} onClick={() => setRows(rows.filter((other) => other.key !== key))}>Remove</button>
        </div>
      ))}
      <div>
        <button type="button" className="button" onClick={() => setRows([...rows, { key: Math.max(-1, ...rows.map((row) => row.key)) + 1 }])}>Add {list.one}</button>
      </div>
    </fieldset>
  );
}
