package interop;

import static interop.Cluster.failureOf;
import static interop.Cluster.until;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.AlterConfigsOptions;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.DescribeConfigsOptions;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialAlteration;
import org.apache.kafka.clients.admin.UserScramCredentialDeletion;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.config.ConfigResource;

/** The admin client on configs and SCRAM users. */
final class AdminConfigs {
    private AdminConfigs() {}

    static Object run(Cluster cluster) throws Exception {
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, cluster.createTopic("orders", 1, "retention.ms", "1000"));
        Map<String, Object> observed = new TreeMap<>();
        try (Admin admin = cluster.admin()) {
            observed.put("as created", entries(config(admin, topic), "retention.ms", "cleanup.policy", "max.message.bytes"));
            observed.put("altered", altered(admin, topic));
            observed.put("refused", refused(admin, topic, cluster));
            observed.put("users", users(admin, cluster.name("alice")));
            observed.put("refused users", refusedUsers(admin, cluster));
        }
        return observed;
    }

    private static Object altered(Admin admin, ConfigResource topic) throws Exception {
        Map<String, Object> observed = new TreeMap<>();
        alter(admin, topic, op("retention.ms", "2000", OpType.SET), op("cleanup.policy", "compact", OpType.APPEND));
        observed.put("set and append", after(admin, topic, it -> it.get("retention.ms").value().equals("2000")));
        alter(admin, topic, op("retention.ms", null, OpType.DELETE), op("cleanup.policy", "delete", OpType.SUBTRACT));
        observed.put("delete and subtract", after(admin, topic, it -> it.get("cleanup.policy").value().equals("compact")));
        AlterConfigOp validated = op("retention.ms", "3000", OpType.SET);
        admin.incrementalAlterConfigs(Map.of(topic, List.of(validated)), new AlterConfigsOptions().validateOnly(true)).all().get();
        alter(admin, topic, op("max.message.bytes", "5000", OpType.SET));
        observed.put("after validate only", after(admin, topic, it -> it.get("max.message.bytes").value().equals("5000")));
        DescribeConfigsOptions withSynonyms = new DescribeConfigsOptions().includeSynonyms(true).includeDocumentation(true);
        ConfigEntry entry = admin.describeConfigs(List.of(topic), withSynonyms).all().get().get(topic).get("max.message.bytes");
        observed.put("synonyms", entry.synonyms().stream().map(it -> it.source() + " " + it.name() + "=" + it.value()).toList());
        observed.put("type", entry.type().name());
        return observed;
    }

    private static Object after(Admin admin, ConfigResource topic, Predicate<Config> isReached) throws Exception {
        Config config = until("the altered config", () -> {
            Config now = config(admin, topic);
            return isReached.test(now) ? now : null;
        });
        return entries(config, "retention.ms", "cleanup.policy", "max.message.bytes");
    }

    private static Object refused(Admin admin, ConfigResource topic, Cluster cluster) {
        ConfigResource nowhere = new ConfigResource(ConfigResource.Type.TOPIC, cluster.name("nowhere"));
        ConfigResource broker = new ConfigResource(ConfigResource.Type.BROKER, "");
        AlterConfigOp retention = op("retention.ms", "1", OpType.SET);
        Map<String, Object> observed = new TreeMap<>();
        observed.put("unknown topic", failureOf(() -> alter(admin, nowhere, retention)));
        observed.put("unknown topic described", failureOf(() -> config(admin, nowhere)));
        observed.put("unknown name", failureOf(() -> alter(admin, topic, op("no.such", "1", OpType.SET))));
        observed.put("wrong type", failureOf(() -> alter(admin, topic, op("retention.ms", "long", OpType.SET))));
        observed.put("append to what is no list", failureOf(() -> alter(admin, topic, op("retention.ms", "1", OpType.APPEND))));
        observed.put("one name twice",
            failureOf(() -> alter(admin, topic, retention, op("retention.ms", "2", OpType.SET))));
        observed.put("a broker's config of the wrong type",
            failureOf(() -> alter(admin, broker, op("log.retention.ms", "long", OpType.SET))));
        return observed;
    }

    private static Object users(Admin admin, String alice) throws Exception {
        Map<String, Object> observed = new TreeMap<>();
        alterUsers(admin, upsertion(alice, ScramMechanism.SCRAM_SHA_256, 4096));
        alterUsers(admin, upsertion(alice, ScramMechanism.SCRAM_SHA_512, 8192));
        observed.put("two mechanisms", until("both credentials", () -> credentials(admin, alice, 2)));
        alterUsers(admin, new UserScramCredentialDeletion(alice, ScramMechanism.SCRAM_SHA_256));
        observed.put("one deleted", until("one credential", () -> credentials(admin, alice, 1)));
        observed.put("delete it again",
            failureOf(() -> alterUsers(admin, new UserScramCredentialDeletion(alice, ScramMechanism.SCRAM_SHA_256))));
        alterUsers(admin, new UserScramCredentialDeletion(alice, ScramMechanism.SCRAM_SHA_512));
        observed.put("without any", until("no user", () -> {
            String failure = failureOf(() -> admin.describeUserScramCredentials(List.of(alice)).description(alice).get());
            return failure.equals("none") ? null : failure;
        }));
        return observed;
    }

    /** As text, if there are as many as expected; what the controller has decided reaches the broker a little later. */
    private static List<String> credentials(Admin admin, String user, int count) throws Exception {
        List<ScramCredentialInfo> infos =
            admin.describeUserScramCredentials(List.of(user)).description(user).get().credentialInfos();
        if (infos.size() != count) return null;
        return infos.stream().map(it -> it.mechanism() + " " + it.iterations()).sorted().toList();
    }

    private static Object refusedUsers(Admin admin, Cluster cluster) {
        String bob = cluster.name("bob");
        Map<String, Object> observed = new TreeMap<>();
        observed.put("too few iterations", failureOf(() -> alterUsers(admin, upsertion(bob, ScramMechanism.SCRAM_SHA_256, 100))));
        observed.put("too many iterations",
            failureOf(() -> alterUsers(admin, upsertion(bob, ScramMechanism.SCRAM_SHA_256, 100_000))));
        observed.put("no name", failureOf(() -> alterUsers(admin, upsertion("", ScramMechanism.SCRAM_SHA_256, 4096))));
        observed.put("both mechanisms at once", failureOf(() -> alterUsers(admin,
            upsertion(bob, ScramMechanism.SCRAM_SHA_256, 4096), upsertion(bob, ScramMechanism.SCRAM_SHA_512, 4096))));
        observed.put("unknown", failureOf(() -> admin.describeUserScramCredentials(List.of(bob)).description(bob).get()));
        return observed;
    }

    private static UserScramCredentialAlteration upsertion(String user, ScramMechanism mechanism, int iterations) {
        return new UserScramCredentialUpsertion(user, new ScramCredentialInfo(mechanism, iterations), "secret");
    }

    private static void alterUsers(Admin admin, UserScramCredentialAlteration... alterations) throws Exception {
        admin.alterUserScramCredentials(List.of(alterations)).all().get();
    }

    private static AlterConfigOp op(String name, String value, OpType type) {
        return new AlterConfigOp(new ConfigEntry(name, value), type);
    }

    private static void alter(Admin admin, ConfigResource resource, AlterConfigOp... ops) throws Exception {
        Collection<AlterConfigOp> all = List.of(ops);
        admin.incrementalAlterConfigs(Map.of(resource, all)).all().get();
    }

    private static Config config(Admin admin, ConfigResource resource) throws Exception {
        return admin.describeConfigs(List.of(resource)).all().get().get(resource);
    }

    private static Map<String, String> entries(Config config, String... names) {
        Map<String, String> result = new TreeMap<>();
        for (String name : names) {
            ConfigEntry entry = config.get(name);
            result.put(name, entry.value() + " " + entry.source() + (entry.isSensitive() ? " sensitive" : ""));
        }
        return result;
    }
}
