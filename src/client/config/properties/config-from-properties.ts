/** Options out of the properties that Java's clients and librdkafka are configured with. */
import { ConfigError } from "../../errors.ts";
import type { AdminOptions } from "../admin-config.ts";
import type { ConnectionOptions } from "../common-options.ts";
import type { ConsumerOnlyOptions, ConsumerOptions } from "../consumer-options.ts";
import { snakeCase } from "../parse-config.ts";
import type { ProducerOnlyOptions, ProducerOptions } from "../producer-options.ts";
import type { SecurityOptions } from "../security-options.ts";
import type { ShareConsumerOnlyOptions, ShareConsumerOptions } from "../share-consumer-options.ts";
import { quoted } from "../show-value.ts";
import { nearestName } from "../spelling.ts";
import { allSettings, type ClientName, knownProperties, settingsByClient, topicProperties } from "./known-properties.ts";
import { type PropertiesInput, readProperties } from "./properties-text.ts";
import type { Properties, PropertyRow } from "./property-row.ts";

/** Options of all clients, in one. */
export interface AnyClientOptions
  extends ConnectionOptions,
    SecurityOptions,
    ProducerOnlyOptions,
    ConsumerOnlyOptions,
    ShareConsumerOnlyOptions {}

/** A property that changed nothing. */
export interface IgnoredProperty {
  /** As it was given. */
  readonly name: string;
  readonly reason: string;
}

export interface ConfigFromProperties<Options> {
  /** For the constructor of a client. Passwords in it are `Secret`s. */
  readonly options: Options;
  readonly ignored: readonly IgnoredProperty[];
}

/** How librdkafka's bindings mark properties of topics. */
const TOPIC_PREFIX = /^(?:conf\.topic\.|default\.topic\.(?:config\.)?|topic\.(?!metadata\.|blacklist$))/;

/**
 * Properties of Java's clients and of librdkafka as options of ours: from the text of a .properties file, lines of `key=value`, or an
 * object. With a `client`, the properties of other clients are ignored, so that one file can serve a producer and a consumer; without
 * one, the options of all clients come together. Only what is written is taken over: where librdkafka's default differs from ours, ours
 * stays.
 *
 * @throws ConfigError with all problems at once: unknown properties, values that cannot be, and what would do harm if it were ignored.
 */
export function configFromProperties(input: PropertiesInput): ConfigFromProperties<AnyClientOptions>;
export function configFromProperties(input: PropertiesInput, client: "admin"): ConfigFromProperties<AdminOptions>;
export function configFromProperties(input: PropertiesInput, client: "producer"): ConfigFromProperties<ProducerOptions>;
export function configFromProperties(input: PropertiesInput, client: "consumer"): ConfigFromProperties<ConsumerOptions>;
export function configFromProperties(input: PropertiesInput, client: "shareConsumer"): ConfigFromProperties<ShareConsumerOptions>;
export function configFromProperties(input: PropertiesInput, client?: ClientName): ConfigFromProperties<AnyClientOptions> {
  const conversion = new PropertiesConversion(client);
  const problems: string[] = [];
  const given = readProperties(input, problems);
  conversion.convertAll(given);
  problems.push(...conversion.problems);
  const options = Object.fromEntries(conversion.options);
  if (problems.length > 0 || !areOptions(options)) throw new ConfigError(problems);
  return Object.freeze({ options: Object.freeze(options), ignored: Object.freeze(conversion.ignored) });
}

class PropertiesConversion {
  readonly problems: string[] = [];
  readonly ignored: IgnoredProperty[] = [];
  readonly options: Map<string, unknown> = new Map();
  readonly #client: ClientName | undefined;
  /** Which property an option came from. */
  readonly #sources = new Map<string, string>();

  constructor(client: ClientName | undefined) {
    this.#client = client;
  }

