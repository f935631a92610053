/** How settings are changed where only all of a resource can be replaced at once (brokers before 2.3): read, change, write back. */
import {
  AlterConfigs,
  CONFIG_OPERATION_APPEND,
  CONFIG_OPERATION_DELETE,
  CONFIG_OPERATION_SET,
  KafkaError,
  UnsupportedVersionError,
} from "../../protocol/index.ts";
import { isItemFailure } from "../leaders/item-failure.ts";
import type { AdminContext } from "./admin-context.ts";
import { type ConfigChanges, operationsFrom } from "./config-changes.ts";
import type { ConfigEntry, ConfigSource } from "./config-entry.ts";
import { type ConfigResource, codeOfType } from "./config-resource.ts";
import { describeConfigs } from "./describe-configs.ts";
import { askAboutResources, type ResourceAnswer, type ResourceRow } from "./resource-call.ts";

type Outcome = ResourceAnswer<ResourceRow> | KafkaError;

interface Replacement extends ConfigResource {
  readonly changes: ConfigChanges;
  readonly settings: ReadonlyMap<string, string>;
}

/** What came of each, by its changes. */
export async function replaceConfigs(
  context: AdminContext,
  changes: readonly ConfigChanges[],
  { validateOnly }: { readonly validateOnly: boolean },
): Promise<ReadonlyMap<ConfigChanges, Outcome>> {
  const outcomes = new Map<ConfigChanges, Outcome>();
  const replacements: Replacement[] = [];
  const current = await Promise.all(changes.map((change) => currentConfigs(context, change)));
  for (const [index, change] of changes.entries()) {
    const configs = current[index];
    if (configs === undefined) continue;
    const settings = configs instanceof KafkaError ? configs : changedSettings(configs, change);
    if (settings instanceof KafkaError) outcomes.set(change, settings);
    else replacements.push({ type: change.type, name: change.name, changes: change, settings });
  }
  const written = await askAboutResources(context, {
    api: AlterConfigs,
    items: replacements,
    target: { kind: "controller" },
    body: (items) => ({
      resources: items.map(({ type, name, settings }) => ({
        resourceType: codeOfType(type),
        resourceName: name,
        configs: Array.from(settings, ([config, value]) => ({ name: config, value })),
      })),
      validateOnly,
    }),
    rows: ({ responses }) => responses,
  });
  for (const { item, outcome } of written) outcomes.set(item.changes, outcome);
  return outcomes;
}

async function currentConfigs(
  context: AdminContext,
  { type, name }: ConfigChanges,
): Promise<ReadonlyMap<string, ConfigEntry> | KafkaError> {
  try {
    const [described] = await describeConfigs(context, [{ type, name }]);
    return described?.configs ?? new Map();
  } catch (error) {
    if (isItemFailure(error, context.deadline)) return error;
    throw error;
  }
}

/** All that shall be set of the resource from now on; or why that cannot be known. */
function changedSettings(
  configs: ReadonlyMap<string, ConfigEntry>,
  change: ConfigChanges,
): ReadonlyMap<string, string> | KafkaError {
  const settings = new Map<string, string>();
  const operations = operationsFrom(change);
  const isReplaced = (name: string): boolean =>
    operations.some(
      (one) =>
        one.name === name && (one.configOperation === CONFIG_OPERATION_SET || one.configOperation === CONFIG_OPERATION_DELETE),
    );
  for (const { name, value, source } of configs.values()) {
    if (source !== ownSource(change) || isReplaced(name)) continue;
    if (value !== null) settings.set(name, value);
    else
      return new UnsupportedVersionError(`'${name}' is a secret, which cannot be read and would be lost`, {
        api: AlterConfigs.name,
      });
  }
  for (const { name, configOperation, value } of operations) {
    if (configOperation === CONFIG_OPERATION_SET) settings.set(name, value ?? "");
    if (configOperation === CONFIG_OPERATION_SET || configOperation === CONFIG_OPERATION_DELETE) continue;
    const elements = elementsOf(configs.get(name)?.value ?? "");
    settings.set(name, changedList(elements, elementsOf(value ?? ""), configOperation).join(","));
  }
  return settings;
}

/** Where a value comes from that was set for the resource itself, not for something that it inherits from. */
function ownSource({ type, name }: ConfigResource): ConfigSource {
  if (type === "topic") return "topic";
  return name === "" ? "dynamicDefaultBroker" : "dynamicBroker";
}

function elementsOf(list: string): readonly string[] {
  return list
    .split(",")
    .map((element) => element.trim())
    .filter((element) => element !== "");
}

function changedList(elements: readonly string[], change: readonly string[], configOperation: number): readonly string[] {
  if (configOperation === CONFIG_OPERATION_APPEND) return [...elements, ...change.filter((element) => !elements.includes(element))];
  return elements.filter((element) => !change.includes(element));
}
