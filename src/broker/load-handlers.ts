import { readdir } from "node:fs/promises";
import type { Handler } from "./api-handler.ts";

/** By API key. */
export type Handlers = ReadonlyMap<number, Handler>;

const FOLDER = new URL("./handlers/", import.meta.url);

let loading: Promise<Handlers> | undefined;

/** Every file of `handlers/` is one: whoever adds a file has added an API (docs/decisions/0007). */
export function loadHandlers(): Promise<Handlers> {
  loading ??= loadAll();
  return loading;
}

async function loadAll(): Promise<Handlers> {
  // Source files when running from source, compiled ones otherwise; never their tests or declarations.
  const names = (await readdir(FOLDER)).filter((name) => /(?<!\.test|\.d)\.[jt]s$/.test(name)).sort();
  const handlers = await Promise.all(names.map(loadOne));
  return new Map(handlers.map((handler) => [handler.api.key, handler]));
}

async function loadOne(name: string): Promise<Handler> {
  const module: unknown = await import(/* @vite-ignore */ new URL(name, FOLDER).href);
  if (typeof module === "object" && module !== null && "handler" in module) return module.handler as Handler;
  throw new TypeError(`broker/handlers/${name} exports no handler`);
}
