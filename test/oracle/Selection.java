package oracle;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import oracle.Schema.Versions;
import oracle.ValueGenerator.Variant;
import org.apache.kafka.common.protocol.ApiKeys;

/** Which fixtures a run writes. A selection is an exact subset of the full set: no value depends on what else is written. */
final class Selection {
    /** Flagged as between brokers, yet called by the Admin client. */
    private static final Set<String> CLUSTER_ACTIONS_OF_ADMIN = Set.of("DescribeQuorum", "UpdateFeatures");

    private Set<String> apis = null;
    private Map<String, Versions> only = null;
    private Set<String> variants = null;
    private Set<String> also = Set.of();
    private boolean clientOnly = false;
    /** LONG messages at every version instead of the edges only. */
    boolean full = false;
    /** Whether records.jsonl holds the batches of many kilobytes. */
    boolean largeRecords = true;

    static Selection parse(String[] arguments) {
        Selection selection = new Selection();
        for (int i = 2; i < arguments.length; i++) {
            switch (arguments[i]) {
                case "--api" -> selection.apis = Set.of(arguments[++i].split(","));
                case "--only" -> selection.only = parseOnly(arguments[++i]);
                case "--variants" -> selection.variants = Set.of(arguments[++i].split(","));
                case "--also" -> selection.also = Set.of(arguments[++i].split(","));
                case "--client" -> selection.clientOnly = true;
                case "--full" -> selection.full = true;
                case "--small-records" -> selection.largeRecords = false;
                default -> throw new IllegalArgumentException("unknown option " + arguments[i]);
            }
        }
        return selection;
    }

    /** {@code DescribeAcls:0,OffsetForLeaderEpoch:0-1}. */
    private static Map<String, Versions> parseOnly(String text) {
        Map<String, Versions> only = new HashMap<>();
        for (String part : text.split(",")) {
            String[] nameAndVersions = part.split(":");
            if (nameAndVersions.length != 2) throw new IllegalArgumentException("--only wants NAME:VERSIONS, got " + part);
            only.put(nameAndVersions[0], Versions.parse(nameAndVersions[1]));
        }
        return only;
    }

    /** Fails on a name that this version of Kafka does not know: a silent typing error would look like an empty fixture. */
    void checkNames() {
        Set<String> unknown = new HashSet<>(also);
        if (apis != null) unknown.addAll(apis);
        if (only != null) unknown.addAll(only.keySet());
        for (ApiKeys api : ApiKeys.values()) unknown.remove(api.name);
        if (!unknown.isEmpty()) throw new IllegalArgumentException("no API is called " + unknown);
    }

    boolean has(ApiKeys api) {
        if (only != null && !only.containsKey(api.name)) return false;
        if (also.contains(api.name)) return true;
        return (apis == null || apis.contains(api.name)) && (!clientOnly || clientFacing(api));
    }

    boolean has(ApiKeys api, int version) {
        return only == null || only.get(api.name).has(version);
    }

    List<Variant> variantsFor(boolean flexible, boolean edgeVersion) {
        List<Variant> list = new ArrayList<>(List.of(Variant.values()));
        if (variants != null) list.removeIf(variant -> !variants.contains(variant.name()));
        if (!flexible) list.remove(Variant.UNKNOWN_TAGS);
        if (!edgeVersion && !full) list.remove(Variant.LONG);
        return list;
    }

    static boolean clientFacing(ApiKeys api) {
        return Schema.request(api).listeners.contains("broker")
            && (!api.clusterAction || CLUSTER_ACTIONS_OF_ADMIN.contains(api.name));
    }
}
