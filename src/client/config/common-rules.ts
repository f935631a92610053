/** What every client's options have to be together. */
import type { ConnectionConfig } from "./common-options.ts";
import type { Rule } from "./parse-config.ts";
import type { SecurityConfig } from "./security-options.ts";

type Common = ConnectionConfig & SecurityConfig;

/** First and longest of something that grows with every failure. */
const GROWING = [
  ["retryBackoffMs", "retryBackoffMaxMs"],
  ["reconnectBackoffMs", "reconnectBackoffMaxMs"],
  ["socketConnectionSetupTimeoutMs", "socketConnectionSetupTimeoutMaxMs"],
] as const;

/** Defaults that make room for what was given, as Java's clients do. */
export function adaptCommon<Config extends Common>(config: Config, given: ReadonlySet<string>): Config {
  const room = (name: keyof ConnectionConfig, own: number, least: number): number => (given.has(name) ? own : Math.max(own, least));
  return {
    ...config,
    retryBackoffMaxMs: room("retryBackoffMaxMs", config.retryBackoffMaxMs, config.retryBackoffMs),
    reconnectBackoffMaxMs: room("reconnectBackoffMaxMs", config.reconnectBackoffMaxMs, config.reconnectBackoffMs),
    socketConnectionSetupTimeoutMaxMs: room(
      "socketConnectionSetupTimeoutMaxMs",
      config.socketConnectionSetupTimeoutMaxMs,
      config.socketConnectionSetupTimeoutMs,
    ),
    defaultApiTimeoutMs: room("defaultApiTimeoutMs", config.defaultApiTimeoutMs, config.requestTimeoutMs),
    connectionsMaxIdleMs: room("connectionsMaxIdleMs", config.connectionsMaxIdleMs, config.requestTimeoutMs + 1),
  };
}

export const commonRules: readonly Rule<Common>[] = [
  ...GROWING.map(
    ([first, longest]): Rule<Common> => ({
      between: [first, longest],
      problem: (config) =>
        config[first] <= config[longest]
          ? undefined
          : `${first} (${config[first]}) must not be more than ${longest} (${config[longest]})`,
    }),
  ),
  {
    between: ["requestTimeoutMs", "defaultApiTimeoutMs"],
    problem: ({ requestTimeoutMs, defaultApiTimeoutMs }) =>
      requestTimeoutMs <= defaultApiTimeoutMs
        ? undefined
        : `requestTimeoutMs (${requestTimeoutMs}) must not be more than defaultApiTimeoutMs (${defaultApiTimeoutMs}): a call would end before its first request`,
  },
  {
    between: ["requestTimeoutMs", "connectionsMaxIdleMs"],
    problem: ({ requestTimeoutMs, connectionsMaxIdleMs }) =>
      requestTimeoutMs < connectionsMaxIdleMs
        ? undefined
        : `requestTimeoutMs (${requestTimeoutMs}) must be less than connectionsMaxIdleMs (${connectionsMaxIdleMs}): connections would close under their requests`,
  },
  {
    between: ["sslCafile", "sslCa"],
    problem: ({ sslCafile, sslCa }) =>
      sslCafile === undefined || sslCa === undefined ? undefined : "sslCafile and sslCa say the same: give one of them",
  },
  ...(["sslCafile", "sslCa", "sslServerName", "sslCheckHostname"] as const).map(
    (name): Rule<Common> => ({
      between: ["securityProtocol", name],
      problem: (config) => {
        const isUnused = !config.securityProtocol.endsWith("SSL") && config[name] !== undefined && config[name] !== true;
        return isUnused ? `${name} has no effect with securityProtocol ${config.securityProtocol}: set it to SSL` : undefined;
      },
    }),
  ),
];
