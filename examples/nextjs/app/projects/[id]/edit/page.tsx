import type { Metadata } from "next";
import { ProjectForm } from "@/components/project-form";
import { need, pageClient } from "@/lib/api";
import { valuesOf } from "@/lib/project-form";
import { changeProject } from "@/lib/projects";

export const metadata: Metadata = { title: "Edit project" };

export default async function Edit({ params }: { params: Promise<{ id: string }> }) {
  const id = Number((await params).id);
  const answer = await (await pageClient()).GET("/api/projects/{id}", { params: { path: { id } } });
  const project = await need(answer, `/projects/${id}/edit`);
  return (
    <>
      <h1 className="wrap-anywhere">{project.name}</h1>
      <ProjectForm action={changeProject.bind(null, id, answer.response.headers.get("ETag") ?? "*")} values={valuesOf(project)} />
    </>
  );
}
