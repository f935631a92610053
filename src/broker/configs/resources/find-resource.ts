/** From a resource's type and name in a request to the thing itself, or to why it cannot be had. */
import { type Refusal, refusal } from "../../cluster/refusal.ts";
import { invalidTopicName } from "../../cluster/topics.ts";
import type { RequestContext } from "../../request-context.ts";
import { BrokerDefaultsResource, BrokerResource } from "./broker-resource.ts";
import {
  BROKER_LOGGER_RESOURCE,
  BROKER_RESOURCE,
  CLIENT_METRICS_RESOURCE,
  type ConfigResource,
  GROUP_RESOURCE,
  TOPIC_RESOURCE,
} from "./config-resource.ts";
import { GroupResource } from "./group-resource.ts";
import { LoggersResource } from "./loggers-resource.ts";
import { TopicResource } from "./topic-resource.ts";

type Asker = Pick<RequestContext, "cluster" | "node">;

/** What is the matter with a type that nobody knows: Kafka's words for any INVALID_REQUEST. */
const MALFORMED =
  "This most likely occurs because of a request being malformed by the client library or the message was sent to an " +
  "incompatible broker. See the broker logs for more details.";

/** To be described; Kafka says some things differently than when the resource is to be changed. */
export function resourceToDescribe(type: number, name: string, asker: Asker): ConfigResource | Refusal {
  switch (type) {
    case TOPIC_RESOURCE:
      return namedTopic(name, asker) ?? refusal("UNKNOWN_TOPIC_OR_PARTITION", "");
    case BROKER_RESOURCE:
      if (name === "") return new BrokerDefaultsResource(asker.cluster.configs, asker.cluster.features);
      return (
        refusalOfBrokerId("Broker id", name, "Unexpected broker id, expected ID or empty string, but", asker) ??
        new BrokerResource(asker.node, asker.cluster.features)
      );
    case BROKER_LOGGER_RESOURCE:
      if (name === "") return refusal("INVALID_REQUEST", "Broker id must not be empty");
      return refusalOfBrokerId("Broker id", name, "Unexpected broker id, expected ID but", asker) ?? new LoggersResource();
    case GROUP_RESOURCE:
      if (name === "") return refusal("INVALID_REQUEST", "Group name must not be empty");
      return new GroupResource(asker.cluster, name, asker.node.configs);
    case CLIENT_METRICS_RESOURCE:
      return noClientMetrics();
    default:
      return refusal("INVALID_REQUEST", MALFORMED);
  }
}

export function resourceToChange(type: number, name: string, asker: Asker): ConfigResource | Refusal {
  switch (type) {
    case TOPIC_RESOURCE:
      if (name === "") return refusal("INVALID_REQUEST", "Default topic resources are not allowed.");
      return namedTopic(name, asker) ?? refusal("UNKNOWN_TOPIC_OR_PARTITION", `The topic '${name}' does not exist.`);
    case BROKER_RESOURCE:
      if (name === "") return new BrokerDefaultsResource(asker.cluster.configs, asker.cluster.features);
      return (
        refusalOfBrokerId("Node id", name, "Unexpected broker id, expected ID, but", asker) ??
        new BrokerResource(asker.node, asker.cluster.features)
      );
    case BROKER_LOGGER_RESOURCE:
      return refusalOfBrokerId("Node id", name, "Unexpected node id. Expected ID, but", asker) ?? new LoggersResource();
    case GROUP_RESOURCE:
      if (name === "") return refusal("INVALID_REQUEST", "Default group resources are not allowed.");
      return new GroupResource(asker.cluster, name, asker.node.configs);
    case CLIENT_METRICS_RESOURCE:
      return noClientMetrics();
    default:
      return refusal("INVALID_REQUEST", `Unknown resource type ${type}`);
  }
}

function namedTopic(name: string, { cluster, node }: Asker): ConfigResource | Refusal | undefined {
  const invalid = invalidTopicName(name);
  if (invalid !== undefined) return refusal("INVALID_TOPIC_EXCEPTION", `Topic name is invalid: ${invalid}`);
  const topic = cluster.topics.get(name);
  return topic === undefined ? undefined : new TopicResource(topic, node.configs);
}

/** A broker answers for itself alone; clients send this to the broker that they ask about. */
function refusalOfBrokerId(what: string, name: string, unexpected: string, { node }: Asker): Refusal | undefined {
  if (!/^[+-]?\d{1,10}$/.test(name)) return refusal("INVALID_REQUEST", `${what} must be an integer, but it is: ${name}`);
  if (Number(name) === node.id) return undefined;
  return refusal("INVALID_REQUEST", `${unexpected.replace("ID", String(node.id))} received ${Number(name)}`);
}

function noClientMetrics(): Refusal {
  return refusal("INVALID_REQUEST", "This broker collects no metrics of clients, so there are no subscriptions to configure.");
}
