/** `npm run -s bench -- SUITE`: kafkawire beside its peers. See README.md. */
import { existsSync } from "node:fs";
import { brokerSuite } from "./broker/broker-suite.ts";
import { runBrokers } from "./broker/run-brokers.ts";
import { consumeSuite } from "./consume/consume-suite.ts";
import { runConsume } from "./consume/run-consume.ts";
import { groupsSuite } from "./groups/groups-suite.ts";
import { runGroups } from "./groups/run-groups.ts";
import { caseFile, measure, type ReadyClient } from "./measure.ts";
import { type Options, oneOf, optionsFromArguments, picked, USAGE, UsageError } from "./options.ts";
import { BuildCopy, buildOwn, ownVersion } from "./own-build.ts";
import { installPeers, peerProblem, peerVersion, sharedNode } from "./peers.ts";
import { produceSuite } from "./produce/produce-suite.ts";
import { publishedSuite } from "./produce/published-suite.ts";
import { runProduce } from "./produce/run-produce.ts";
import { runPublished } from "./produce/run-published.ts";
import { keepResults, writeReadme } from "./results.ts";
import { protocolSuite, type Suite } from "./suites.ts";
import { ratiosLine, resultLine, type UnavailableLine } from "./summary.ts";
import { type Outcome, textTables } from "./tables.ts";

const suites: readonly Suite[] = [protocolSuite, produceSuite, publishedSuite, consumeSuite, groupsSuite, brokerSuite];
const OWN = "kafkawire";
const FULL = { warmUpMs: 700, measureMs: 1500 };
const RUNS = 5;
/** Of fewer, a median says nothing, but where a run sees much by itself. */
const FEWEST_RUNS = 3;
const QUICK = { warmUpMs: 250, measureMs: 400 };

async function main(): Promise<void> {
  const options = optionsFromArguments(process.argv.slice(2), (named) => suites.find(({ name }) => name === named)?.runs ?? RUNS);
  if (options.suite !== undefined) {
    const suite = oneOf("suite", suites, options.suite);
    const outcome = await run(suite, options);
    const ownIsMissing = outcome.unavailable.some(({ client, broker = client }) => broker === OWN);
    if (isFull(suite, options) && !ownIsMissing) keepResults(suite, outcome);
    print(suite, outcome, options.json);
    // A peer may be missing; a run without kafkawire is no benchmark of it.
    if (ownIsMissing) process.exitCode = 1;
  }
  if (options.writeReadme) writeReadme(suites);
}

function run(suite: Suite, options: Options): Promise<Outcome> {
  if (suite === brokerSuite) return runBrokers(options, progress);
  if (suite === produceSuite) return runProduce(options, progress);
  if (suite === consumeSuite) return runConsume(options, progress);
  if (suite === publishedSuite) return runPublished(options, progress);
  if (suite === groupsSuite) return runGroups(options, progress);
  return runSuite(suite, options);
}

function isFull(suite: Suite, { quick, cases, clients, brokers, currentNode, runs }: Options): boolean {
  const isWhole = cases === undefined && clients === undefined && brokers === undefined;
  return isWhole && !quick && !currentNode && runs >= (suite.runs ?? FEWEST_RUNS);
}

async function runSuite(suite: Suite, options: Options): Promise<Outcome> {
  const cases = picked("case", suite.cases, options.cases);
  const named = suite.clients.map((name) => ({ name }));
  const names = picked("client", named, options.clients).map(({ name }) => name);
  const { ready, unavailable } = prepare(suite, names, options.currentNode);
  const { runs, quick } = options;
  const build = ready.some(({ name }) => name === OWN) ? new BuildCopy() : undefined;
  const environment: Record<string, string> = build === undefined ? {} : { KAFKAWIRE_BUILD: build.url };
  const duration = quick ? QUICK : FULL;
  const measuring = measure({ suite, cases, clients: ready, runs, environment, progress, ...duration });
  const { measured, failed } = await measuring.finally(() => build?.remove());
  progress("");
  const results = measured.map((it) => resultLine(suite, it));
  for (const [client, problem] of failed) unavailable.push({ suite: suite.name, client, unavailable: problem });
  return { results, unavailable, ratios: ratiosLine(suite, results) };
}

function prepare(
  suite: Suite,
  names: readonly string[],
  currentNode: boolean,
): { ready: ReadyClient[]; unavailable: UnavailableLine[] } {
  const ready: ReadyClient[] = [];
  const unavailable: UnavailableLine[] = [];
  // Also when only kafkawire is measured: the Node that it is measured on comes with the peers.
  const installProblem = installPeers();
  const node = sharedNode();
  for (const name of names) {
    const problem = name === OWN ? buildOwn(`${suite.name}/index.js`) : (installProblem ?? peerProblem(name, node));
    if (problem !== undefined) unavailable.push({ suite: suite.name, client: name, unavailable: problem });
    else if (!existsSync(caseFile(suite, name))) throw new Error(`${name} has no cases for the suite ${suite.name}`);
    else
      ready.push({
        name,
        ...(name === OWN ? { version: ownVersion() } : { version: peerVersion(name) }),
        nodeBinary: binary(name),
      });
  }
  return { ready, unavailable };

  function binary(name: string): string {
    return node === undefined || (name === OWN && currentNode) ? process.execPath : node;
  }
}

function print(suite: Suite, outcome: Outcome, json: boolean): void {
  if (json) {
    for (const line of [...outcome.results, ...outcome.unavailable, outcome.ratios])
      process.stdout.write(`${JSON.stringify(line)}\n`);
  } else process.stdout.write(`${textTables(suite, outcome)}\n`);
}

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}

try {
  await main();
} catch (error) {
  progress("");
  const usage = error instanceof UsageError ? `\n\n${USAGE}` : "";
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}${usage}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
