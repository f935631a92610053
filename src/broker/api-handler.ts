/** What a file in `handlers/` is: one API, how the broker answers it, and how it refuses it. */
import type { AnyApi, Api, Draft } from "../protocol/index.ts";
import type { FaultScope } from "./faults/fault-scope.ts";
import type { UnnamedPlace } from "./faults/fault-target.ts";
import type { NO_ANSWER } from "./no-answer.ts";
import type { RequestContext } from "./request-context.ts";

type Outcome<Response> = Draft<Response> | typeof NO_ANSWER;

export interface HandlerDefinition<Request, Response> {
  /** Carries the request out and answers. The connection takes its next request when this is done, as a real broker does. */
  answer(
    this: HandlerDefinition<Request, Response>,
    request: Request,
    context: RequestContext,
  ): Outcome<Response> | Promise<Outcome<Response>>;
  /**
   * The answer that refuses the whole request with this code and carries nothing out, every item of the request named, as Java's
   * `getErrorResponse` does.
   */
  refuse(request: Request, errorCode: number, context: RequestContext): Draft<Response>;
  readonly faultScope?: FaultScope;
  /** Partitions that the request means without naming them, so that faults can be aimed at them. */
  readonly unnamedPlaces?: (request: Request, context: RequestContext) => readonly UnnamedPlace[];
}

/** A definition whose types the dispatcher need not know. */
export interface Handler {
  readonly api: AnyApi;
  readonly faultScope: FaultScope;
  answer(request: unknown, context: RequestContext): unknown;
  refuse(request: unknown, errorCode: number, context: RequestContext): unknown;
  unnamedPlaces(request: unknown, context: RequestContext): readonly UnnamedPlace[];
}

export function defineHandler<Request, Response>(
  api: Api<Request, Response>,
  definition: HandlerDefinition<Request, Response>,
): Handler {
  return {
    faultScope: "request",
    ...definition,
    api: api as AnyApi,
    // The dispatcher decodes by this api's layout, so the body has its type.
    answer: (request, context) => definition.answer(request as Request, context),
    refuse: (request, errorCode, context) => definition.refuse(request as Request, errorCode, context),
    unnamedPlaces: (request, context) => definition.unnamedPlaces?.(request as Request, context) ?? [],
  };
}
