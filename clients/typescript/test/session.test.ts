import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createClient, isApiError, memoryStore, rowsOf, submit, unwrap, type TokenStore } from "../src/index.js";
import { eventually, Server } from "./server.js";

const password = "correct horse battery";
const life = 3; // seconds that an access token is good

for (const rotates of ["0", "1"]) {
  let server: Server;
  /** Every request that went to the API. */
  let asked: string[] = [];

  const counted = async (request: Request): Promise<Response> => {
    asked.push(`${request.method} ${new URL(request.url).pathname}`);
    return fetch(request);
  };
  const newClient = (store: TokenStore = memoryStore()) => createClient({ baseUrl: server.url, store, fetch: counted });
  const expired = () => new Promise((resolve) => setTimeout(resolve, life * 1000 + 50));
  const renewals = () => asked.filter((request) => request === "POST /api/token/refresh").length;
  const it = (name: string, run: () => Promise<void>) =>
    test(`${name}, rotation ${rotates}`, async () => {
      asked = [];
      await run();
    });

  before(async () => {
    server = await Server.start({ JWT_ACCESS_TOKEN_LIFETIME: `${life}s`, JWT_ROTATE_REFRESH_TOKENS: rotates });
    await server.signUp(`ann${rotates}`, password);
  });
  after(() => server.stop());

  const loggedIn = async (store?: TokenStore) => {
    const client = newClient(store);
    assert.equal(await client.session.logIn(`ann${rotates}`, password), `ann${rotates}`);
    return client;
  };

  it("an expired token is renewed once, however many requests find it expired", async () => {
    const client = await loggedIn();
    await expired();
    const answers = await Promise.all(Array.from({ length: 8 }, () => unwrap(client.GET("/api/me"))));
    assert.deepEqual(new Set(answers.map((me) => me.username)), new Set([`ann${rotates}`]));
    assert.equal(renewals(), 1);
  });

  it("a body is sent again with the new token", async () => {
    const client = await loggedIn();
    await expired();
    const project = await unwrap(client.POST("/api/projects", { body: { name: "Claims", reports: [{ name: "Board report" }] } }));
    assert.equal(project.reports[0]?.name, "Board report");
    const list = await unwrap(client.GET("/api/projects", { params: { query: { search: "Claims" } } }));
    assert.ok(rowsOf(list).some((row) => row.id === project.id));
  });

  it("two sessions on one store go on beside each other", async () => {
    const store = memoryStore();
    const [one, other] = [await loggedIn(store), newClient(store)];
    for (let round = 0; round < 2; round++) {
      await expired();
      await Promise.all([unwrap(one.GET("/api/me")), unwrap(other.GET("/api/me"))]);
    }
  });

  it("a login that ended elsewhere is told of and forgotten", async () => {
    const client = await loggedIn();
    let told = 0;
    client.session.onLogOut(() => told++);
    await unwrap((await loggedIn()).DELETE("/api/me/sessions"));
    await eventually(async () => (await client.GET("/api/me")).response.status === 401); // within 5 seconds
    assert.deepEqual([told, renewals(), await client.session.isLoggedIn()], [1, 1, false]);
  });

  it("logging out ends the refresh token", async () => {
    const store = memoryStore();
    const client = await loggedIn(store);
    const tokens = await store.read();
    await client.session.logOut();
    assert.equal(await client.session.isLoggedIn(), false);
    const again = await newClient().POST("/api/token/refresh", { body: { refresh: tokens!.refresh } });
    assert.equal(again.error?.code, "token_not_valid");
  });

  it("failures say what and where", async () => {
    const client = await loggedIn();
    await assert.rejects(newClient().session.logIn("nobody", "wrong"), (error) => isApiError(error, "invalid_credentials") && error.status === 401);
    await assert.rejects(unwrap(client.POST("/api/projects", { body: { name: " " } })), (error) =>
      isApiError(error, "invalid") && error.fields.name?.length === 1 && error.requestId !== "",
    );
    const created = await client.POST("/api/projects", { body: { name: "First" } });
    const id = created.data!.id;
    const change = (name: string) =>
      unwrap(client.PATCH("/api/projects/{id}", { params: { path: { id }, header: { "If-Match": created.response.headers.get("ETag")! } }, body: { name } }));
    assert.equal((await change("Second")).name, "Second");
    await assert.rejects(change("Third"), (error) => isApiError(error, "precondition_failed") && error.current?.name === "Second");
  });

  it("what is submitted arrives once, however often it is sent", async () => {
    let tries = 0;
    const flaky = createClient({
      baseUrl: server.url,
      fetch: async (request) => {
        const answer = await fetch(request);
        if (++tries < 3) throw new TypeError("the answer is lost");
        return answer;
      },
    });
    const body = { name: `Bea${rotates}`, email: "bea@example.com", message: "Hello" };
    const sent = await submit(
      (key) => unwrap(flaky.POST("/api/contact", { body, params: { header: { "Idempotency-Key": key } } })), { delay: 10 });
    assert.equal(sent.success, true);
    assert.equal(tries, 3);
    const notices = async () => {
      const mails = (await (await fetch(`${server.url}/dev/mailbox/api`)).json()) as { subject: string }[];
      return mails.filter((mail) => mail.subject.endsWith(`from Bea${rotates}`)).length;
    };
    await eventually(notices);
    assert.equal(await notices(), 1);
    await assert.rejects(submit(() => Promise.reject(new TypeError("gone")), { attempts: 2, delay: 1 }), TypeError);
  });
}
