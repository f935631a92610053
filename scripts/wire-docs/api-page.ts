import { requestHeaderVersion, responseHeaderVersion } from "../../src/protocol/api/api.ts";
import { type AnyApi, NEVER_FLEXIBLE } from "../../src/protocol/index.ts";
import type { DocumentedApi } from "./documented-api.ts";
import { messageTables } from "./field-table.ts";
import { messageExample } from "./hex-example.ts";
import { capitalised, code, joinSections, link, table } from "./markdown.ts";
import { pageFileOf } from "./page-file.ts";
import { prose } from "./prose.ts";
import { rangeText, versionSetText, versionsIn } from "./version-set.ts";

/** The page of one API. */
export function apiPage(documented: DocumentedApi): string {
  const { api, source } = documented;
  const [purpose = "", ...more] = source.header.purpose;
  const own = pageFileOf(api.name);
  return joinSections([
    `# ${api.name} (key ${api.key})`,
    prose(capitalised(purpose), own),
    ...more.map((paragraph) => prose(paragraph, own)),
    factTable(documented),
    versionTable(documented),
    ...messageTables(documented, "Request"),
    ...messageTables(documented, "Response"),
    ...namedValues(documented),
    ...examples(api),
    `${link("All APIs", "README.md")} · ${link("how to read these tables", "README.md#how-to-read-a-page")} · ` +
      `${link("error codes", "errors.md")}`,
  ]);
}

function factTable({ api, sourceFile }: DocumentedApi): string {
  const client = rangeText(api.clientVersions);
  const differs = client !== rangeText(api.versions);
  return table(
    ["Key", "Versions", "Flexible", "Request header", "Response header", ...(differs ? ["A client chooses"] : []), "Source"],
    [
      [
        String(api.key),
        rangeText(api.versions),
        flexibleText(api),
        headerText(api, requestHeaderVersion),
        headerText(api, responseHeaderVersion),
        ...(differs ? [client] : []),
        link(code(sourceFile.replace(/.*\//, "")), `../../${sourceFile}`),
      ],
    ],
  );
}

/** The versions with compact lengths and tagged fields. */
export function flexibleText({ flexibleSince, versions }: AnyApi): string {
  if (flexibleSince === NEVER_FLEXIBLE || flexibleSince > versions[1]) return "never";
  return flexibleSince <= versions[0] ? "all" : `${flexibleSince}+`;
}

/** `1`, or `1, from v9 on 2`. */
function headerText(api: AnyApi, headerVersion: (api: AnyApi, version: number) => number): string {
  const all = versionsIn(api.versions);
  const numbers = [...new Set(all.map((version) => headerVersion(api, version)))];
  return numbers
    .map((number) => {
      const versions = all.filter((version) => headerVersion(api, version) === number);
      return numbers.length === 1 ? String(number) : `${number} (v${versionSetText(versions, api.versions)})`;
    })
    .join(", ");
}

function versionTable({ api, source }: DocumentedApi): string {
  const own = pageFileOf(api.name);
  const rows = [...source.header.versions].map(([version, change]) => [`v${version}`, prose(change, own)]);
  return table(["Version", "What changed"], rows);
}

function namedValues({ source, api }: DocumentedApi): readonly string[] {
  if (source.namedValues.length === 0) return [];
  const rows = source.namedValues.map(({ name, value, doc }) => [code(name), code(value), prose(doc, pageFileOf(api.name))]);
  return ["## Named values", "Constants that the package exports.", table(["Name", "Value", "Meaning"], rows)];
}

function examples(api: AnyApi): readonly string[] {
  const sections = (["request", "response"] as const).flatMap((kind) => {
    const example = messageExample(api, kind);
    if (example === undefined) return [];
    return [`### ${capitalised(kind)} v${example.version}, ${example.frameBytes} bytes`, example.annotatedHex];
  });
  if (sections.length === 0) return [];
  return [
    "## Byte by byte",
    "Written by Kafka's own classes. The values are test data: they show the layout, not a sensible message.",
    ...sections,
  ];
}
