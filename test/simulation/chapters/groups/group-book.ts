import type { TopicPartition } from "../../../../src/client/index.ts";
import type { World } from "../../world/world.ts";
import type { GroupPlan } from "./group-plan.ts";

/** Somebody commits that everything before is processed. */
interface Commit {
  readonly clientId: string;
  readonly offset: number;
  readonly afterProcessed: number;
}

/** What has become of one partition in a group. */
export class PlaceBook {
  readonly topic: string;
  readonly partition: number;
  readonly commits: Commit[] = [];
  /** By offset: how many records the group had processed by then, this one included. */
  readonly processed: Map<number, number> = new Map();
  /** Of each generation: who was given records. */
  readonly readers: Map<number, string> = new Map();
  /** Who was assigned it last. */
  owner = "";
  /** As the coordinator knows it. */
  committed = 0;
  /** Where its log ended when the group had read all of it: a request of somebody who has gone may still add to it. */
  end = 0;

  constructor({ topic, partition }: TopicPartition) {
    this.topic = topic;
    this.partition = partition;
  }

  get name(): string {
    return `${this.topic}-${this.partition}`;
  }
}

/** What the members of a group have been given, have processed and committed, all together. */
export class GroupBook {
  readonly plan: GroupPlan;
  readonly places: ReadonlyMap<string, PlaceBook>;
  #processed = 0;

  constructor(plan: GroupPlan) {
    this.plan = plan;
    const places = plan.topics.flatMap(({ name: topic, partitions }) =>
      Array.from({ length: partitions }, (_, partition) => new PlaceBook({ topic, partition })),
    );
    this.places = new Map(places.map((place) => [place.name, place]));
  }

  placeOf({ topic, partition }: TopicPartition): PlaceBook {
    const place = this.places.get(`${topic}-${partition}`);
    if (place === undefined) throw new Error(`${this.plan.id} has nothing to do with ${topic}-${partition}`);
    return place;
  }

  processed(place: PlaceBook, offset: number): void {
    this.#processed++;
    if (!place.processed.has(offset)) place.processed.set(offset, this.#processed);
  }

  /** On its way to the coordinator, who may take it. */
  commits(clientId: string, place: PlaceBook, offset: number): void {
    place.commits.push({ clientId, offset, afterProcessed: this.#processed });
  }

  /** Looks what is committed. Gives what went back. */
  look(world: World): string | undefined {
    let rewound: string | undefined;
    for (const place of world.broker.committedOffsets(this.plan.id)) {
      const known = this.placeOf(place);
      if (place.offset < known.committed) rewound = `${known.name} went from ${known.committed} back to ${place.offset}`;
      known.committed = place.offset;
    }
    return rewound;
  }
}
