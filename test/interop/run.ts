/**
 * `npm run interop -- --broker embedded|kafka`: other people's clients at work on a broker. `--only text` picks scenarios whose
 * client or name has the text; `--record` writes down what they see on Apache Kafka, which all later runs are compared with;
 * `--no-keep-going` stops at the first failure; `--concurrency n` scenarios run at once.
 */
import { type RunningBroker, startBroker } from "./brokers.ts";
import { kits } from "./kits.ts";
import { Observations } from "./observations.ts";
import { type Options, optionsFrom } from "./options.ts";
import { play } from "./play.ts";
import type { ClientKit, Scenario } from "./scenario.ts";

class Run {
  readonly #options: Options;
  readonly #observations = new Observations();
  readonly #waiting: Scenario[] = [];
  #passed = 0;
  #failed = 0;
  #skipped = 0;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Whether nothing failed. */
  async toEnd(): Promise<boolean> {
    const { only, broker: brokerName } = this.#options;
    const picked = kits.filter(({ scenarios }) => scenarios.some((scenario) => isPicked(scenario, only)));
    for (const kit of picked) await this.#prepare(kit);
    const broker = this.#waiting.length > 0 ? await startBroker(brokerName) : undefined;
    this.#skipped += broker === undefined ? this.#waiting.length : 0;
    if (broker !== undefined) {
      try {
        await this.#playAll(broker);
        if (this.#options.record) await this.#observations.save(picked, broker.description);
      } finally {
        await broker.stop();
      }
    }
    if (this.#passed + this.#failed + this.#skipped === 0) throw new Error(`no scenario has "${only}" in its client and name`);
    console.log(`${this.#passed} passed, ${this.#failed} failed${this.#skipped > 0 ? `, ${this.#skipped} skipped` : ""}`);
    return this.#failed === 0;
  }

  async #prepare(kit: ClientKit): Promise<void> {
    const scenarios = kit.scenarios.filter((scenario) => isPicked(scenario, this.#options.only));
    const missing = await kit.prepare();
    if (missing === undefined) {
      this.#waiting.push(...scenarios);
    } else if (process.env["CI"] === "true" && missing.isOptional !== true) {
      this.#failed += scenarios.length;
      console.log(`FAILED ${kit.client} (${scenarios.length}): ${missing.unavailable}; with CI=true nothing is skipped`);
    } else {
      this.#skipped += scenarios.length;
      console.log(`skipped ${kit.client} (${scenarios.length}): ${missing.unavailable}`);
    }
  }

  async #playAll(broker: RunningBroker): Promise<void> {
    console.log(`${this.#waiting.length} scenarios on ${broker.description}`);
    const worker = async (): Promise<void> => {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) await this.#play(next, broker);
    };
    await Promise.all(Array.from({ length: this.#options.concurrency }, worker));
  }

  async #play(scenario: Scenario, broker: RunningBroker): Promise<void> {
    const startedAt = performance.now();
    const line = (): string => `${scenario.client}: ${scenario.name} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`;
    try {
      const observation = await play(scenario, broker.bootstrapServers);
      if (this.#options.record) this.#observations.record(scenario, observation);
      else this.#observations.compare(scenario, observation);
      this.#passed++;
      console.log(`ok     ${line()}`);
    } catch (error) {
      this.#failed++;
      const message = error instanceof Error ? error.message : String(error);
      console.log(`FAILED ${line()}\n${message.replaceAll(/^/gm, "       ")}`);
      if (!this.#options.keepGoing) this.#waiting.length = 0;
    }
  }
}

function isPicked({ client, name }: Scenario, only: string): boolean {
  return `${client}: ${name}`.includes(only);
}

const hasPassed = await new Run(optionsFrom(process.argv.slice(2))).toEnd();
process.exitCode = hasPassed ? 0 : 1;
