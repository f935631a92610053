import { types } from "node:util";
import { Secret } from "../../config/secret.ts";
import { IllegalStateError } from "../../errors.ts";

/**
 * A copy that can go to another thread. Secrets are spelled out, for they go no further than this process.
 *
 * @throws IllegalStateError that names what cannot: there it would be something else, or nothing
 */
export function copiedOptions<Options extends object>(options: Options): Options {
  const copied = { ...options };
  for (const [name, value] of Object.entries(options)) Reflect.set(copied, name, copyOf(value, name, []));
  return copied;
}

function copyOf(value: unknown, path: string, around: readonly object[]): unknown {
  if (typeof value === "function" || typeof value === "symbol") throw refusal(path, `a ${typeof value}`);
  if (typeof value !== "object" || value === null || isTaken(value)) return value;
  if (value instanceof Secret) return value.reveal();
  if (around.includes(value)) throw refusal(path, "an object that has itself in it");
  const within = [...around, value];
  if (Array.isArray(value)) return value.map((item: unknown, index) => copyOf(item, `${path}[${index}]`, within));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw refusal(path, `a ${value.constructor.name}`);
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, copyOf(item, `${path}.${name}`, within)]));
}

/** By `structuredClone`, without losing anything. */
function isTaken(value: object): boolean {
  return types.isArrayBufferView(value) || types.isAnyArrayBuffer(value) || types.isDate(value) || types.isRegExp(value);
}

function refusal(path: string, what: string): IllegalStateError {
  const [name = path] = path.split(/[.[]/);
  return new IllegalStateError(
    `run: option ${path} is ${what}, which cannot go to another thread: leave ${name} out, and let the module export it in its options`,
  );
}
