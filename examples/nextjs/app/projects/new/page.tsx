import type { Metadata } from "next";
import { ProjectForm } from "@/components/project-form";
import { need, pageClient } from "@/lib/api";
import { createProject } from "@/lib/projects";

export const metadata: Metadata = { title: "New project" };

export default async function NewProject() {
  await need((await pageClient()).GET("/api/me"), "/projects/new");
  return (
    <>
      <h1>New project</h1>
      <ProjectForm action={createProject} values={{ status: "planning", team_size: "1" }} />
    </>
  );
}
