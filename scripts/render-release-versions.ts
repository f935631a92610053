/**
 * Renders src/protocol/releases/release-versions.ts from the classes of each Kafka release and from what a real broker of it answered
 * (fixtures/broker-api-versions.json). `--record` asks those brokers anew: 27 of them, one after the other. Both need a JDK 17 and
 * Maven, which fetches some 1.2 GB the first time.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { distributions } from "./release-versions/kafka-releases.ts";
import { type RecordedAnswer, recordAnswer } from "./release-versions/record-answers.ts";
import { type ReleaseFacts, releaseFacts } from "./release-versions/release-facts.ts";
import { renderTable } from "./release-versions/render-table.ts";

const ANSWERS = fileURLToPath(new URL("../fixtures/broker-api-versions.json", import.meta.url));
const TABLE = fileURLToPath(new URL("../src/protocol/releases/release-versions.ts", import.meta.url));

async function record(): Promise<void> {
  const answers: RecordedAnswer[] = [];
  for (const distribution of distributions) {
    const answer = await recordAnswer(distribution);
    console.log(`Kafka ${answer.kafka} (${answer.mode}) answered ApiVersions 0 and ${answer.version}`);
    answers.push(answer);
  }
  writeFileSync(ANSWERS, `${JSON.stringify(answers, null, 1)}\n`);
}

async function render(): Promise<void> {
  const answers: readonly RecordedAnswer[] = JSON.parse(readFileSync(ANSWERS, "utf8"));
  const facts: ReleaseFacts[] = [];
  for (const distribution of distributions) {
    const recorded = answers.find(({ kafka }) => kafka === distribution.version);
    if (recorded === undefined) throw new Error(`no broker of Kafka ${distribution.version} has been asked yet: run with --record`);
    facts.push(await releaseFacts(distribution, recorded));
  }
  writeFileSync(TABLE, renderTable(facts));
  console.log(`${facts.length} releases; broker and classes agree on each`);
}

if (process.argv.includes("--record")) await record();
await render();
