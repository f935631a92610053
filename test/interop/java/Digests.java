package interop;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/** Per partition: how many values there were, and a digest of them in their order. */
final class Digests {
    private record Partition(MessageDigest digest, int[] count) {}

    private final Map<Integer, Partition> partitions = new TreeMap<>();

    void add(int partition, String value) {
        Partition it = partitions.computeIfAbsent(partition, key -> new Partition(sha256(), new int[1]));
        it.digest.update(value.getBytes(StandardCharsets.UTF_8));
        it.digest.update((byte) '\n');
        it.count[0]++;
    }

    Map<Integer, Map<String, Object>> result() throws CloneNotSupportedException {
        Map<Integer, Map<String, Object>> result = new TreeMap<>();
        for (Map.Entry<Integer, Partition> entry : partitions.entrySet()) {
            MessageDigest copy = (MessageDigest) entry.getValue().digest.clone();
            String hex = HexFormat.of().formatHex(copy.digest()).substring(0, 16);
            result.put(entry.getKey(), Map.of("records", entry.getValue().count[0], "digest", hex));
        }
        return result;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
