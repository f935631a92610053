import type { Admin } from "../../../../src/index.ts";

/** A topic, as its only user knows it from what was acknowledged to him. */
export interface OwnTopic {
  readonly name: string;
  /** `doubtful` once a call that makes or deletes it has failed: it may have been carried out, or still be. */
  state: "there" | "gone" | "doubtful";
  /** Undefined once a call that adds some has failed. */
  partitions: number | undefined;
  /** Of `retention.ms`; undefined when it was never set, or its setting has failed. */
  retentionMs: string | undefined;
  /** Of the topic that was made. */
  topicId: string | undefined;
  /**
   * A request of its was under way during a blow, and may have been sent twice. A frozen node, the network, or a broker that waits for
   * the next controller hands the first one on later: a topic may be made again that was deleted meanwhile, an older setting return.
   */
  mayEcho: boolean;
}

export interface Verdict {
  /** Acknowledged, and found to be so. */
  readonly facts: number;
  /** Topics that are back, or settings that are old again, by an echo: Kafka has nothing to tell it from a wish. */
  readonly echoes: readonly string[];
  readonly violations: readonly string[];
}

const SETTLED_MS = 15_000;
const LOOK_AGAIN_MS = 250;
const TOPICS_TO_A_CALL = 50;
/** Asked for besides: an error of the only item would be the call's. */
const NEVER_MADE = "never-made";

/** Brokers hear of changes a little later than the controller that acknowledges them: asks until it is so, or for long enough. */
export async function verify(admin: Admin, topics: readonly OwnTopic[]): Promise<Verdict> {
  const untilMs = performance.now() + SETTLED_MS;
  for (;;) {
    const verdict = await look(admin, topics);
    if (verdict.violations.length === 0 || performance.now() > untilMs) return verdict;
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}

async function look(admin: Admin, topics: readonly OwnTopic[]): Promise<Verdict> {
  const listed = new Set(await admin.listTopics());
  const gone = topics.filter(({ state }) => state === "gone");
  const there = topics.filter(({ state }) => state === "there");
  const back = gone.filter(({ name }) => listed.has(name));
  const found = { facts: gone.length - back.length, echoes: [] as string[], violations: [] as string[] };
  if (back.length > 0) await lookAtDeleted(admin, back, found);
  for (let first = 0; first < there.length; first += TOPICS_TO_A_CALL) {
    await lookAtTopics(admin, there.slice(first, first + TOPICS_TO_A_CALL), found);
  }
  return found;
}

interface Found {
  facts: number;
  readonly echoes: string[];
  readonly violations: string[];
}

/** A topic with the id that was deleted has never been so; another one was made after it. */
async function lookAtDeleted(admin: Admin, topics: readonly OwnTopic[], found: Found): Promise<void> {
  const described = await admin.describeTopics([...topics.map(({ name }) => name), NEVER_MADE]);
  for (const [index, { name, topicId, mayEcho }] of topics.entries()) {
    const now = described[index]?.topicId;
    const isAnother = now !== undefined && now !== topicId;
    const text = `${name} was deleted, and is there${isAnother ? " anew" : ""}`;
    found[isAnother && mayEcho ? "echoes" : "violations"].push(text);
  }
}

async function lookAtTopics(admin: Admin, topics: readonly OwnTopic[], found: Found): Promise<void> {
  const described = await admin.describeTopics([...topics.map(({ name }) => name), NEVER_MADE]);
  const resources = [...topics.map(({ name }) => name), NEVER_MADE].map((name) => ({
    type: "topic" as const,
    name,
    configs: ["retention.ms"],
  }));
  const settings = await admin.describeConfigs(resources);
  for (const [index, { name, partitions, retentionMs, mayEcho }] of topics.entries()) {
    const topic = described[index];
    const setting = settings[index];
    if (topic?.error !== undefined || setting?.error !== undefined) {
      found.violations.push(`${name} was made: ${(topic?.error ?? setting?.error)?.message}`);
      continue;
    }
    found.facts++;
    const count = topic?.partitions.length;
    if (partitions !== undefined && count !== partitions)
      found.violations.push(`${name} has ${count} partitions, not ${partitions}`);
    const value = setting?.configs.get("retention.ms")?.value;
    if (retentionMs === undefined || value === retentionMs) continue;
    found[mayEcho ? "echoes" : "violations"].push(`${name} has retention.ms ${value}, not ${retentionMs}`);
  }
}
