import type { Metadata } from "next";
import Link from "next/link";
import { Form } from "@/components/form";
import { need, pageClient } from "@/lib/api";
import { lists, statuses, texts } from "@/lib/project-form";
import { deleteProject } from "@/lib/projects";

export const metadata: Metadata = { title: "Project" };

export default async function Detail({ params }: { params: Promise<{ id: string }> }) {
  const id = Number((await params).id);
  const project = await need((await pageClient()).GET("/api/projects/{id}", { params: { path: { id } } }), `/projects/${id}`);
  return (
    <>
      <div className="flex flex-wrap items-center gap-3">
        <h1 className="mr-auto wrap-anywhere">{project.name}</h1>
        <Link href={`/projects/${id}/edit`} className="button primary">Edit</Link>
        <details>
          <summary className="button">Delete</summary>
          <Form action={deleteProject.bind(null, id)} submit="Delete it with all its lists" plain>{null}</Form>
        </details>
      </div>
      <p className="whitespace-pre-line">{project.description}</p>
      <dl className="panel grid grid-cols-1 gap-3 sm:grid-cols-2">
        <div><dt className="text-xs text-soft">Status</dt><dd>{statuses.find(({ value }) => value === project.status)?.label}</dd></div>
        <div><dt className="text-xs text-soft">Progress</dt><dd>{project.progress} %, {project.tasks.completed} of {project.tasks.total} tasks</dd></div>
        {texts.filter(({ name }) => project[name]).map(({ name, label }) => (
          <div key={name}><dt className="text-xs text-soft">{label}</dt><dd>{project[name]}</dd></div>
        ))}
      </dl>
      {lists.filter(({ name }) => project[name].length > 0).map(({ name, title }) => (
        <section key={name}>
          <h2>{title}</h2>
          <ul className="list-disc pl-5">
            {project[name].map((item) => <li key={item.id}>{item.name}{item.description && <span className="text-soft">, {item.description}</span>}</li>)}
          </ul>
        </section>
      ))}
      {project.ai_integration?.enabled && <p>AI: {[...project.ai_integration.features, ...project.ai_integration.models].join(", ")}</p>}
    </>
  );
}
