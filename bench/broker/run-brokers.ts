/** `npm run -s bench -- broker`: brokers beside each other, under the same load. */
import { type Options, picked } from "../options.ts";
import { BuildCopy } from "../own-build.ts";
import { brokerRatios, brokerResultLine, type UnavailableLine } from "../summary.ts";
import type { Outcome } from "../tables.ts";
import { type BrokerCase, brokerCases, brokerSuite } from "./broker-suite.ts";
import { type BrokerName, brokerNames, prepareBroker, type ReadyBroker } from "./brokers.ts";
import { franzGo, type LoadGenerator } from "./load.ts";
import { measureBrokers } from "./measure-brokers.ts";

const OWN = "kafkawire";

export async function runBrokers(options: Options, progress: (text: string) => void): Promise<Outcome> {
  const suite = brokerSuite.name;
  const cases: readonly BrokerCase[] = picked("case", brokerCases, options.cases);
  const unavailable: UnavailableLine[] = [];
  const clients = await readyClients(options, unavailable);
  const { brokers, build } = await readyBrokers(options, clients, unavailable);
  const { runs, quick } = options;
  const measuring = measureBrokers({ cases, clients, brokers, runs, quick, progress });
  const { measured, failed } = await measuring.finally(() => build?.remove());
  progress("");
  unavailable.push(...failed);
  const results = measured.map(({ case: it, client, broker, runs: all }) =>
    brokerResultLine({ suite, case: it, client, broker, runs: all }),
  );
  return { results, unavailable, ratios: brokerRatios(suite, results) };
}

async function readyClients(options: Options, unavailable: UnavailableLine[]): Promise<LoadGenerator[]> {
  const ready: LoadGenerator[] = [];
  const all = brokerSuite.clients.map((name) => ({ name }));
  for (const { name } of picked("client", all, options.clients)) {
    const client = await franzGo();
    if (typeof client !== "string") ready.push(client);
    else
      for (const broker of brokersIn(options))
        unavailable.push({ suite: brokerSuite.name, client: name, broker, unavailable: client });
  }
  return ready;
}

async function readyBrokers(
  options: Options,
  clients: readonly LoadGenerator[],
  unavailable: UnavailableLine[],
): Promise<{ readonly brokers: ReadyBroker[]; readonly build: BuildCopy | undefined }> {
  const brokers: ReadyBroker[] = [];
  let build: BuildCopy | undefined;
  const plan = { currentNode: options.currentNode, buildUrl: () => build?.url ?? "" };
  if (clients.length === 0) return { brokers, build };
  for (const name of brokersIn(options)) {
    const broker = await prepareBroker(name, plan);
    if (typeof broker !== "string") brokers.push(broker);
    else
      for (const client of clients)
        unavailable.push({ suite: brokerSuite.name, client: client.name, broker: name, unavailable: broker });
  }
  // A peer may be missing; without ours there is nothing to compare.
  if (unavailable.some(({ broker }) => broker === OWN)) return { brokers: [], build };
  if (brokers.some(({ name }) => name === OWN)) build = new BuildCopy();
  return { brokers, build };
}

function brokersIn({ brokers }: Options): readonly BrokerName[] {
  const all = brokerNames.map((name) => ({ name }));
  return picked("broker", all, brokers).map(({ name }) => name);
}
