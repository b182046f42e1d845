import type { components } from "./schema.js";

/** The body of every failure. */
export type Failure = components["schemas"]["Failure"];

/** The stable word for what went wrong; docs/frontend.md says what to do about each. */
export type ErrorCode = Failure["code"];

/** A project that was changed meanwhile, as it is now. */
export type CurrentProject = components["schemas"]["StaleFailure"]["current"];

/** What the API refused, or could not do. */
export class ApiError<Code extends ErrorCode = ErrorCode> extends Error {
  override readonly name = "ApiError";

  constructor(
    readonly status: number,
    readonly code: Code,
    message: string,
    /** What is wrong with each field at fault, by its name. */
    readonly fields: Readonly<Record<string, string[]>>,
    /** Seconds until a new try can succeed, where the API says so. */
    readonly retryAfter: number | undefined,
    /** Stands in every line of the API's log about the request. */
    readonly requestId: string,
    /** With `precondition_failed`: the project as it is now. */
    readonly current: CurrentProject | undefined,
  ) {
    super(message);
  }

  is<C extends ErrorCode>(...codes: C[]): this is ApiError<C> {
    return (codes as ErrorCode[]).includes(this.code);
  }
}

/** Tells whether an error is the API's and, where codes are given, one of them. */
export function isApiError<C extends ErrorCode>(error: unknown, ...codes: C[]): error is ApiError<C> {
  return error instanceof ApiError && (codes.length === 0 || error.is(...codes));
}

/** What the client's methods answer. */
interface Answer<Data> {
  data?: Data | undefined;
  error?: unknown;
  response: Response;
}

/** The data of an answer; a failure is thrown as an ApiError. */
export async function unwrap<Data>(answer: Answer<Data> | Promise<Answer<Data>>): Promise<Data> {
  const { data, error, response } = await answer;
  if (response.ok) return data as Data;
  throw errorOf(response, error);
}

/** The error that a failed answer is. A proxy's own pages have no code: they count as `unavailable`. */
export function errorOf(response: Response, body: unknown): ApiError {
  const failure = isFailure(body) ? body : undefined;
  const wait = Number(response.headers.get("Retry-After") ?? Number.NaN);
  return new ApiError(
    response.status,
    failure?.code ?? "unavailable",
    failure?.message ?? `The service answered ${response.status}.`,
    failure?.errors ?? {},
    Number.isFinite(wait) ? wait : undefined,
    response.headers.get("X-Request-ID") ?? "",
    failure && "current" in failure ? (failure.current as CurrentProject) : undefined,
  );
}

function isFailure(body: unknown): body is Failure {
  return typeof body === "object" && body !== null && "code" in body && "message" in body;
}
