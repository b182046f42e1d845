// Calls that the API would refuse, and uses of answers that hold not what is expected. tsc
// fails here for each that it would let pass.
import { createClient, isApiError, rowsOf, unwrap } from "../src/index.js";

const client = createClient({ baseUrl: "" });

export async function mistakes(): Promise<void> {
  // @ts-expect-error there is no such path
  await client.GET("/api/project");
  // @ts-expect-error the path takes no such method
  await client.GET("/api/contact");
  // @ts-expect-error a project needs a name
  await client.POST("/api/projects", { body: { status: "active" } });
  // @ts-expect-error there is no such status
  await client.POST("/api/projects", { body: { name: "A", status: "done" } });
  // @ts-expect-error progress is a number
  await client.POST("/api/projects", { body: { name: "A", progress: "80" } });
  // @ts-expect-error undefined is not absent
  await client.POST("/api/projects", { body: { name: "A", status: undefined } });
  // @ts-expect-error there is no such key
  await client.POST("/api/projects", { body: { name: "A", deadline: "2026-12-01" } });
  // @ts-expect-error the items of a new project have no ids
  await client.POST("/api/projects", { body: { name: "A", reports: [{ id: 5, name: "Board report" }] } });
  // @ts-expect-error the project's id lacks
  await client.GET("/api/projects/{id}");
  // @ts-expect-error an id is a number
  await client.GET("/api/projects/{id}", { params: { path: { id: "first" } } });
  // @ts-expect-error there is no such order
  await client.GET("/api/projects", { params: { query: { ordering: ["owner"] } } });
  // @ts-expect-error a filter by status takes the statuses
  await client.GET("/api/projects", { params: { query: { status: ["done"] } } });
  // @ts-expect-error a sign-up needs a password
  await client.POST("/api/auth/signup", { body: { username: "ann", email: "ann@example.com" } });
  // @ts-expect-error a login takes no e-mail key: it is the username, too
  await client.POST("/api/token/pair", { body: { email: "ann@example.com", password: "secret" } });
  // @ts-expect-error a renewal needs the token
  await client.POST("/api/token/refresh", { body: {} });
  // @ts-expect-error there are two providers
  await client.DELETE("/api/me/social/{provider}", { params: { path: { provider: "facebook" } } });
  // @ts-expect-error a member is owner, editor or viewer
  await client.POST("/api/projects/{id}/members", { params: { path: { id: 1 } }, body: { user: 7, role: "admin" } });

  const me = await unwrap(client.GET("/api/me"));
  // @ts-expect-error it is first_name
  me.firstName;
  const projects = await unwrap(client.GET("/api/projects"));
  // @ts-expect-error it may be a page
  projects.map((project) => project.id);
  // @ts-expect-error the list shows no budget
  rowsOf(projects)[0]?.budget;
  const project = await unwrap(client.GET("/api/projects/{id}", { params: { path: { id: 1 } } }));
  // @ts-expect-error there may be no AI integration
  project.ai_integration.enabled;
  const answer = await client.GET("/api/me");
  // @ts-expect-error it may have failed
  answer.data.username;
  // @ts-expect-error there is no such code
  isApiError(undefined, "expired");
}
