import createFetchClient, { type FetchResponse, type MaybeOptionalInit } from "openapi-fetch";
import type { HttpMethod, MediaType, PathsWithMethod, RequiredKeysOf } from "openapi-typescript-helpers";
import type { components, paths } from "./schema.js";
import { Session, type SessionOptions } from "./session.js";

export { ApiError, errorOf, isApiError, unwrap, type CurrentProject, type ErrorCode, type Failure } from "./errors.js";
export { Session, type SessionOptions } from "./session.js";
export { isNetworkError, submit, type SubmitOptions } from "./submit.js";
export { cookieStore, expiryOf, memoryStore, type TokenStore, type Tokens } from "./tokens.js";
export type { components, operations, paths } from "./schema.js";

/** The types of what is sent and answered, by their names in the OpenAPI document. */
export type Schemas = components["schemas"];

/** What a call takes besides its path. openapi-fetch infers it from the call, and so lets keys pass that nobody knows. */
type Init<Path extends keyof paths, M extends HttpMethod> = MaybeOptionalInit<paths[Path], M & keyof paths[Path]>;

type Method<M extends HttpMethod> = <Path extends PathsWithMethod<paths, M>>(
  path: Path,
  ...init: RequiredKeysOf<Init<Path, M>> extends never ? [Init<Path, M>?] : [Init<Path, M>]
) => Promise<FetchResponse<paths[Path][M] & Record<string | number, unknown>, object, MediaType>>;

/** The typed client: each method knows its paths, what they take and what they answer. */
export interface Client {
  readonly GET: Method<"get">;
  readonly POST: Method<"post">;
  readonly PUT: Method<"put">;
  readonly PATCH: Method<"patch">;
  readonly DELETE: Method<"delete">;
  readonly session: Session;
}

/** Makes a client with a session of its own. */
export function createClient(options: SessionOptions): Client {
  const session = new Session(options);
  const methods: unknown = createFetchClient<paths>({ baseUrl: options.baseUrl, fetch: session.fetch });
  return Object.assign(methods as Omit<Client, "session">, { session }); // Client is the stricter type
}

/** The rows of a list, whether it came bare or as a page. */
export function rowsOf<Row>(list: Row[] | { results: Row[] }): Row[] {
  return Array.isArray(list) ? list : list.results;
}
