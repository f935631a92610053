// Rewrites fixtures/ with Apache Kafka's own classes: npx tsx test/oracle/regenerate.ts

import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { FIXTURES_FOLDER } from "../support/fixtures.ts";
import { scratchFolder } from "../support/scratch-folder.ts";
import { generateCompactSet } from "./fixture-sets.ts";
import { generateGroupCoordinatorSet } from "./group-coordinator-set.ts";
import { generateLibrdkafkaSet } from "./librdkafka-set.ts";

const GZIP_SYSTEM_AT = 9;
const UNKNOWN_SYSTEM = 255;

const scratch = scratchFolder();
try {
  await generateCompactSet(scratch.path);
  await generateGroupCoordinatorSet(scratch.path);
  await generateLibrdkafkaSet(scratch.path);
  for (const file of readdirSync(scratch.path).sort()) {
    const content = readFileSync(join(scratch.path, file));
    if (file.endsWith(".jsonl")) writeCompressed(`${file}.gz`, content);
    else
      write(
        file,
        content,
        existingContent(file, (bytes) => bytes),
      );
  }
} finally {
  scratch.remove();
}

/** Compares what is inside: zlib may compress differently from one Node to the next, which is no change. */
function writeCompressed(file: string, content: Buffer): void {
  const compressed = gzipSync(content, { level: 9 });
  compressed[GZIP_SYSTEM_AT] = UNKNOWN_SYSTEM; // node writes no time, but the platform
  const isSame = existingContent(file, gunzipSync)?.equals(content) ?? false;
  write(file, compressed, isSame ? compressed : undefined);
}

function existingContent(file: string, unpack: (bytes: Buffer) => Buffer): Buffer | undefined {
  const path = join(FIXTURES_FOLDER, file);
  return existsSync(path) ? unpack(readFileSync(path)) : undefined;
}

function write(file: string, content: Buffer, existing: Buffer | undefined): void {
  const isSame = existing?.equals(content) ?? false;
  if (!isSame) writeFileSync(join(FIXTURES_FOLDER, file), content);
  process.stdout.write(`${isSame ? "unchanged" : "written  "} ${file}\n`);
}