  convertAll(given: Properties): void {
    const plain = new Map([...given].map(([name, value]) => [name.replace(TOPIC_PREFIX, ""), value]));
    for (const [written, text] of given) this.#convert(written, text, plain);
    if (this.#client === "producer") this.#needTransactions();
  }

  /** A producer refuses to be told how long transactions may take that it does not make; a file may serve another producer, too. */
  #needTransactions(): void {
    const given = this.#sources.get("transactionTimeoutMs");
    if (given === undefined || this.options.has("transactionalId")) return;
    this.options.delete("transactionTimeoutMs");
    this.ignored.push({ name: given, reason: "without transactional.id there are no transactions" });
  }

  #convert(given: string, text: string, all: Properties): void {
    const name = given.replace(TOPIC_PREFIX, "");
    const row = knownProperties.get(name);
    if (row === undefined) this.problems.push(unknownProperty(given, name));
    else if (name !== given && !topicProperties.has(name)) {
      this.problems.push(`${quoted(given)}: ${name} is no property of topics; write it without the prefix`);
    } else if (text.trim() === "" && isUnsetByEmpty(row)) {
      this.ignored.push({ name: given, reason: "it is empty, which leaves the default" });
    } else {
      const converted = row.convert(text, all);
      if ("ignored" in converted) this.ignored.push({ name: given, reason: converted.ignored });
      else if ("problem" in converted) this.problems.push(`${given}: ${converted.problem}`);
      else for (const [option, value] of converted.options) this.#take(given, option, value);
    }
  }

  #take(given: string, option: string, value: unknown): void {
    const setting = allSettings[option];
    if (setting === undefined) throw new TypeError(`${given} is mapped to ${option}, which is no option`);
    const reading = setting.read(value);
    const earlier = this.#sources.get(option);
    if ("problem" in reading) this.problems.push(`${given} ${reading.problem}`);
    else if (this.#client !== undefined && !Object.hasOwn(settingsByClient[this.#client], option)) {
      this.ignored.push({ name: given, reason: `${option} is no option of ${article(this.#client)}` });
    } else if (earlier !== undefined && rank(option, earlier) <= rank(option, given)) {
      this.ignored.push({ name: given, reason: `${earlier} is given too, and says the same thing first` });
    } else {
      if (earlier !== undefined)
        this.ignored.push({ name: earlier, reason: `${given} is given too, and says the same thing first` });
      this.#sources.set(option, given);
      this.options.set(option, value);
    }
  }
}

/** Of several names for one option, the one that its row of the table lists first counts. */
function rank(option: string, given: string): number {
  const { java = [], librdkafka = [] } = allSettings[option] ?? {};
  const index = [...librdkafka, ...java].indexOf(given.replace(TOPIC_PREFIX, ""));
  return index < 0 ? Number.POSITIVE_INFINITY : index;
}

/** As in librdkafka, where an option has no value unless it is given one. */
function isUnsetByEmpty({ kind, option }: PropertyRow): boolean {
  return kind === "mapped" && (option === undefined || allSettings[option]?.fallback === undefined);
}

function article(client: ClientName): string {
  if (client === "admin") return "an admin client";
  return client === "shareConsumer" ? "a share consumer" : `a ${client}`;
}

/** Each value was read by its own option's row before it came here. */
function areOptions(options: object): options is AnyClientOptions {
  return Object.keys(options).every((option) => Object.hasOwn(allSettings, option));
}

function unknownProperty(given: string, name: string): string {
  const start = `there is no property ${quoted(given)}`;
  const camelCase = name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const setting = allSettings[camelCase];
  const known = setting?.librdkafka?.[0] ?? setting?.java?.[0];
  if (Object.hasOwn(allSettings, camelCase) && known !== undefined) return `${start}; write ${known}`;
  if (Object.hasOwn(allSettings, camelCase))
    return `${start}; ${snakeCase(camelCase)} is an option only: pass ${camelCase} to the client`;
  const nearest = nearestName(name, knownProperties.keys());
  return nearest === undefined ? `${start}, neither in Java's clients nor in librdkafka` : `${start}; did you mean ${nearest}?`;
}
