// By batches, in its default export.

import { BroadcastChannel } from "node:worker_threads";

export default {
  eachBatch: async (batch, { data, consumer }) => {
    await batch.commit();
    const channel = new BroadcastChannel(data.channel);
    channel.postMessage({ place: `${batch.partition}/${batch.firstOffset}`, count: batch.count, memberId: consumer.memberId });
    channel.close();
  },
};
