import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { AnyApi } from "../../src/protocol/index.ts";
import { type MergedField, mergeVersions } from "./merged-field.ts";
import { kebabCase } from "./page-file.ts";
import { type ApiSource, parseApiSource } from "./parse-api-source.ts";
import { namedType } from "./parse-interfaces.ts";
import { versionsIn } from "./version-set.ts";

/** An API of the registry with what its source file says of it. */
export interface DocumentedApi {
  readonly api: AnyApi;
  readonly source: ApiSource;
  /** From the root of the repository. */
  readonly sourceFile: string;
  readonly request: readonly MergedField[];
  readonly response: readonly MergedField[];
}

/** Reads the source of an API and compares it with its layouts; whatever is missing or does not fit is told to `problem`. */
export function documentedApi(api: AnyApi, root: string, problem: (text: string) => void): DocumentedApi | undefined {
  const sourceFile = `src/protocol/api/${kebabCase(api.name)}.ts`;
  const tell = (text: string): void => problem(`${sourceFile}: ${text}`);
  const path = join(root, sourceFile);
  if (!existsSync(path)) {
    tell("is missing");
    return undefined;
  }
  const source = parseApiSource(readFileSync(path, "utf8"), tell);
  if (source === undefined) return undefined;
  compareHeader(api, source, tell);
  const request = mergeVersions(api.request, api.versions);
  const response = mergeVersions(api.response, api.versions);
  compareFields(request, source.requestType, source, tell);
  compareFields(response, source.responseType, source, tell);
  return { api, source, sourceFile, request, response };
}

function compareHeader({ name, key, versions }: AnyApi, { header }: ApiSource, problem: (text: string) => void): void {
  if (header.name !== name || header.key !== key)
    problem(`its header is of ${header.name} (key ${header.key}), not ${name} (key ${key})`);
  const known = versionsIn(versions);
  for (const version of known) if (!header.versions.has(version)) problem(`its header says nothing of v${version}`);
  for (const version of header.versions.keys())
    if (!known.includes(version)) problem(`its header tells of v${version}, which is not spoken`);
}

function compareFields(fields: readonly MergedField[], type: string, source: ApiSource, problem: (text: string) => void): void {
  const declared = source.interfaces.get(type);
  if (declared === undefined) {
    problem(`declares no interface ${type}`);
    return;
  }
  for (const field of fields) {
    const known = declared.fields.get(field.name);
    if (known === undefined) problem(`${type} does not declare ${field.name}`);
    else if (field.type === "struct") compareFields(field.fields, namedType(known.type), source, problem);
  }
  const names = new Set(fields.map(({ name }) => name));
  for (const name of declared.fields.keys()) if (!names.has(name)) problem(`the layout of ${type} has no ${name}`);
}
