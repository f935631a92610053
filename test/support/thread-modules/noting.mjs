// A thread's function that tells whoever listens to the channel in `data.channel` what it has been given, and fails where it is told to.

import { BroadcastChannel, threadId } from "node:worker_threads";

let channel;

export const options = { valueDeserializer: { deserialize: (bytes) => new TextDecoder().decode(bytes ?? undefined) } };

export function eachRecord({ topic, partition, offset, value }, { thread, threads, data }) {
  open(data);
  if (value === "throw") throw new TypeError("this record cannot be");
  if (value === "exit") process.exit(7);
  if (value === "uncaught")
    queueMicrotask(() => {
      throw new RangeError("nobody has caught this");
    });
  if (value === "spin") for (;;);
  channel.postMessage({ thread, threads, threadId, place: `${topic}-${partition}/${offset}`, value });
}

export function onClosed({ thread, data }) {
  open(data);
  channel.postMessage({ closed: thread });
  channel.close();
}

function open({ channel: name }) {
  channel ??= new BroadcastChannel(name);
}
