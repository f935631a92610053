import { describe, expect, it } from "vitest";
import { answerFrame, connectionSettings, type ScriptedSocket, ScriptedTransport } from "../../../test/support/scripted-socket.ts";
import { HeldClock } from "../../broker/held-clock.ts";
import {
  ApiVersions,
  type ApiVersionsResponse,
  type Draft,
  ListOffsets,
  Metadata,
  UnsupportedVersionError,
} from "../../protocol/index.ts";
import { AuthenticationError, ConnectionError } from "../errors.ts";
import type { ResolvedAddress } from "../runtime.ts";
import { silentTelemetry } from "../telemetry/silent.ts";
import type { BrokerConnection } from "./broker-connection.ts";
import type { ConnectionSettings } from "./connection-settings.ts";
import { type OpenInit, openConnection } from "./open-connection.ts";
import { TransportError, type TransportTarget } from "./transport.ts";

const metadataRow = { apiKey: Metadata.key, minVersion: 0, maxVersion: 9 };

class Stage {
  readonly clock = new HeldClock();
  readonly transport = new ScriptedTransport();
  readonly abort = new AbortController();
  resolve: (host: string) => Promise<readonly ResolvedAddress[]> = () => Promise.resolve([{ address: "10.0.0.1", family: 4 }]);

  open(settings: Partial<ConnectionSettings> = {}, more: Partial<OpenInit> = {}): Promise<BrokerConnection> {
    const opening = openConnection({
      connection: 1,
      broker: { host: "broker", port: 9092, nodeId: 1 },
      lane: "main",
      settings: { ...connectionSettings, ...settings },
      runtime: {
        clock: this.clock,
        random: () => 0.5,
        uuid: () => "",
        resolve: (host) => this.resolve(host),
        transport: this.transport,
      },
      telemetry: silentTelemetry,
      clusterId: undefined,
      setupTimeoutMs: (failures) => 10_000 * 2 ** failures,
      signal: this.abort.signal,
      ...more,
    });
    opening.catch(() => undefined);
    return opening;
  }

  /** Answers the ApiVersions requests of the next connections so, one by one. */
  answers(...bodies: readonly (readonly [version: number, body: Draft<ApiVersionsResponse>])[]): void {
    const left = [...bodies];
    this.transport.onSocket = (socket) => {
      onWrite(socket, (correlationId) => {
        const [version, body] = left.shift() ?? [5, {}];
        socket.give(answerFrame(ApiVersions, version, correlationId, body));
      });
    };
  }

  get asked(): readonly (readonly [version: number, body: unknown])[] {
    return this.transport.sockets.flatMap(({ requests }) => requests.map(({ version, body }) => [version, body] as const));
  }
}

function onWrite(socket: ScriptedSocket, react: (correlationId: number) => void): void {
  const write = socket.write.bind(socket);
  socket.write = (pieces, onSent) => {
    const isFree = write(pieces, onSent);
    const { correlationId } = socket.requests.at(-1)!;
    queueMicrotask(() => react(correlationId));
    return isFree;
  };
}

const failure = async (opening: Promise<unknown>): Promise<unknown> =>
  opening.then(
    () => "no failure",
    (error: unknown) => error,
  );

