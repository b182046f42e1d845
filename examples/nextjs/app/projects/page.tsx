import { rowsOf } from "@digitalpath/client";
import type { Metadata } from "next";
import Link from "next/link";
import { need, pageClient } from "@/lib/api";
import { statuses, type Status } from "@/lib/project-form";

export const metadata: Metadata = { title: "Projects" };

interface Query {
  search?: string;
  status?: string;
  page?: string;
}

export default async function Projects({ searchParams }: { searchParams: Promise<Query> }) {
  const { search = "", status = "", page = "1" } = await searchParams;
  const known = statuses.find(({ value }) => value === status)?.value;
  const client = await pageClient();
  const query = { page: Number(page) || 1, page_size: 20, ...(search && { search }), ...(known && { status: [known] as Status[] }) };
  const list = await need(client.GET("/api/projects", { params: { query } }), "/projects");
  const [count, more] = Array.isArray(list) ? [list.length, false] : [list.count, list.next !== null];
  const at = (index: number) => `/projects?${new URLSearchParams({ search, status, page: String(index) })}`;
  return (
    <>
      <div className="flex items-center gap-3">
        <h1 className="mr-auto">Projects</h1>
        <Link href="/projects/new" className="button primary">New project</Link>
      </div>
      <form className="flex flex-wrap items-end gap-3" role="search">
        <label className="grow">Search<input name="search" type="search" defaultValue={search} className="control mt-1.5" /></label>
        <label>Status
          <select name="status" defaultValue={known ?? ""} className="control mt-1.5">
            <option value="">All</option>
            {statuses.map(({ value, label }) => <option key={value} value={value}>{label}</option>)}
          </select>
        </label>
        <button className="button">Search</button>
      </form>
      {count === 0 ? <p className="text-soft">{search || known ? "Nothing matches." : "There is no project yet."}</p> : (
        <ul className="panel divide-y divide-line p-0">
          {rowsOf(list).map((project) => (
            <li key={project.id} className="flex flex-wrap items-baseline gap-x-3 p-3">
              <Link href={`/projects/${project.id}`} className="link mr-auto font-medium wrap-anywhere">{project.name}</Link>
              <span className="text-soft">{project.client_company}</span>
              <span>{statuses.find(({ value }) => value === project.status)?.label}</span>
              <span className="tabular-nums">{project.progress} %</span>
            </li>
          ))}
        </ul>
      )}
      <nav aria-label="Pages" className="flex gap-3">
        {query.page > 1 && <Link href={at(query.page - 1)} className="button">Newer</Link>}
        {more && <Link href={at(query.page + 1)} className="button">Older</Link>}
      </nav>
    </>
  );
}
