import {
  CONFIG_OPERATION_APPEND,
  CONFIG_OPERATION_DELETE,
  CONFIG_OPERATION_SET,
  CONFIG_OPERATION_SUBTRACT,
  type IncrementalAlterConfigsChange,
} from "../../protocol/index.ts";
import { ArgumentProblems, quoted } from "./arguments.ts";
import { type ConfigResource, checkResources } from "./config-resource.ts";

/** What shall change of a resource's settings; the others stay as they are. All of it happens, or nothing. */
export interface ConfigChanges extends ConfigResource {
  readonly set?: Readonly<Record<string, string>>;
  /** These fall back to their defaults. */
  readonly delete?: readonly string[];
  /** Elements to add to settings that are lists, with commas between them. */
  readonly append?: Readonly<Record<string, string>>;
  /** Elements to take out of settings that are lists. */
  readonly subtract?: Readonly<Record<string, string>>;
}

/** As the request wants it. */
export function operationsFrom({
  set = {},
  delete: deleted = [],
  append = {},
  subtract = {},
}: ConfigChanges): readonly IncrementalAlterConfigsChange[] {
  const operations = (values: Readonly<Record<string, string>>, configOperation: number) =>
    Object.entries(values).map(([name, value]) => ({ name, configOperation, value }));
  return [
    ...operations(set, CONFIG_OPERATION_SET),
    ...deleted.map((name) => ({ name, configOperation: CONFIG_OPERATION_DELETE, value: null })),
    ...operations(append, CONFIG_OPERATION_APPEND),
    ...operations(subtract, CONFIG_OPERATION_SUBTRACT),
  ];
}

export function checkConfigChanges(changes: readonly ConfigChanges[]): void {
  const problems = new ArgumentProblems("incrementalAlterConfigs");
  checkResources(problems, changes);
  for (const change of changes) {
    const where = `${change.type} ${quoted(change.name)}`;
    const operations = operationsFrom(change);
    problems.require(operations.length > 0, () => `${where}: nothing to set, delete, append or subtract`);
    const names = operations.map(({ name }) => name);
    for (const name of names) problems.requireName("setting", name);
    const twice = names.filter((name, index) => names.indexOf(name) !== index);
    problems.require(twice.length === 0, () => `${where}: ${twice.map(quoted).join(", ")} is to be changed in two ways`);
    for (const { name, configOperation, value } of operations) {
      const isFine = configOperation === CONFIG_OPERATION_DELETE || typeof value === "string";
      problems.require(isFine, () => `${where}: the value of ${quoted(name)} must be text, not ${quoted(value)}`);
    }
  }
  problems.throwIfAny();
}