describe("a broker's address", () => {
  it.each([
    ["broker", 0],
    ["broker", -1],
    ["broker", 70_000],
    ["", 9092],
  ])("that cannot be, as '%s' port %i, is dialled by nobody, whoever named it", async (host, port) => {
    const stage = new Stage();
    const error = await failure(stage.open({}, { broker: { host, port, nodeId: 1 } }));
    expect(error).toMatchObject({ name: "ConnectionError", phase: "dns", outcome: "not sent", retriable: true });
    expect(stage.transport.targets).toEqual([]);
  });

  it("is harmless to print, and short, whatever the broker says that it is, and whatever the resolver says of it", async () => {
    const stage = new Stage();
    const host = `\u001b[2J\n${"x".repeat(1_000_000)}`;
    stage.resolve = () => Promise.reject(new Error(`getaddrinfo ENOTFOUND ${host}`));
    const { message } = (await failure(stage.open({}, { broker: { host, port: 9092, nodeId: 1 } }))) as Error;
    expect(message).toMatch(/^broker \\u001b\[2J\\nx+….*: its name cannot be resolved: getaddrinfo ENOTFOUND \\u001b\[2J\\nx+…$/);
    expect(message.length).toBeLessThan(5000);
  });
});

describe("ApiVersions", () => {
  it("is asked for at its newest version, with a name and a version of ours that brokers accept (KIP-511)", async () => {
    const stage = new Stage();
    stage.answers([5, { apiKeys: [metadataRow] }]);
    const connection = await stage.open();
    expect(stage.asked).toMatchObject([[5, { clientSoftwareName: "kafkawire", clusterId: null, nodeId: -1 }]]);
    expect(connection.versions.choose(Metadata)).toBe(9);
    expect(connection.versions.supports(ListOffsets)).toBe(false);
    connection.close(new Error("done"));
    expect(stage.clock.pendingTimers).toBe(0);
  });

  it("C21: is asked for once more at the version that the broker names", async () => {
    const stage = new Stage();
    const own = { apiKey: ApiVersions.key, minVersion: 0, maxVersion: 3 };
    stage.answers([0, { errorCode: 35, apiKeys: [own] }], [3, { apiKeys: [metadataRow] }]);
    const connection = await stage.open();
    expect(stage.asked.map(([version]) => version)).toEqual([5, 3]);
    expect(connection.versions.offered.get(Metadata.key)).toEqual([0, 9]);
  });

  it("C21: is asked for at version 0 when the broker names none, as those before 2.4", async () => {
    const stage = new Stage();
    stage.answers([0, { errorCode: 35 }], [0, { apiKeys: [metadataRow] }]);
    await stage.open();
    expect(stage.asked.map(([version]) => version)).toEqual([5, 0]);
  });

  it.each([5, 6, -1])("C21: is not asked for again when the broker names version %i: there is no lower one", async (maxVersion) => {
    const stage = new Stage();
    stage.answers([0, { errorCode: 35, apiKeys: [{ apiKey: ApiVersions.key, minVersion: 0, maxVersion }] }]);
    expect(await failure(stage.open())).toBeInstanceOf(UnsupportedVersionError);
    expect(stage.asked).toHaveLength(1);
    expect(stage.transport.sockets[0]!.isDestroyed).toBe(true);
  });

  it("C21: is not asked for a third time", async () => {
    const stage = new Stage();
    const refusal = { errorCode: 35, apiKeys: [{ apiKey: ApiVersions.key, minVersion: 0, maxVersion: 2 }] };
    stage.answers([0, refusal], [2, refusal]);
    expect(await failure(stage.open())).toMatchObject({ code: "UNSUPPORTED_VERSION" });
    expect(stage.asked.map(([version]) => version)).toEqual([5, 2]);
  });

  it("carries the cluster and node that are meant, and tells when it is another (KIP-1242)", async () => {
    const stage = new Stage();
    stage.answers([5, { errorCode: 129 }]);
    const error = await failure(stage.open({}, { clusterId: "cluster" }));
    expect(stage.asked).toMatchObject([[5, { clusterId: "cluster", nodeId: 1 }]]);
    expect(error).toMatchObject({ name: "BrokerError", code: "REBOOTSTRAP_REQUIRED" });
  });

  it("carries neither for a bootstrap server, nor when that is switched off", async () => {
    const bootstrap = new Stage();
    bootstrap.answers([5, {}]);
    await bootstrap.open({}, { clusterId: "cluster", broker: { host: "broker", port: 9092, nodeId: -1 } });
    const unchecked = new Stage();
    unchecked.answers([5, {}]);
    await unchecked.open({ clusterCheck: false }, { clusterId: "cluster" });
    for (const { asked } of [bootstrap, unchecked]) expect(asked).toMatchObject([[5, { clusterId: null, nodeId: -1 }]]);
  });

  it("that makes no sense in parts counts for what does: ranges without a version, rows that contradict each other", async () => {
    const stage = new Stage();
    const apiKeys = [
      { apiKey: 1, minVersion: 5, maxVersion: 3 },
      { apiKey: 2, minVersion: -3, maxVersion: -1 },
      { apiKey: 3, minVersion: 0, maxVersion: 9 },
      { apiKey: 3, minVersion: 4, maxVersion: 12 },
      { apiKey: 999, minVersion: 0, maxVersion: 0 },
    ];
    stage.answers([5, { apiKeys }]);
    const { versions } = await stage.open();
    expect(versions.offered).toEqual(
      new Map([
        [3, [4, 9]],
        [999, [0, 0]],
      ]),
    );
  });

  it("is not asked for when the release is given: its table holds", async () => {
    const stage = new Stage();
    const connection = await stage.open({ apiVersion: "2.8" });
    expect(stage.asked).toEqual([]);
    expect(connection.versions.choose(Metadata)).toBe(11);
  });
});

describe("a broker that hangs up on ApiVersions", () => {
  it("is perhaps about to stop, or too old: that may pass, and says what it may be", async () => {
    const stage = new Stage();
    stage.transport.onSocket = (socket) => onWrite(socket, () => socket.hangUp());
    const error = await failure(stage.open());
    expect(error).toMatchObject({ code: "CONNECTION", phase: "api versions", retriable: true });
    expect(String(error)).toContain(
      "may be stopping, have too many connections, speak TLS or SASL on this port, or be older than Kafka 0.10",
    );
    expect(stage.transport.sockets.map(({ isDestroyed }) => isDestroyed)).toEqual([true]);
    expect(stage.clock.pendingTimers).toBe(0);
  });
});

describe("addresses", () => {
  const three: readonly ResolvedAddress[] = ["10.0.0.1", "10.0.0.2", "::1"].map((address) => ({ address, family: 4 }));
  const refused = (address: string): Promise<never> => Promise.reject(new TransportError("tcp", `connect ECONNREFUSED ${address}`));

  it("C4: are tried in turn, and resolved anew with each attempt", async () => {
    const stage = new Stage();
    let asked = 0;
    stage.resolve = () => {
      asked++;
      return Promise.resolve(three);
    };
    stage.answers([5, {}]);
    stage.transport.script.push(
      (target) => refused(target.address),
      (target) => refused(target.address),
    );
    await stage.open();
    expect(stage.transport.targets.map(({ address }) => address)).toEqual(["10.0.0.1", "10.0.0.2", "::1"]);
    expect(stage.transport.targets.map(({ host }) => host)).toEqual(["broker", "broker", "broker"]);
    await stage.open();
    expect(asked).toBe(2);
  });

  it("C4: that all fail are all named", async () => {
    const stage = new Stage();
    stage.resolve = () => Promise.resolve(three);
    stage.transport.script.push(
      ...three.map(
        ({ address }) =>
          () =>
            refused(address),
      ),
    );
    const error = await failure(stage.open());
    expect(error).toMatchObject({ code: "CONNECTION", phase: "tcp", outcome: "not sent" });
    expect(String(error)).toBe(
      "ConnectionError: broker broker:9092: none of its 3 addresses could be used: connect ECONNREFUSED 10.0.0.1 (tcp); connect ECONNREFUSED 10.0.0.2 (tcp); connect ECONNREFUSED ::1 (tcp)",
    );
  });

  it("C2: that swallow packets have a time of their own each, longer after each failure (KIP-601)", async () => {
    const stage = new Stage();
    stage.resolve = () => Promise.resolve(three.slice(0, 2));
    const timeouts: number[] = [];
    const blackHole = ({ deadline }: TransportTarget): Promise<never> => {
      timeouts.push(deadline.timeoutMs);
      return deadline.race(new Promise<never>(() => undefined), () => new TransportError("tcp", "connect ETIMEDOUT"));
    };
    stage.transport.script.push(blackHole, blackHole);
    const opening = failure(stage.open());
    await stage.clock.advance(30_000);
    expect(await opening).toMatchObject({ phase: "tcp", code: "CONNECTION" });
    expect(timeouts).toEqual([10_000, 20_000]);
    expect(stage.clock.pendingTimers).toBe(0);
  });

  it("C3: of a name that cannot be resolved are an error of their own, which may pass", async () => {
    const stage = new Stage();
    stage.resolve = () => Promise.reject(new Error("getaddrinfo ENOTFOUND broker"));
    expect(await failure(stage.open())).toMatchObject({
      message: "broker broker:9092: its name cannot be resolved: getaddrinfo ENOTFOUND broker",
      phase: "dns",
      retriable: true,
    });
    stage.resolve = () => Promise.resolve(three);
    stage.answers([5, {}]);
    await stage.open();
  });

  it("C3: of a resolver that does not answer are waited for no longer than for a connection", async () => {
    const stage = new Stage();
    stage.resolve = () => new Promise(() => undefined);
    const opening = failure(stage.open());
    await stage.clock.advance(10_000);
    expect(await opening).toMatchObject({ phase: "dns", code: "CONNECTION" });
  });

  it("C3: that are none are an error", async () => {
    const stage = new Stage();
    stage.resolve = () => Promise.resolve([]);
    expect(await failure(stage.open())).toMatchObject({ phase: "dns" });
  });

  it("C27: are not tried further when one shows a certificate that we do not accept", async () => {
    const stage = new Stage();
    stage.resolve = () => Promise.resolve(three);
    const cause = Object.assign(new Error("certificate has expired"), { code: "CERT_HAS_EXPIRED" });
    stage.transport.script.push(() => Promise.reject(new TransportError("tls", cause.message, { cause })));
    const error = await failure(stage.open());
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(stage.transport.targets).toHaveLength(1);
  });
});

describe("an attempt", () => {
  it("that is not wanted any more ends at once, and leaves nothing", async () => {
    const stage = new Stage();
    const opening = failure(stage.open());
    await stage.clock.advance(0);
    const reason = new Error("closed");
    stage.abort.abort(reason);
    expect(await opening).toBe(reason);
    expect(stage.transport.sockets[0]!.isDestroyed).toBe(true);
    expect(stage.clock.pendingTimers).toBe(0);
  });

  it("C8: whose broker does not answer ApiVersions ends with the request timeout", async () => {
    const stage = new Stage();
    const opening = failure(stage.open());
    await stage.clock.advance(30_000);
    expect(await opening).toMatchObject({ code: "CONNECTION", phase: "api versions", cause: { code: "REQUEST_TIMEOUT" } });
    expect(stage.transport.sockets[0]!.isDestroyed).toBe(true);
  });

  it("C13: whose answer makes no sense has failed, and may be repeated", async () => {
    const stage = new Stage();
    stage.transport.onSocket = (socket) => onWrite(socket, () => socket.give(Buffer.from("00000006000000000000", "hex")));
    const error = await failure(stage.open());
    expect(error).toMatchObject({
      code: "CONNECTION",
      phase: "api versions",
      retriable: true,
      cause: { code: "MALFORMED_MESSAGE" },
    });
  });

  it("C28: says that the broker speaks TLS when it answers with a TLS alert, and that trying again does not help", async () => {
    const stage = new Stage();
    stage.transport.onSocket = (socket) => onWrite(socket, () => socket.give(Buffer.from("15030300020246", "hex")));
    const error = await failure(stage.open());
    expect(error).toMatchObject({ code: "CONNECTION", phase: "api versions", retriable: false });
    expect(String(error)).toContain("the broker speaks TLS on this port and we do not");
  });

  it("authenticates between ApiVersions and the first request, and fails with what that fails of", async () => {
    const stage = new Stage();
    stage.answers([5, {}], [5, {}]);
    const phases: string[] = [];
    const accepted = await stage.open({}, { authenticate: (pipeline) => Promise.resolve(void phases.push(pipeline.phase)) });
    expect(phases).toEqual(["sasl"]);
    expect(accepted.isOpen).toBe(true);
    const refusal = new AuthenticationError("wrong password", { broker: "broker:9092" });
    expect(await failure(stage.open({}, { authenticate: () => Promise.reject(refusal) }))).toBe(refusal);
    expect(stage.transport.sockets[1]!.isDestroyed).toBe(true);
  });
});

it("a ConnectionError of the last address is the cause of the error that names all", async () => {
  const stage = new Stage();
  stage.resolve = () => Promise.resolve(["10.0.0.1", "10.0.0.2"].map((address) => ({ address, family: 4 })));
  stage.transport.script.push(
    () => Promise.reject(new TransportError("tcp", "one")),
    () => Promise.reject(new TransportError("tcp", "two")),
  );
  const error = await failure(stage.open());
  expect(error).toBeInstanceOf(ConnectionError);
  expect(error).toMatchObject({ cause: { message: "broker broker:9092: two" } });
});
