package releases;

import static releases.Saw.saw;

import java.util.Collections;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.AdminClient;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;

/** Groups as the AdminClient sees them, from 2.0 on. */
final class GroupAdmin {
    private GroupAdmin() {}

    static void run(Client client) {
        String group = client.name("group");
        try (AdminClient admin = client.admin()) {
            saw("group listed", () -> admin.listConsumerGroups().all().get().stream().anyMatch(it -> it.groupId().equals(group)));
            saw("group described", () -> {
                ConsumerGroupDescription found = admin.describeConsumerGroups(Collections.singleton(group)).describedGroups().get(group).get();
                return Client.call(found, "state") + ", " + found.members().size() + " members";
            });
            saw("group's offsets", () -> {
                TreeMap<Integer, Long> offsets = new TreeMap<>();
                admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().forEach((tp, it) -> offsets.put(tp.partition(), it.offset()));
                return offsets;
            });
            saw("group described that is none", () -> {
                String name = client.name("nothing");
                return Client.call(admin.describeConsumerGroups(Collections.singleton(name)).describedGroups().get(name).get(), "state");
            });
            saw("group deleted", () -> admin.deleteConsumerGroups(Collections.singleton(group)).all().get() == null);
            saw("group deleted that is none", () -> admin.deleteConsumerGroups(Collections.singleton(group)).all().get());
        }
    }
}
