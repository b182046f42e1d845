"use server";

import { isApiError, unwrap } from "@digitalpath/client";
import { redirect } from "next/navigation";
import { actionClient } from "@/lib/api";
import { attempt } from "@/lib/form";
import type { FormState } from "@/lib/form-state";
import { changeOf, valuesOf } from "@/lib/project-form";

export async function createProject(_: FormState, form: FormData): Promise<FormState> {
  return attempt(form, async (values) => {
    const client = await actionClient();
    const project = await unwrap(client.POST("/api/projects", { body: changeOf(values) }));
    redirect(`/projects/${project.id}`);
  });
}

/** Changes a project as the browser knows it. Where somebody was faster, the form shows what they stored. */
export async function changeProject(id: number, tag: string, _: FormState, form: FormData): Promise<FormState> {
  let theirs: Record<string, string> = {};
  const state = await attempt(form, async (values) => {
    const client = await actionClient();
    const header = values.anyway ? {} : { "If-Match": tag };
    try {
      await unwrap(client.PATCH("/api/projects/{id}", { params: { path: { id }, header }, body: changeOf(values) }));
    } catch (error) {
      if (isApiError(error, "precondition_failed") && error.current) theirs = differing(values, valuesOf(error.current));
      throw error;
    }
    redirect(`/projects/${id}`);
  });
  return { ...state, theirs };
}

export async function deleteProject(id: number): Promise<FormState> {
  return attempt(new FormData(), async () => {
    const client = await actionClient();
    await unwrap(client.DELETE("/api/projects/{id}", { params: { path: { id } } }));
    redirect("/projects");
  });
}

function differing(mine: Record<string, string>, theirs: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(theirs).filter(([name, value]) => name in mine && mine[name] !== value));
}
