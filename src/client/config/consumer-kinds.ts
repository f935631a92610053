import type { Deserializer } from "../serializers/serializer.ts";
import type { AssignorName, CustomAssignor, OffsetCommitCallback, OffsetReset } from "./consumer-options.ts";
import type { Reading, ValueKind } from "./setting.ts";
import { callable, choice, isRead, milliseconds, mustBe, text } from "./value-kinds.ts";

const LONGEST_INSTANCE_ID = 249;

/** Brokers take instance ids by the rules of topic names. */
export const instanceIdKind: ValueKind<string> = {
  ...text,
  read: (value) => {
    const isUsable = typeof value === "string" && /^[A-Za-z0-9._-]+$/.test(value) && value.length <= LONGEST_INSTANCE_ID;
    if (isUsable && value !== "." && value !== "..") return { value };
    return mustBe(`a text of at most ${LONGEST_INSTANCE_ID} of A-Z, a-z, 0-9, '.', '_', '-'`, value);
  },
};

const resetWords = choice<"earliest" | "latest" | "none">(["earliest", "latest", "none"], {
  smallest: "earliest",
  beginning: "earliest",
  largest: "latest",
  end: "latest",
  error: "none",
});
const duration = milliseconds(0, Number.MAX_SAFE_INTEGER);

/** librdkafka's and old Kafka's words are taken too. */
export const offsetResetKind: ValueKind<OffsetReset> = {
  type: `${resetWords.type} | { durationMs }`,
  read: (value) => (typeof value === "object" && value !== null ? readDuration(value) : resetWords.read(value)),
  fromText: (written) => durationFromText(written) ?? written,
};

const DAY_MS = 86_400_000;
const UNITS_MS = [DAY_MS, 3_600_000, 60_000, 1000];

/** Java's `by_duration:P3DT4H`. */
function durationFromText(written: string): OffsetReset | undefined {
  const match = /^by_duration:P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d{1,3})?)S)?)?$/i.exec(written.trim());
  if (match === null || /[PT]$/i.test(written.trim())) return undefined;
  const durationMs = UNITS_MS.reduce((sum, unit, index) => sum + unit * Number(match[index + 1] ?? 0), 0);
  return { durationMs: Math.round(durationMs) };
}

function readDuration(value: object): Reading<OffsetReset> {
  const keys = Reflect.ownKeys(value);
  const reading = "durationMs" in value ? duration.read(value.durationMs) : mustBe("{ durationMs }", value);
  if (!isRead(reading)) return { problem: reading.problem.replace(/^must be/, "must be { durationMs } with") };
  if (keys.length > 1) return { problem: "must have nothing but durationMs in its object" };
  return { value: Object.freeze({ durationMs: reading.value }) };
}

/** -1 was the older spelling of never. */
export const timeoutOrNever: ValueKind<number> = {
  ...milliseconds(),
  range: "0 … 2147483647, or Infinity",
  read: (value) => {
    const isNever = typeof value === "number" && value < 0;
    const reading = milliseconds().read(value);
    if (isNever || value === Number.POSITIVE_INFINITY) return { value: Number.POSITIVE_INFINITY };
    return isRead(reading) ? reading : mustBe("a whole number from 0 to 2147483647, Infinity, or negative for never", value);
  },
};

const assignorNames = choice<AssignorName>(["range", "roundrobin", "sticky", "cooperative-sticky"], {
  "round-robin": "roundrobin",
});

/** One strategy or several, each once; a custom one is told by its name. */
export const assignmentStrategyKind: ValueKind<readonly (AssignorName | CustomAssignor)[]> = {
  type: "'range' | 'roundrobin' | 'sticky' | 'cooperative-sticky' | { name, assign() } | a list",
  read: readStrategies,
  fromText: (written) =>
    written
      .split(",")
      .map((one) => one.trim())
      .filter((one) => one !== "")
      .map(assignorFromJava),
};

function readStrategies(value: unknown): Reading<readonly (AssignorName | CustomAssignor)[]> {
  const given: readonly unknown[] = Array.isArray(value) ? value : [value];
  const strategies = new Map<string, AssignorName | CustomAssignor>();
  for (const one of given) {
    if (isAssignor(one)) {
      const problem = problemOf(one);
      if (problem !== undefined) return { problem: `must not have a strategy '${one.name}' ${problem}` };
      strategies.set(one.name, one);
    } else {
      const reading = assignorNames.read(one);
      if (!isRead(reading)) return { problem: `${reading.problem}, and no { name, assign() } either` };
      strategies.set(reading.value, reading.value);
    }
  }
  if (strategies.size === 0) return { problem: "must name at least one strategy" };
  if (strategies.size < given.length) return { problem: "must name each strategy once" };
  return { value: Object.freeze([...strategies.values()]) };
}

/** `org.apache.kafka.clients.consumer.CooperativeStickyAssignor` is `cooperative-sticky`. */
function assignorFromJava(name: string): string {
  const match = /^(?:class )?org\.apache\.kafka\.clients\.consumer\.(Range|RoundRobin|Sticky|CooperativeSticky)Assignor$/.exec(
    name,
  );
  const simple = match?.[1];
  if (simple === undefined) return name;
  return simple === "CooperativeSticky" ? "cooperative-sticky" : simple.toLowerCase();
}

export const deserializerKind: ValueKind<Deserializer<unknown>> = callable("an object with deserialize()", isDeserializer);

export const commitCallbackKind: ValueKind<OffsetCommitCallback> = callable(
  "a function",
  (value): value is OffsetCommitCallback => typeof value === "function",
);

function isDeserializer(value: unknown): value is Deserializer<unknown> {
  return typeof value === "object" && value !== null && "deserialize" in value && typeof value.deserialize === "function";
}

function problemOf(assignor: CustomAssignor): string | undefined {
  const { rebalanceProtocol = "eager" } = assignor;
  if (!["eager", "cooperative"].includes(rebalanceProtocol)) return "whose rebalanceProtocol is neither 'eager' nor 'cooperative'";
  const isFunction = assignor.userData === undefined || typeof assignor.userData === "function";
  return isFunction ? undefined : "whose userData is no function";
}

function isAssignor(value: unknown): value is CustomAssignor {
  if (typeof value !== "object" || value === null || !("name" in value) || !("assign" in value)) return false;
  return typeof value.name === "string" && value.name !== "" && typeof value.assign === "function";
}
