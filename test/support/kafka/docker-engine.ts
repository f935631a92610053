// Whether a Docker engine answers, found out without Docker's own program.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const DEFAULT_SOCKET = "/var/run/docker.sock";
const ANSWER_MS = 3000;

/** Asks the engine for a sign of life; exits with 0 if it gives one. Run by itself, so that the caller need not wait for a promise. */
const PING = `
const options = { ...JSON.parse(process.argv[1]), path: "/_ping", timeout: ${ANSWER_MS} };
const request = require("node:http").get(options, (response) => process.exit(response.statusCode === 200 ? 0 : 1));
request.on("timeout", () => process.exit(1)).on("error", () => process.exit(1));`;

const known = new Map<string, string | undefined>();

/** What keeps us from using Docker, as a clause; undefined if nothing does. `DOCKER_HOST` comes before the usual socket. */
export function missingDockerEngine(): string | undefined {
  const host = process.env["DOCKER_HOST"] || `unix://${DEFAULT_SOCKET}`;
  if (!known.has(host)) known.set(host, missingEngineAt(host));
  return known.get(host);
}

function missingEngineAt(host: string): string | undefined {
  const options = requestOptions(host);
  if (options === undefined) return `no Docker engine (DOCKER_HOST is "${host}", expected unix:///path or tcp://host:port)`;
  if ("socketPath" in options && !existsSync(options.socketPath)) return `no Docker engine (there is no ${options.socketPath})`;
  const ping = spawnSync(process.execPath, ["-e", PING, JSON.stringify(options)], { stdio: "ignore", timeout: 2 * ANSWER_MS });
  return ping.status === 0 ? undefined : `no Docker engine (none answers at ${host})`;
}

function requestOptions(dockerHost: string): { socketPath: string } | { host: string; port: number } | undefined {
  const url = URL.canParse(dockerHost) ? new URL(dockerHost) : undefined;
  if (url?.protocol === "unix:" && url.pathname !== "") return { socketPath: url.pathname };
  if ((url?.protocol === "tcp:" || url?.protocol === "http:") && url.port !== "")
    return { host: url.hostname, port: Number(url.port) };
  return undefined;
}
