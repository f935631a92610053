import { BrokerOptionsError, EmbeddedBroker } from "../../broker/index.ts";
import { brokerEventLine, isQuiet } from "../broker-event-line.ts";
import { type BrokerParameters, brokerHelp, brokerParameters } from "../broker-parameters.ts";
import { type Command, FAILED, OK, type Output, WRONG_USAGE } from "../command.ts";
import { stopSignal } from "../stop-signal.ts";
import { type TemporaryFile, temporaryFile } from "../temporary-file.ts";

export const broker: Command = {
  name: "broker",
  summary: "runs a Kafka cluster in this process, for any client",
  help: brokerHelp,
  async run(parameters, output) {
    let wanted: BrokerParameters;
    try {
      wanted = brokerParameters(parameters);
    } catch (error) {
      return wrongUsage(error instanceof Error ? error.message : String(error));
    }
    const stop = stopSignal();
    try {
      // Leaving the block closes the cluster, however it is left.
      await using cluster = await EmbeddedBroker.start(wanted.broker);
      const certificate = announce(cluster, wanted, output);
      const signal = await stop.received;
      await cluster.close();
      certificate?.remove();
      say(output, wanted, { event: "stopped", signal }, `stopped by ${signal}`);
      return OK;
    } catch (error) {
      if (error instanceof BrokerOptionsError) return wrongUsage(error.problems.join("; "));
      if (isListenError(error)) return failedToListen(error);
      throw error;
    } finally {
      stop.forget();
    }
  },
};

/** Prints where the cluster is, and from then on what happens. @returns the file with the certificate that clients must trust */
function announce(cluster: EmbeddedBroker, wanted: BrokerParameters, output: Output): TemporaryFile | undefined {
  const { bootstrapServers, caCertificate } = cluster;
  const certificate = caCertificate === undefined ? undefined : temporaryFile("ca.pem", caCertificate);
  const trust = certificate === undefined ? "" : `, TLS; clients trust ${certificate.path}`;
  const event = { event: "listening", bootstrapServers, certificate: certificate?.path };
  say(output, wanted, event, `listening on ${bootstrapServers}${trust}`);
  cluster.journal.onEntry((entry) => {
    if (wanted.printsRequests || !isQuiet(entry)) output.write(`${brokerEventLine(entry, wanted.printsJson)}\n`);
  });
  return certificate;
}

function say(output: Output, wanted: BrokerParameters, event: Readonly<Record<string, unknown>>, text: string): void {
  output.write(wanted.printsJson ? `${JSON.stringify(event)}\n` : `${text}\n`);
}

interface ListenError extends Error {
  readonly code?: unknown;
  readonly address?: unknown;
  readonly port: unknown;
}

function isListenError(error: unknown): error is ListenError {
  return error instanceof Error && "syscall" in error && error.syscall === "listen" && "port" in error;
}

function failedToListen({ code, address, port }: ListenError): number {
  const why = code === "EADDRINUSE" ? "somebody else does" : String(code);
  complain(`cannot listen on ${String(address)}:${String(port)}: ${why}; --port takes another one, and with 0 a free one`);
  return FAILED;
}

function wrongUsage(problem: string): number {
  complain(`${problem}\n\n${brokerHelp}`);
  return WRONG_USAGE;
}

function complain(text: string): void {
  process.stderr.write(`kafkawire broker: ${text}\n`);
}
