#!/usr/bin/env node
import { once } from "node:events";
import { type Command, FAILED, OK, type Output, WRONG_USAGE } from "./command.ts";
import { apiVersions } from "./commands/api-versions.ts";
import { broker } from "./commands/broker.ts";
import { cluster } from "./commands/cluster.ts";
import { configs } from "./commands/configs.ts";
import { consume } from "./commands/consume.ts";
import { demo } from "./commands/demo.ts";
import { groups } from "./commands/groups.ts";
import { produce } from "./commands/produce.ts";
import { topics } from "./commands/topics.ts";

const commands: readonly Command[] = [demo, broker, produce, consume, topics, groups, configs, cluster, apiVersions];

function usage(): string {
  const list = commands.map(({ name, summary }) => `  ${name.padEnd(12)} ${summary}`);
  return ["Usage: kafkawire COMMAND [options]", "", "Commands:", ...list, "", "kafkawire COMMAND --help tells more.", ""].join(
    "\n",
  );
}

async function main([name, ...parameters]: readonly string[], output: Output): Promise<number> {
  if (name === undefined || name === "--help" || name === "help") {
    output.write(usage());
    return name === undefined ? WRONG_USAGE : OK;
  }
  const command = commands.find((it) => it.name === name);
  if (command === undefined) {
    process.stderr.write(`kafkawire: there is no command '${name}'\n\n${usage()}`);
    return WRONG_USAGE;
  }
  if (parameters.includes("--help")) {
    output.write(`${command.help}\n`);
    return OK;
  }
  return command.run(parameters, output);
}

let onGone: (() => void) | undefined;
// `kafkawire … | head` closes the pipe early. That is an end, not a failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE" && onGone !== undefined) {
    onGone();
    return;
  }
  if (error.code === "EPIPE") process.exit(OK);
  process.stderr.write(`kafkawire: standard output: ${error.message}\n`);
  process.exit(FAILED);
});

const terminal: Output = {
  write: (text) => {
    process.stdout.write(text);
  },
  pour: (bytes) => (process.stdout.write(bytes) ? undefined : drained()),
  whenGone: (end) => {
    onGone = end;
  },
  isTerminal: process.stdout.isTTY === true,
};

async function drained(): Promise<void> {
  await once(process.stdout, "drain");
}

main(process.argv.slice(2), terminal).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`kafkawire: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = FAILED;
  },
);
