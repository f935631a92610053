/**
 * A test run that never comes to its end: starts a cluster, prints the ids of its processes, and waits to be killed. With `sweep` it
 * only begins, as a later run does.
 */
import { scratchFolder } from "../scratch-folder.ts";
import { KafkaCluster } from "./kafka-cluster.ts";

if (process.argv[2] === "sweep") {
  scratchFolder().remove();
} else {
  const cluster = await KafkaCluster.start({ nodes: 3, own: true, proxied: true });
  console.log(cluster.nodes.map(({ pid }) => pid).join(" "));
}
