/** Turns requests for changes of a resource's configuration into its new settings, or into a refusal: all of them or none. */
import { isRefusal, type Refusal, refusal } from "../cluster/refusal.ts";
import { elementsOf } from "./config-definition.ts";
import type { ConfigResource } from "./resources/config-resource.ts";

export type Settings = ReadonlyMap<string, string>;

export interface ConfigChange {
  readonly name: string;
  readonly operation: ConfigOperation;
  readonly value: string | null;
}

/** Undefined for a number that no operation has. */
export type ConfigOperation = "SET" | "DELETE" | "APPEND" | "SUBTRACT" | undefined;

/** The settings after these changes of single names. */
export function settingsAfterChanges(resource: ConfigResource, changes: readonly ConfigChange[]): Settings | Refusal {
  const refused = refusalOfList(changes);
  if (refused !== undefined) return refused;
  const wanted = new Map<string, string>();
  for (const { name, operation, value } of changes) {
    // Kafka's controller trips over an operation that it does not know.
    if (operation === undefined) return refusal("UNKNOWN_SERVER_ERROR");
    if (operation === "SET") wanted.set(name, value ?? "");
    if (operation !== "APPEND" && operation !== "SUBTRACT") continue;
    const definition = resource.definition(name);
    if (definition?.type !== "list") {
      return refusal("INVALID_CONFIG", `Can't ${operation} to key ${name} because its type is not LIST.`);
    }
    const present = resource.settings.get(name) ?? definition.defaultValue ?? "";
    wanted.set(name, changedList(present, operation, value ?? ""));
  }
  const unchangeable = resource.refusalOfNames(changes.map(({ name }) => name));
  if (unchangeable !== undefined) return unchangeable;
  const checked = resource.check(wanted);
  if (isRefusal(checked)) return checked;
  const settings = new Map(resource.settings);
  for (const { name, operation } of changes) if (operation === "DELETE") settings.delete(name);
  for (const [name, value] of checked) settings.set(name, value);
  return resource.refusalOfSettings?.(settings) ?? settings;
}

/** The settings when these alone shall be left (AlterConfigs). */
export function settingsAfterReplacement(
  resource: ConfigResource,
  configs: readonly { readonly name: string; readonly value: string | null }[],
): Settings | Refusal {
  const refused = refusalOfList(configs.map(({ name, value }) => ({ name, value, operation: "SET" })));
  if (refused !== undefined) return refused;
  const unchangeable = resource.refusalOfNames(configs.map(({ name }) => name));
  if (unchangeable !== undefined) return unchangeable;
  const checked = resource.check(new Map(configs.map(({ name, value }) => [name, value ?? ""])));
  return isRefusal(checked) ? checked : (resource.refusalOfSettings?.(checked) ?? checked);
}

function refusalOfList(changes: readonly ConfigChange[]): Refusal | undefined {
  if (new Set(changes.map(({ name }) => name)).size < changes.length) {
    return refusal("INVALID_REQUEST", "Error due to duplicate config keys");
  }
  const withoutValue = changes.filter(
    ({ operation, value }) => operation !== "DELETE" && operation !== undefined && value === null,
  );
  if (withoutValue.length === 0) return undefined;
  return refusal("INVALID_REQUEST", `Null value not supported for : ${withoutValue.map(({ name }) => name).join(",")}`);
}

function changedList(present: string, operation: "APPEND" | "SUBTRACT", value: string): string {
  const elements = new Set(elementsOf(present));
  for (const element of elementsOf(value)) {
    if (operation === "APPEND") elements.add(element);
    else elements.delete(element);
  }
  return [...elements].join(",");
}
