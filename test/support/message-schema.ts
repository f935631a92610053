// Kafka's own message schemas (common/message/*.json), as kafka-clients carries them. Read from the jar when a test needs them;
// the repository holds no copy.

import { zipEntries } from "./zip-file.ts";

export interface FieldSchema {
  readonly name: string;
  /** `int32`, `string`, `[]int32`, `[]TopicData`, … */
  readonly type: string;
  readonly versions: string;
  readonly nullableVersions?: string;
  readonly taggedVersions?: string;
  readonly tag?: number;
  /** Overrides the message's, where it is there: `none` for RequestHeader.ClientId. */
  readonly flexibleVersions?: string;
  /** As written in the file: `"-1"`, `-1`, `"0x7fffffff"`, `"null"`, `false`. */
  readonly default?: string | number | boolean;
  /** A value that a version lacks may be dropped silently. */
  readonly ignorable?: boolean;
  readonly mapKey?: boolean;
  readonly entityType?: string;
  readonly about?: string;
  readonly zeroCopy?: boolean;
  readonly fields?: readonly FieldSchema[];
}

export interface StructSchema {
  readonly name: string;
  readonly versions?: string;
  readonly fields: readonly FieldSchema[];
}

export interface MessageSchema {
  readonly name: string;
  readonly type: "request" | "response" | "header" | "data";
  readonly apiKey?: number;
  /** `0-3`, `2`, `none`. */
  readonly validVersions: string;
  readonly flexibleVersions?: string;
  readonly deprecatedVersions?: string;
  readonly latestVersionUnstable?: boolean;
  readonly listeners?: readonly string[];
  readonly commonStructs?: readonly StructSchema[];
  readonly fields: readonly FieldSchema[];
}

const SCHEMA_FILE = /^common\/message\/[^/]+\.json$/;

/** Every schema in a kafka-clients jar, in the order of its name. */
export function schemasInJar(jar: string): readonly MessageSchema[] {
  const files = zipEntries(jar).filter((entry) => SCHEMA_FILE.test(entry.name));
  if (files.length === 0) throw new Error(`${jar} holds no message schemas`);
  const schemas = files.map((file): MessageSchema => {
    const schema: MessageSchema = JSON.parse(withoutComments(new TextDecoder().decode(file.read())));
    return schema.fields === undefined ? { ...schema, fields: [] } : schema;
  });
  return schemas.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** JSON without its `//` comments. A string may hold two slashes, so strings are skipped whole. */
export function withoutComments(json: string): string {
  return json.replace(/"(?:[^"\\]|\\.)*"|\/\/[^\n]*/g, (found) => (found.startsWith("//") ? "" : found));
}
