import type { ConfigChanges, ConfigEntry, ConfigResource, ConfigResourceType } from "../../index.ts";
import { type AdminCall, adminCommand, type Printed } from "../admin-command.ts";
import type { Command } from "../command.ts";
import { harmless } from "../harmless-text.ts";
import { failuresIn, itemsOf, reportOn } from "../item-report.ts";
import { textTable } from "../text-table.ts";
import { UsageError } from "../usage-error.ts";

const RESOURCES = "topic NAME, broker ID, broker all (what all have in common), group NAME, logger ID, metrics NAME";

export const configs: Command = adminCommand({
  name: "configs",
  summary: `shows and changes settings. WHOSE is one of: ${RESOURCES}`,
  subcommands: [
    {
      name: "describe",
      parameters: "WHOSE [--all] [--synonyms] [--explain]",
      summary:
        "what somebody has set; --all: also Kafka's defaults; --synonyms: every place that sets a value; --explain: what it means",
      options: { all: { type: "boolean" }, synonyms: { type: "boolean" }, explain: { type: "boolean" } },
      run: describeConfigs,
    },
    {
      name: "set",
      parameters: "WHOSE NAME=VALUE... [--dry-run]",
      summary: "NAME+=VALUE adds to a list, NAME-=VALUE takes out of it; --dry-run only checks",
      options: { "dry-run": { type: "boolean" } },
      run: setConfigs,
    },
    {
      name: "unset",
      parameters: "WHOSE NAME... [--dry-run]",
      summary: "the settings fall back to their defaults",
      options: { "dry-run": { type: "boolean" } },
      run: unsetConfigs,
    },
  ],
});

const TYPES: ReadonlyMap<string, ConfigResourceType> = new Map([
  ["topic", "topic"],
  ["broker", "broker"],
  ["group", "group"],
  ["logger", "brokerLogger"],
  ["metrics", "clientMetrics"],
]);

interface Named {
  readonly resource: ConfigResource;
  readonly rest: readonly string[];
}

/** `topic orders …`. */
function resourceFrom([word, name, ...rest]: readonly string[]): Named {
  const type = TYPES.get(word ?? "");
  if (type === undefined || name === undefined) throw new UsageError(`say whose settings: ${RESOURCES}`);
  return { resource: { type, name: type === "broker" && name === "all" ? "" : name }, rest };
}

function labelOf({ type, name }: ConfigResource): string {
  return type === "broker" && name === "" ? "all brokers" : `${type} ${name}`;
}

async function describeConfigs({ admin, names, flag }: AdminCall): Promise<Printed> {
  const { resource, rest } = resourceFrom(names);
  if (rest.length > 0) throw new UsageError("one at a time");
  const [withSynonyms, withMeaning] = [flag("synonyms"), flag("explain")];
  const described = await itemsOf(
    [resource.name],
    () => resource,
    () => admin.describeConfigs([resource], { includeSynonyms: withSynonyms, includeDocumentation: withMeaning }),
  );
  const entries = described
    .flatMap((one) => (one.error === undefined && one.configs !== undefined ? [...one.configs.values()] : []))
    .filter(({ isDefault }) => flag("all") || !isDefault)
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
  const failures = failuresIn(described);
  const nothing = `${harmless(labelOf(resource))}: nothing is set; --all shows the defaults\n`;
  const table = entries.length === 0 ? nothing : configsTable(entries, withSynonyms, withMeaning);
  return {
    text: failures.text === "" ? table : failures.text,
    json: failures.json.length > 0 ? failures.json : entries,
    hasFailures: failures.json.length > 0,
  };
}

function configsTable(entries: readonly ConfigEntry[], withSynonyms: boolean, withMeaning: boolean): string {
  const columns = [
    { title: "NAME" },
    { title: "VALUE" },
    { title: "FROM" },
    ...(withSynonyms ? [{ title: "ALSO SET BY" }] : []),
    ...(withMeaning ? [{ title: "MEANING" }] : []),
  ];
  const rows = entries.map((entry) => [
    entry.name,
    shownValue(entry),
    entry.isReadOnly ? `${entry.source}, read-only` : entry.source,
    ...(withSynonyms ? [synonymsOf(entry)] : []),
    ...(withMeaning ? [withoutMarkup(entry.documentation ?? "")] : []),
  ]);
  return textTable(columns, rows);
}

function shownValue({ value, isSensitive }: Pick<ConfigEntry, "value"> & { readonly isSensitive?: boolean }): string {
  if (isSensitive === true) return "(secret)";
  return value ?? "(none)";
}

/** The strongest one is the value in force, which stands in front already. */
function synonymsOf({ synonyms }: ConfigEntry): string {
  return synonyms
    .slice(1)
    .map((synonym) => `${synonym.source}: ${synonym.name}=${shownValue(synonym)}`)
    .join("; ");
}

/** Kafka explains its settings in HTML. */
function withoutMarkup(html: string): string {
  return html
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll(/\s+/g, " ")
    .trim();
}

const CHANGE = /^([^=]*?)([+-]?)=(.*)$/s;

async function setConfigs(call: AdminCall): Promise<Printed> {
  const { resource, rest } = resourceFrom(call.names);
  if (rest.length === 0) throw new UsageError("say NAME=VALUE");
  const kinds = { "": new Map<string, string>(), "+": new Map<string, string>(), "-": new Map<string, string>() };
  for (const text of rest) {
    const [, name = "", sign, value = ""] = CHANGE.exec(text) ?? [];
    if (name === "") throw new UsageError(`set takes NAME=VALUE, not '${text}'`);
    kinds[sign === "+" || sign === "-" ? sign : ""].set(name, value);
  }
  return await change(call, {
    ...resource,
    set: Object.fromEntries(kinds[""]),
    append: Object.fromEntries(kinds["+"]),
    subtract: Object.fromEntries(kinds["-"]),
  });
}

async function unsetConfigs(call: AdminCall): Promise<Printed> {
  const { resource, rest } = resourceFrom(call.names);
  if (rest.length === 0) throw new UsageError("say which settings");
  return await change(call, { ...resource, delete: rest });
}

async function change({ admin, flag }: AdminCall, changes: ConfigChanges): Promise<Printed> {
  const isDry = flag("dry-run");
  const results = await itemsOf(
    [changes.name],
    () => changes,
    () => admin.incrementalAlterConfigs([changes], { validateOnly: isDry }),
  );
  const named = results.map(({ error }) => ({ name: labelOf(changes), error }));
  return reportOn(named, { done: isDry ? "could be changed so" : "changed" });
}
