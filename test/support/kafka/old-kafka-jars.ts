// The jars of a broker of any release, from Maven Central, with what it takes to run the old ones on today's Java.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { scratchFolder } from "../scratch-folder.ts";
import { hasJars, type JarSet, jarsOf } from "./maven.ts";
import { isAtLeast } from "./old-kafka-mode.ts";

interface Artifact {
  readonly group: string;
  readonly artifact: string;
  readonly version: string;
  /** `group:artifact` that are left out, `*:*` for all that it depends on. */
  readonly without?: readonly string[];
}

/** Sorted paths. The pom is made anew each time, but the jars are kept under its stamp. */
export async function oldKafkaJars(version: string): Promise<readonly string[]> {
  return await withPom(version, jarsOf);
}

/** Whether the jars are in the cache, so that Maven is not needed. */
export async function hasOldKafkaJars(version: string): Promise<boolean> {
  return await withPom(version, async (set) => hasJars(set));
}

async function withPom<Result>(version: string, use: (set: JarSet) => Promise<Result>): Promise<Result> {
  const scratch = scratchFolder();
  try {
    const pom = join(scratch.path, "pom.xml");
    writeFileSync(pom, pomText(artifactsOf(version)));
    return await use({ name: "releases", pom, kafkaVersion: version });
  } finally {
    scratch.remove();
  }
}

function artifactsOf(version: string): readonly Artifact[] {
  const isRecent = isAtLeast(version, "2.4");
  return [
    // kafka-tools-api is not on Maven Central for every release, and no broker needs it.
    {
      group: "org.apache.kafka",
      artifact: `kafka_${isRecent ? "2.13" : "2.12"}`,
      version,
      without: ["org.apache.kafka:kafka-tools-api"],
    },
    ...(isRecent ? [] : oldJava()),
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
