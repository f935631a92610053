// By batches, in its default export.

import { BroadcastChannel } from "node:worker_threads";

// biome-ignore lint/style/noDefaultExport: that this is allowed is what it is for
export default {
  eachBatch: async (batch, { data, consumer }) => {
    await batch.commit();
    const channel = new BroadcastChannel(data.channel);
    channel.postMessage({ place: `${batch.partition}/${batch.firstOffset}`, count: batch.count, memberId: consumer.memberId });
    channel.close();
  },
};
