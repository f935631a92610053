/**
 * Builds an image of Apache Kafka without any registry: its jars, a JVM made by jlink, a shell, and the libraries that these need,
 * all from this machine (Linux, a JDK and Maven or cached jars, a Docker engine and its program).
 *
 *     npx tsx test/support/kafka/build-image.ts [name]        default: kafkawire/kafka:4.3.1
 *     KAFKA_IMAGE=kafkawire/kafka:4.3.1 KAFKA_PROVIDER=container npx vitest run test/support/kafka/kafka-container.test.ts
 */
import { chmodSync, copyFileSync, existsSync, mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { runCommand } from "../child-processes.ts";
import { javaTool } from "../java-tools.ts";
import { scratchFolder } from "../scratch-folder.ts";
import { brokerJars } from "./broker-runtime.ts";
import { KAFKA_VERSION } from "./kafka-version.ts";

const MODULES = [
  "java.base,java.desktop,java.logging,java.management,java.naming,java.security.jgss,java.security.sasl,java.sql,java.xml",
  "jdk.crypto.ec,jdk.management,jdk.naming.dns,jdk.net,jdk.security.auth,jdk.security.jgss,jdk.unsupported,jdk.zipfs",
].join(",");
/** What the container's start needs, and what helps to look around in it. */
const PROGRAMS = ["/bin/sh", "/bin/sleep", "/bin/cat", "/bin/ls", "/bin/mkdir"];
/** Loaded by name at run time, so that `ldd` does not tell of them. */
const LOADED_BY_NAME = ["libnss_files.so.2", "libnss_dns.so.2", "libresolv.so.2", "libgcc_s.so.1", "libstdc++.so.6"];
const DOCKERFILE = `FROM scratch
COPY rootfs/ /
ENV PATH=/bin:/opt/jre/bin LANG=C.UTF-8
EXPOSE 9092
CMD ["sh"]
`;

async function buildImage(name: string): Promise<void> {
  const scratch = scratchFolder();
  try {
    const root = join(scratch.path, "rootfs");
    for (const folder of ["bin", "etc", "opt/kafka/libs", "tmp"]) mkdirSync(join(root, folder), { recursive: true });
    chmodSync(join(root, "tmp"), 0o1777);
    writeFileSync(join(root, "etc/passwd"), "root:x:0:0:root:/:/bin/sh\n");
    writeFileSync(join(root, "etc/nsswitch.conf"), "passwd: files\nhosts: files dns\n");
    for (const jar of await brokerJars(KAFKA_VERSION)) copyFileSync(jar, join(root, "opt/kafka/libs", basename(jar)));
    const jre = join(root, "opt/jre");
    const shape = ["--strip-debug", "--no-man-pages", "--no-header-files"];
    await runCommand(javaTool("jlink") ?? "jlink", ["--add-modules", MODULES, ...shape, "--output", jre]);
    for (const program of PROGRAMS) copyFileSync(realpathSync(program), join(root, "bin", basename(program)));
    const users = [join(jre, "bin/java"), join(jre, "lib/server/libjvm.so"), ...PROGRAMS.map((path) => realpathSync(path))];
    await copyLibraries(users, root);
    writeFileSync(join(scratch.path, "Dockerfile"), DOCKERFILE);
    await runCommand("docker", ["build", "--tag", name, scratch.path]);
  } finally {
    scratch.remove();
  }
}

/** To the same places in the image as here: that is where the loader looks. */
async function copyLibraries(users: readonly string[], root: string): Promise<void> {
  const { stdout } = await runCommand("ldd", users);
  const found = new Set([...stdout.matchAll(/(?:=> |^\s+)(\/\S+) \(0x/gm)].map((match) => match[1] ?? ""));
  const outside = [...found].filter((path) => !path.startsWith(root));
  const libc = outside.find((path) => basename(path).startsWith("libc.so"));
  if (libc === undefined) throw new Error(`ldd names no libc for ${users.join(", ")}`);
  const byName = LOADED_BY_NAME.map((name) => join(dirname(libc), name)).filter((path) => existsSync(path));
  for (const path of new Set([...outside, ...byName])) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    copyFileSync(realpathSync(path), join(root, path));
  }
}

const name = process.argv[2] ?? `kafkawire/kafka:${KAFKA_VERSION}`;
await buildImage(name);
console.log(`built ${name}`);
