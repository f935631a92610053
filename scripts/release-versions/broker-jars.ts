// The jars of a broker of any release, from Maven Central, with what it takes to run the old ones on today's Java.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { jarsOf } from "../../test/support/kafka/maven.ts";
import { scratchFolder } from "../../test/support/scratch-folder.ts";
import { isAtLeast, type KafkaDistribution } from "./kafka-releases.ts";

interface Artifact {
  readonly group: string;
  readonly artifact: string;
  readonly version: string;
  /** `group:artifact` that are left out, `*:*` for all that it depends on. */
  readonly without?: readonly string[];
}

/** Sorted paths. The pom is made anew each time, but the jars are kept under its stamp. */
export async function brokerJars(distribution: KafkaDistribution): Promise<readonly string[]> {
  const scratch = scratchFolder();
  try {
    const pom = join(scratch.path, "pom.xml");
    writeFileSync(pom, pomText(artifactsOf(distribution)));
    return await jarsOf({ name: "releases", pom, kafkaVersion: distribution.version });
  } finally {
    scratch.remove();
  }
}

function artifactsOf({ release, version }: KafkaDistribution): readonly Artifact[] {
  const scala = isAtLeast(release, "2.4") ? "2.13" : "2.12";
  return [
    // kafka-tools-api is not on Maven Central for every release, and no broker needs it.
    { group: "org.apache.kafka", artifact: `kafka_${scala}`, version, without: ["org.apache.kafka:kafka-tools-api"] },
    ...(isAtLeast(release, "2.4") ? [] : oldJava()),
    { group: "net.sourceforge.argparse4j", artifact: "argparse4j", version: "0.7.0" },
    { group: "org.slf4j", artifact: "slf4j-simple", version: "1.7.36" },
  ];
}

/** Java 17 has no javax.xml.bind, and ZooKeeper's client from 3.4.11 to 3.4.14 cannot resolve a name on it. */
function oldJava(): readonly Artifact[] {
  return [
    { group: "org.apache.zookeeper", artifact: "zookeeper", version: "3.4.10", without: ["*:*"] },
    { group: "javax.xml.bind", artifact: "jaxb-api", version: "2.3.1" },
  ];
}

function pomText(artifacts: readonly Artifact[]): string {
  const maven = "org.apache.maven.plugins";
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>kafkawire.scripts</groupId><artifactId>broker-of-a-release</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>${artifacts.map(dependency).join("")}</dependencies>
  <build><pluginManagement><plugins>
    <plugin><groupId>${maven}</groupId><artifactId>maven-dependency-plugin</artifactId><version>3.8.1</version></plugin>
  </plugins></pluginManagement></build>
</project>
`;
}

function dependency({ group, artifact, version, without = [] }: Artifact): string {
  const exclusions = without.map((name) => {
    const [groupId, artifactId] = name.split(":");
    return `<exclusion><groupId>${groupId}</groupId><artifactId>${artifactId}</artifactId></exclusion>`;
  });
  return `
    <dependency>
      <groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version>
      <exclusions>${exclusions.join("")}</exclusions>
    </dependency>`;
}
