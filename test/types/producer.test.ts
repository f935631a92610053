import { describe, expectTypeOf, it } from "vitest";
import {
  configFromProperties,
  int64,
  json,
  Producer,
  type ProducerOptions,
  type ProducerRecord,
  type SerializedBytes,
  type Serializer,
  strings,
} from "../../src/index.ts";

interface Order {
  readonly id: number;
}

const orders: Serializer<Order> = { serialize: async ({ id }, topic, headers) => `${topic} ${id} ${headers?.length}` };

describe("a producer's keys and values are of the types of its serializers", () => {
  it("which it learns from them", () => {
    const make = () => new Producer({ bootstrapServers: "h", keySerializer: strings, valueSerializer: int64 });
    expectTypeOf<ReturnType<typeof make>>().toEqualTypeOf<Producer<string, number | bigint>>();
    const custom = () => new Producer({ valueSerializer: orders });
    expectTypeOf<ReturnType<typeof custom>>().toEqualTypeOf<Producer<SerializedBytes, Order>>();
  });

  it("which are bytes, text or null without serializers", () => {
    const make = () => new Producer({ bootstrapServers: "h" });
    expectTypeOf<ReturnType<typeof make>>().toEqualTypeOf<Producer<Uint8Array | string | null, Uint8Array | string | null>>();
    const fromProperties = () => new Producer(configFromProperties("bootstrap.servers=h", "producer").options);
    expectTypeOf<ReturnType<typeof fromProperties>>().toEqualTypeOf<Producer>();
  });

  it("which may be said where the serializer takes everything", () => {
    const make = () => new Producer<string, Order>({ keySerializer: strings, valueSerializer: json });
    expectTypeOf<ReturnType<typeof make>>().toEqualTypeOf<Producer<string, Order>>();
  });

  it("and null besides", () => {
    expectTypeOf<{ key: null; value: Order }>().toExtend<ProducerRecord<string, Order>>();
    expectTypeOf<{ key: "k"; value: string }>().not.toExtend<ProducerRecord<string, Order>>();
  });

  it("and no serializer of another type is taken", () => {
    expectTypeOf<{ keySerializer: Serializer<number> }>().not.toExtend<ProducerOptions<string>>();
  });
});
