import type { SupportedApi } from "../../index.ts";
import { type AdminCall, adminCommand, numberOf, type Printed } from "../admin-command.ts";
import type { Command } from "../command.ts";
import { harmless } from "../harmless-text.ts";
import { failuresIn } from "../item-report.ts";
import { textTable } from "../text-table.ts";
import { UsageError } from "../usage-error.ts";

export const apiVersions: Command = adminCommand({
  name: "api-versions",
  summary: "shows which versions of each API the brokers speak, and which one this client would choose",
  standard: "show",
  subcommands: [
    {
      name: "show",
      parameters: "[--node ID]...",
      summary: "brokers that say the same share a table",
      options: { node: { type: "string", multiple: true } },
      run: showVersions,
    },
  ],
});

async function showVersions({ admin, names, values }: AdminCall): Promise<Printed> {
  if (names.length > 0) throw new UsageError("api-versions takes no names");
  const nodeIds = values("node").map((text) => numberOf("--node", text));
  const brokers = await admin.describeApiVersions(nodeIds.length === 0 ? {} : { nodeIds });
  const alike = new Map<string, { readonly brokers: string[]; readonly apis: readonly SupportedApi[] }>();
  for (const { nodeId, host, port, apis } of brokers) {
    if (apis === undefined) continue;
    const key = JSON.stringify(apis);
    const group = alike.get(key) ?? { brokers: [], apis };
    group.brokers.push(`${host}:${port} (id ${nodeId})`);
    alike.set(key, group);
  }
  const failures = failuresIn(brokers.map(({ host, port, nodeId, error }) => ({ name: `${host}:${port} (id ${nodeId})`, error })));
  const tables = Array.from(alike.values(), (group) => `${group.brokers.map(harmless).join(", ")}\n${apisTable(group.apis)}`);
  return {
    text: [...tables, failures.text].filter((text) => text !== "").join("\n"),
    json: [...brokers.filter(({ error }) => error === undefined), ...failures.json],
    hasFailures: failures.json.length > 0,
  };
}

function apisTable(apis: readonly SupportedApi[]): string {
  const columns = [
    { title: "KEY", isNumber: true },
    { title: "API" },
    { title: "FROM", isNumber: true },
    { title: "TO", isNumber: true },
    { title: "WE USE", isNumber: true },
  ];
  const rows = apis.map(({ key, name, min, max, usable }) => [
    String(key),
    name ?? "(unknown to this client)",
    String(min),
    String(max),
    usable === undefined ? "-" : String(usable),
  ]);
  return textTable(columns, rows);
}
