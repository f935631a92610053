import { withErrorMessage } from "../faults/error-message.ts";
import type { Asked, Delivery, FaultAction } from "../faults/fault-action.ts";
import { NO_ANSWER } from "../no-answer.ts";
import type { Dispatcher } from "./dispatcher.ts";
import type { ServedRequest } from "./served-request.ts";

type Of<Kind extends FaultAction["kind"]> = Extract<FaultAction, { readonly kind: Kind }>;

/** Carries out one request under the faults that struck it: what happens before, instead, after, and to the answer's bytes. */
export class FaultyExchange {
  readonly #dispatcher: Dispatcher;
  readonly #request: ServedRequest;
  readonly #actions: readonly FaultAction[];

  constructor(dispatcher: Dispatcher, request: ServedRequest, actions: readonly FaultAction[]) {
    this.#dispatcher = dispatcher;
    this.#request = request;
    this.#actions = actions;
  }

  async run(): Promise<void> {
    await this.#delays(false);
    if (await this.#stops(false)) return;
    const body = await this.#body();
    await this.#delays(true);
    if (await this.#stops(true)) return;
    if (body !== NO_ANSWER) await this.#deliver(this.#throttled(body));
    // KIP-219: the answer goes out at once, and the connection is muted for as long as the client should have waited.
    const throttle = this.#first("throttle");
    if (throttle !== undefined) await this.#wait(throttle.ms);
  }

  /** What the request is answered with: by the fault, or by the handler under it. */
  async #body(): Promise<unknown> {
    const error = this.#first("error");
    if (error !== undefined) {
      if (error.afterApply) await this.#dispatcher.carryOut(this.#request);
      const refused = this.#request.handler.refuse(this.#request.body, error.errorCode, this.#request);
      return error.message === undefined ? refused : withErrorMessage(refused, error.message);
    }
    const carryOut = (): Promise<unknown> => Promise.resolve(this.#dispatcher.carryOut(this.#request));
    const instead = this.#first("answer");
    if (instead === undefined) return carryOut();
    const { body, node, connection, version, correlationId, clientId } = this.#request;
    const asked: Asked = { node: node.id, connection: connection.id, version, correlationId, clientId, next: carryOut, NO_ANSWER };
    return instead.respond(body as Readonly<Record<string, unknown>>, asked);
  }

  async #delays(afterApply: boolean): Promise<void> {
    for (const action of this.#actions) {
      if (action.kind === "delay" && action.afterApply === afterApply) await this.#wait(action.ms);
    }
  }

  /** Whether the exchange ends here without an answer. */
  async #stops(afterApply: boolean): Promise<boolean> {
    const { connection } = this.#request;
    const disconnect = this.#first("disconnect");
    if (disconnect?.afterApply === afterApply) {
      connection.destroy("a fault disconnects", { reset: disconnect.reset });
      return true;
    }
    const silence = this.#first("never answer");
    if (silence?.afterApply !== afterApply) return connection.isClosed;
    await this.#forever();
    return true;
  }

  #throttled(body: unknown): unknown {
    const throttle = this.#first("throttle");
    return throttle === undefined ? body : { ...(body as object), throttleTimeMs: throttle.ms };
  }

  async #deliver(body: unknown): Promise<void> {
    const frame = Buffer.concat(this.#dispatcher.encode(this.#request, body));
    const deliveries = this.#first("frame")?.deliver(frame) ?? [{ bytes: frame }];
    for (const delivery of deliveries) await this.#step(delivery);
  }

  async #step(delivery: Delivery): Promise<void> {
    const { connection } = this.#request;
    if (delivery === "silence") return this.#forever();
    if (delivery === "end" || delivery === "reset") connection.destroy("a fault ends the answer", { reset: delivery === "reset" });
    else if ("bytes" in delivery) connection.write(delivery.bytes);
    else await this.#wait(delivery.waitMs);
  }

  #first<Kind extends FaultAction["kind"]>(kind: Kind): Of<Kind> | undefined {
    return this.#actions.find((action): action is Of<Kind> => action.kind === kind);
  }

  /** Until the time is over, or nobody waits any more. */
  #wait(ms: number): Promise<void> {
    const { connection, cluster } = this.#request;
    if (connection.isClosed) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = cluster.clock.schedule(ms, () => {
        stopListening();
        resolve();
      });
      const stopListening = connection.onClose(() => {
        timer.cancel();
        resolve();
      });
    });
  }

  #forever(): Promise<void> {
    const { connection } = this.#request;
    if (connection.isClosed) return Promise.resolve();
    return new Promise((resolve) => {
      connection.onClose(() => resolve());
    });
  }
}
