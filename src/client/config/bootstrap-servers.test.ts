import { describe, expect, it } from "vitest";
import { bootstrapServersKind } from "./bootstrap-servers.ts";

describe("bootstrapServers", () => {
  it.each([
    ["localhost", ["localhost:9092"]],
    ["a:1,b:2", ["a:1", "b:2"]],
    [" a:1 , b , a:1,", ["a:1", "b:9092"]],
    [
      ["a", "b:3"],
      ["a:9092", "b:3"],
    ],
    [
      ["a,b", "c"],
      ["a:9092", "b:9092", "c:9092"],
    ],
    ["[::1]:9093,[fe80::1%eth0]", ["::1:9093", "fe80::1%eth0:9092"]],
    ["127.0.0.1:65535", ["127.0.0.1:65535"]],
    ["PLAINTEXT://kafka-1.example.org:29092", ["kafka-1.example.org:29092"]],
  ])("reads %j", (given, addresses) => {
    const reading = bootstrapServersKind.read(given);
    expect("value" in reading ? reading.value.map(({ host, port }) => `${host}:${port}`) : reading.problem).toEqual(addresses);
  });

  it.each([
    ["", "must name at least one server"],
    [[], "must name at least one server"],
    [" , ", "must name at least one server"],
    ["a:0", "the port must be from 1 to 65535"],
    ["a:65536", "the port must be from 1 to 65535"],
    ["a:", "the port must be from 1 to 65535"],
    ["a:9092x", "the port must be from 1 to 65535"],
    ["::1", "an IPv6 address goes into brackets"],
    ["fe80::1:9092", "an IPv6 address goes into brackets"],
    ["[127.0.0.1]:1", "only IPv6 addresses stand in brackets"],
    [":9092", "no usable host name"],
    ["a b:1", "no usable host name"],
    ["http://a:1/path", "the port must be"],
    ["user@a:1", "no usable host name"],
    [["a:1", 5], "5 is not a text"],
    [5, "not 5"],
    [{ host: "a" }, "not an object"],
  ])("refuses %j", (given, problem) => {
    const reading = bootstrapServersKind.read(given);
    expect("problem" in reading ? reading.problem : reading.value).toContain(problem);
  });

  it("tells of every server that is wrong", () => {
    const reading = bootstrapServersKind.read("a:x,b:1,c:y");
    expect("problem" in reading ? reading.problem : "").toMatch(/'a:x'.*'c:y'/);
  });
});
