import type { Schemas } from "@digitalpath/client";

export type Project = Schemas["ProjectDetail"];

/** The lists of a project, with what their rows have of their own. */
export const lists = [
  { name: "data_sources", title: "Data sources", one: "data source", own: "type", label: "Type" },
  { name: "reports", title: "Reports", one: "report", own: "frequency", label: "Frequency" },
  { name: "analytics", title: "Analytics", one: "analysis", own: "type", label: "Type" },
] as const;

export type List = (typeof lists)[number];

export const statuses = [
  { value: "planning", label: "Planning" },
  { value: "active", label: "Active" },
  { value: "on_hold", label: "On hold" },
  { value: "completed", label: "Completed" },
] as const;

export type Status = (typeof statuses)[number]["value"];

/** The fields that are text. */
export const texts = [
  { name: "client_company", label: "Client" },
  { name: "digitalpath_responsible", label: "Responsible at DigitalPath" },
  { name: "client_responsible", label: "Responsible at the client" },
  { name: "due_date", label: "Due" },
  { name: "budget", label: "Budget" },
  { name: "implementation_time", label: "Time to implement" },
] as const;

/** The fields that are whole numbers. */
export const numbers = [
  { name: "progress", label: "Progress, per cent" },
  { name: "team_size", label: "People in the team" },
  { name: "tasks_total", label: "Tasks" },
  { name: "tasks_completed", label: "Tasks completed" },
] as const;

/** A row of a list as the form holds it. */
export type Row = Record<string, string>;

/** The rows of a list that a form was sent with. Names are as the API tells of faults: reports.0.name. */
export function rowsOf(values: Record<string, string>, list: string): Row[] {
  const rows: Row[] = [];
  for (const [name, value] of Object.entries(values)) {
    const [of, place, field] = name.split(".");
    if (of !== list || !place || !field) continue;
    (rows[Number(place)] ??= {})[field] = value;
  }
  return rows.filter((row) => row !== undefined);
}

/** What a form asks to store. Rows without a name are left out; their places give the order. */
export function changeOf(values: Record<string, string>) {
  const items = <Own extends string>(list: string, own: Own) =>
    rowsOf(values, list)
      .filter((row) => row.name)
      .map((row, order) => ({
        ...(row.id ? { id: Number(row.id) } : {}), name: row.name ?? "", description: row.description ?? "", order,
        ...({ [own]: row[own] ?? "" } as Record<Own, string>),
      }));
  const lines = (text = "") => text.split("\n").map((line) => line.trim()).filter(Boolean);
  return {
    ...pick(texts, (name) => values[name] ?? ""), ...pick(numbers, (name) => Number(values[name] ?? 0)),
    name: values.name ?? "", description: values.description ?? "", full_scope: values.full_scope ?? "", status: values.status as Status,
    data_sources: items("data_sources", "type"), reports: items("reports", "frequency"), analytics: items("analytics", "type"),
    ai_integration: { enabled: values.ai_enabled === "on", features: lines(values.ai_features), models: lines(values.ai_models) },
  } satisfies Schemas["ProjectChange"];
}

function pick<Name extends string, Value>(fields: readonly { name: Name }[], value: (name: Name) => Value): Record<Name, Value> {
  return Object.fromEntries(fields.map(({ name }) => [name, value(name)])) as Record<Name, Value>;
}

/** A project as its form shows it. */
export function valuesOf(project: Project): Record<string, string> {
  const values: Record<string, string> = { name: project.name, description: project.description, full_scope: project.full_scope, status: project.status };
  for (const { name } of [...texts, ...numbers]) values[name] = String(project[name]);
  for (const list of lists)
    project[list.name].forEach((item, place) => {
      for (const [field, value] of Object.entries(item)) values[`${list.name}.${place}.${field}`] = String(value);
    });
  values.ai_enabled = project.ai_integration?.enabled ? "on" : "";
  values.ai_features = project.ai_integration?.features.join("\n") ?? "";
  values.ai_models = project.ai_integration?.models.join("\n") ?? "";
  return values;
}
