import type { AnyApi, Api } from "./api.ts";
import * as registry from "./registry.ts";

/** Kafka's name of an API that we speak. */
export type ApiName = {
  [Name in keyof typeof registry]: (typeof registry)[Name] extends AnyApi ? Name : never;
}[keyof typeof registry];

/** The API of a name, with the types of its request and response. */
export type ApiNamed<Name extends ApiName> = NamedApis[Name];

type NamedApis = { readonly [Name in ApiName]: (typeof registry)[Name] };

export type RequestOf<A> = A extends Api<infer Request, infer _Response> ? Request : never;
export type ResponseOf<A> = A extends Api<infer _Request, infer Response> ? Response : never;

/** All APIs, ascending by key, and each by its name: `apis.Fetch`. */
export type ApiRegistry = readonly AnyApi[] & NamedApis;

export const apis: ApiRegistry = makeRegistry();

const byKey: ReadonlyMap<number, AnyApi> = new Map(apis.map((api) => [api.key, api]));

/** The API that this number stands for on the wire, if we speak it. */
export function apiByKey(key: number): AnyApi | undefined {
  return byKey.get(key);
}

/** The names are hidden properties of the array, so that iterating it gives each API once. */
function makeRegistry(): ApiRegistry {
  const exported: readonly unknown[] = Object.values(registry);
  const list = exported.filter(isApi).sort((one, other) => one.key - other.key);
  for (const api of list) Object.defineProperty(list, api.name, { value: api });
  return Object.freeze(list) as ApiRegistry;
}

/** An API's file exports its sentinels too. */
function isApi(value: unknown): value is AnyApi {
  return typeof value === "object" && value !== null && "request" in value && "response" in value;
}
