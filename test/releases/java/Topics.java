package releases;

import static releases.Saw.saw;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.AdminClient;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;

/** Topics and their configuration, as far as the client's AdminClient goes. */
final class Topics {
    private static final List<String> SETTINGS = Arrays.asList("cleanup.policy", "retention.ms", "segment.ms");

    private Topics() {}

    static String create(Client client, String topic, int partitions) throws Exception {
        try (AdminClient admin = client.admin()) {
            admin.createTopics(Collections.singleton(new NewTopic(topic, partitions, (short) 1))).all().get();
            return "created";
        }
    }

    static void run(Client client) {
        String topic = client.name("topic");
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        try (AdminClient admin = client.admin()) {
            saw("cluster", () -> admin.describeCluster().nodes().get().size() + " node, id: " + (admin.describeCluster().clusterId().get() != null));
            saw("create", () -> {
                Map<String, String> configs = Collections.singletonMap("retention.ms", "7200000");
                admin.createTopics(Collections.singleton(new NewTopic(topic, 2, (short) 1).configs(configs))).all().get();
                return "created";
            });
            saw("create again", () -> create(client, topic, 2));
            saw("create with too many replicas", () ->
                admin.createTopics(Collections.singleton(new NewTopic(client.name("wide"), 1, (short) 9))).all().get());
            saw("create with a wrong name", () -> create(client, "not/a/name", 1));
            if (client.isAtLeast(2, 0)) saw("create with a wrong setting", () -> {
                Map<String, String> configs = Collections.singletonMap("retention.ms", "soon");
                return admin.createTopics(Collections.singleton(new NewTopic(client.name("odd"), 1, (short) 1).configs(configs))).all().get();
            });
            saw("listed", () -> admin.listTopics().names().get().contains(topic));
            saw("described", () -> describe(admin, topic));
            saw("describe nothing", () -> describe(admin, client.name("nothing")));
            saw("configured", () -> configs(admin, resource));
            if (!client.isAtLeast(4, 0)) saw("alter configs", () -> {
                Config config = new Config(Collections.singleton(new ConfigEntry("segment.ms", "3600000")));
                Client.call(Client.call(admin, "alterConfigs", Collections.singletonMap(resource, config)), "all");
                return configs(admin, resource);
            });
            if (client.isAtLeast(2, 3)) Later.run(client, admin, resource);
            if (client.isAtLeast(1, 0)) saw("create partitions", () -> {
                admin.createPartitions(Collections.singletonMap(topic, NewPartitions.increaseTo(3))).all().get();
                return "done";
            });
            if (client.isAtLeast(1, 0)) saw("create fewer partitions", () ->
                admin.createPartitions(Collections.singletonMap(topic, NewPartitions.increaseTo(1))).all().get());
            if (client.isAtLeast(1, 0)) saw("log dirs", () -> admin.describeLogDirs(Collections.singleton(1)) != null);
            if (client.isAtLeast(1, 1)) saw("delete records", () -> {
                TopicPartition partition = new TopicPartition(client.name("records"), 0);
                return admin.deleteRecords(Collections.singletonMap(partition, RecordsToDelete.beforeOffset(7))).lowWatermarks().get(partition).get().lowWatermark();
            });
            saw("delete", () -> admin.deleteTopics(Collections.singleton(topic)).all().get() == null);
            saw("delete nothing", () -> admin.deleteTopics(Collections.singleton(client.name("nothing"))).all().get());
        }
    }

    @SuppressWarnings("unchecked")
    private static String describe(AdminClient admin, String topic) throws Exception {
        Object result = Client.call(admin, "describeTopics", Collections.singleton(topic));
        Object future;
        try {
            future = Client.call(result, "allTopicNames");
        } catch (NoSuchMethodException e) {
            future = Client.call(result, "all");
        }
        TopicDescription description = ((KafkaFuture<Map<String, TopicDescription>>) future).get().get(topic);
        return description.partitions().size() + " partitions, internal: " + description.isInternal() + ", replicas of the first: "
            + description.partitions().get(0).replicas().size();
    }

    static String configs(AdminClient admin, ConfigResource resource) throws Exception {
        Map<String, String> set = new TreeMap<>();
        for (ConfigEntry entry : admin.describeConfigs(Collections.singleton(resource)).all().get().get(resource).entries()) {
            if (SETTINGS.contains(entry.name())) set.put(entry.name(), entry.value());
        }
        return set.toString();
    }

    /** From 2.3 on. */
    private static final class Later {
        static void run(Client client, AdminClient admin, ConfigResource resource) {
            saw("alter one config", () -> {
                AlterConfigOp op = new AlterConfigOp(new ConfigEntry("cleanup.policy", "compact"), AlterConfigOp.OpType.APPEND);
                admin.incrementalAlterConfigs(Collections.singletonMap(resource, Collections.singleton(op))).all().get();
                return configs(admin, resource);
            });
            if (client.isAtLeast(2, 4)) saw("reassignments", () -> admin.listPartitionReassignments().reassignments().get());
            if (client.isAtLeast(2, 7)) saw("features", () ->
                new TreeSet<>(admin.describeFeatures().featureMetadata().get().finalizedFeatures().keySet()));
        }
    }
}
