package oracle;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.coordinator.group.api.assignor.ConsumerGroupPartitionAssignor;
import org.apache.kafka.coordinator.group.api.assignor.GroupAssignment;
import org.apache.kafka.coordinator.group.api.assignor.SubscribedTopicDescriber;
import org.apache.kafka.coordinator.group.api.assignor.SubscriptionType;
import org.apache.kafka.coordinator.group.assignor.RangeAssignor;
import org.apache.kafka.coordinator.group.assignor.UniformAssignor;
import org.apache.kafka.coordinator.group.modern.Assignment;
import org.apache.kafka.coordinator.group.modern.GroupSpecImpl;
import org.apache.kafka.coordinator.group.modern.MemberSubscriptionAndAssignmentImpl;

/**
 * What the assignors of Kafka's group coordinator assign, and what RE2/J, with which it reads the consumers' regular expressions,
 * says to expressions and topic names. Run it as a source file with a broker's jars on the class path; its argument is the folder
 * to write to.
 */
public final class GroupCoordinatorFixtures {
    private GroupCoordinatorFixtures() {}

    public static void main(String[] arguments) throws IOException {
        Path dir = Path.of(arguments[0]);
        Files.createDirectories(dir);
        try (PrintWriter out = writer(dir.resolve("assignors.jsonl"))) {
            for (int seed = 0; seed < 60; seed++) new Scenario(new UniformAssignor(), seed, out).play(8);
            for (int seed = 100; seed < 125; seed++) new Scenario(new RangeAssignor(), seed, out).play(5);
        }
        try (PrintWriter out = writer(dir.resolve("topic-regexes.jsonl"))) {
            Regexes.write(out);
        }
    }

    private static PrintWriter writer(Path path) throws IOException {
        return new PrintWriter(Files.newBufferedWriter(path, StandardCharsets.UTF_8));
    }

    private static String text(String value) {
        if (value == null) return "null";
        StringBuilder out = new StringBuilder("\"");
        for (char c : value.toCharArray()) {
            if (c == '"' || c == '\\') out.append('\\').append(c);
            else if (c < 0x20 || c > 0x7e) out.append(String.format("\\u%04x", (int) c));
            else out.append(c);
        }
        return out.append('"').toString();
    }

    private static <T> String list(Iterable<T> values, Function<T, String> print) {
        List<String> printed = new ArrayList<>();
        for (T value : values) printed.add(print.apply(value));
        return "[" + String.join(",", printed) + "]";
    }

    /** A topic of a scenario; a deleted one has no partitions. */
    private static final class Topic {
        final Uuid id;
        int partitions;

        Topic(Uuid id, int partitions) {
            this.id = id;
            this.partitions = partitions;
        }
    }

    private static final class Member {
        String instanceId;
        Set<Uuid> topics;
        Assignment assignment = Assignment.EMPTY;
    }

    /** A group through several rounds: members come, go and change their minds, topics come, go and grow. */
    private static final class Scenario {
        private final ConsumerGroupPartitionAssignor assignor;
        private final Random random;
        private final PrintWriter out;
        private final boolean alike;
        private final List<Topic> topics = new ArrayList<>();
        private final TreeMap<String, Member> members = new TreeMap<>();

        Scenario(ConsumerGroupPartitionAssignor assignor, int seed, PrintWriter out) {
            this.assignor = assignor;
            this.random = new Random(seed);
            this.out = out;
            this.alike = seed % 2 == 0;
        }

        void play(int rounds) {
            for (int count = 1 + random.nextInt(5); count > 0; count--) addTopic();
            for (int count = random.nextInt(6); count > 0; count--) addMember();
            for (int round = 0; round < rounds; round++) {
                if (round > 0) for (int count = 1 + random.nextInt(3); count > 0; count--) change();
                if (alike) subscribeAlike();
                assign();
            }
        }

        private void change() {
            switch (random.nextInt(9)) {
                case 0, 1, 2 -> addMember();
                case 3, 4 -> removeMember();
                case 5 -> addTopic();
                case 6 -> any(topics).filter(topic -> topic.partitions > 0).ifPresent(topic -> topic.partitions += 1 + random.nextInt(5));
                case 7 -> any(topics).ifPresent(this::delete);
                default -> any(new ArrayList<>(members.values())).ifPresent(member -> member.topics = subset());
            }
        }

        private void addTopic() {
            int partitions = random.nextInt(4) == 0 ? 1 + random.nextInt(40) : 1 + random.nextInt(9);
            topics.add(new Topic(new Uuid(random.nextLong(), random.nextLong()), partitions));
        }

        private void addMember() {
            Member member = new Member();
            member.instanceId = random.nextInt(5) == 0 ? "static-" + random.nextInt(1000) : null;
            member.topics = subset();
            members.put(new Uuid(random.nextLong(), random.nextLong()).toString(), member);
        }

        private void removeMember() {
            any(new ArrayList<>(members.keySet())).ifPresent(members::remove);
        }

        private void delete(Topic topic) {
            topic.partitions = 0;
            for (Member member : members.values()) member.topics.remove(topic.id);
        }

        private Set<Uuid> subset() {
            List<Topic> shuffled = new ArrayList<>(topics);
            Collections.shuffle(shuffled, random);
            int most = 1 + random.nextInt(topics.size());
            return shuffled.stream().filter(topic -> topic.partitions > 0).limit(most).map(topic -> topic.id)
                .collect(Collectors.toCollection(LinkedHashSet::new));
        }

        private void subscribeAlike() {
            Set<Uuid> same = subset();
            for (Member member : members.values()) member.topics = same;
        }

        private <T> Optional<T> any(List<T> values) {
            return values.isEmpty() ? Optional.empty() : Optional.of(values.get(random.nextInt(values.size())));
        }

        private void assign() {
            // The kind of table, and the way into it, that Kafka's TargetAssignmentBuilder has.
            Map<String, MemberSubscriptionAndAssignmentImpl> specs = new HashMap<>();
            Map<Uuid, Map<Integer, String>> owners = new HashMap<>();
            members.forEach((id, member) -> {
                specs.put(id, new MemberSubscriptionAndAssignmentImpl(
                    Optional.empty(), Optional.ofNullable(member.instanceId), member.topics, member.assignment));
                member.assignment.partitions().forEach((topicId, partitions) -> partitions.forEach(partition ->
                    owners.computeIfAbsent(topicId, __ -> new HashMap<>()).put(partition, id)));
            });
            // Members that are alike may be taken for different ones, as when one names what the other has a pattern for.
            boolean homogeneous = alike && random.nextInt(10) > 0;
            GroupAssignment target = assignor.assign(
                new GroupSpecImpl(
                    Collections.unmodifiableMap(specs),
                    homogeneous ? SubscriptionType.HOMOGENEOUS : SubscriptionType.HETEROGENEOUS,
                    owners),
                describer());
            print(homogeneous, specs.keySet(), target);
            members.forEach((id, member) -> member.assignment = stored(target, id));
        }

        private SubscribedTopicDescriber describer() {
            return new SubscribedTopicDescriber() {
                @Override
                public int numPartitions(Uuid topicId) {
                    for (Topic topic : topics) if (topic.id.equals(topicId) && topic.partitions > 0) return topic.partitions;
                    return -1;
                }

                @Override
                public Set<String> racksForPartition(Uuid topicId, int partition) {
                    return Set.of();
                }
            };
        }

        /** As it comes back from the log: Assignment.fromRecord. */
        private Assignment stored(GroupAssignment target, String memberId) {
            return new Assignment(partitionsOf(target, memberId).entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, entry -> new HashSet<>(new ArrayList<>(entry.getValue())))));
        }

        private Map<Uuid, Set<Integer>> partitionsOf(GroupAssignment target, String memberId) {
            return target.members().containsKey(memberId) ? target.members().get(memberId).partitions() : Map.of();
        }

        private void print(boolean homogeneous, Set<String> order, GroupAssignment target) {
            out.println("{\"assignor\":" + text(assignor.name())
                + ",\"homogeneous\":" + homogeneous
                + ",\"topics\":" + list(topics, topic -> "[" + text(topic.id.toString()) + "," + topic.partitions + "]")
                + ",\"members\":" + list(order, id -> "{\"id\":" + text(id)
                    + ",\"instance\":" + text(members.get(id).instanceId)
                    + ",\"topics\":" + list(members.get(id).topics, topicId -> index(topicId))
                    + ",\"held\":" + print(members.get(id).assignment.partitions())
                    + ",\"target\":" + print(sorted(partitionsOf(target, id))) + "}")
                + "}");
        }

        private String print(Map<Uuid, Set<Integer>> partitions) {
            return list(partitions.entrySet(), entry -> "[" + index(entry.getKey()) + "," + list(entry.getValue(), String::valueOf) + "]");
        }

        private Map<Uuid, Set<Integer>> sorted(Map<Uuid, Set<Integer>> partitions) {
            Map<Uuid, Set<Integer>> sorted = new TreeMap<>();
            partitions.forEach((topicId, numbers) -> sorted.put(topicId, new TreeSet<>(numbers)));
            return sorted;
        }

        private String index(Uuid topicId) {
            for (int index = 0; index < topics.size(); index++) if (topics.get(index).id.equals(topicId)) return String.valueOf(index);
            throw new IllegalStateException("no topic " + topicId);
        }
    }

    private static final class Regexes {
        private static final List<String> NAMES = List.of(
            "orders", "orders.eu", "orders.us", "Orders", "order-1", "order-2", "order-12", "order_1", "a", "b", "ab", "aab", "abab", "A",
            "AB", "0", "7", "42", "2026-01-01", "__consumer_offsets", "_", ".", "-", "..a", "a.b.c", "a-b-c", "a_b_c", "kK", "sS", "Kelvin",
            "payments.v1.dlq", "payments-v2-dlq", "x.y", "xy", "xyz", "aaaaaaaaaaaaaaaaaaaa", "abcabcabc", "ORDERS.EU", "foo.bar-baz_9", "z");

        private static final List<String> WRITTEN = List.of(
            "", ".*", "orders.*", "orders\\..*", "^orders$", "^order-\\d+$", "orders|payments.*", "(orders|a)\\.(eu|b).*", "order-[0-9]{1,2}",
            "order-[0-9]{2}", "(?i)orders", "(?i:ORD)ers", "(?i)kelvin", "(?i)\u212aelvin", "(?i)\u017f+", "[\u017fk]+(?i)[k]", "(?-i)a",
            "(?i-s)A", "(?i-)a", "(?--i)a", "(?s).+", "(?m)^a$", "(?U)a*", "(?imsU-imsU)a", "(?P<name>a)b", "(?<name>a)b", "(?<n>a)(?<n>b)",
            "(?<>a)", "(?<n-m>a)", "(?<n", "(?P=n)", "(?=a)", "(?!a)a", "(?<=a)b", "(?<!a)b", "(?>a)", "(?#c)a", "(?", "(?i", "(a", "a)",
            ")", "(", "()", "(|a)*", "a||b", "|", "|a", "a|", "*", "+a", "?", "a**", "a*+", "a*?", "a+?", "a??", "a???", "a{2}{3}", "a{2}?",
            "a{", "a{}", "a{,}", "a{,2}", "a{01}", "a{1,2", "a{2,1}", "a{1000}", "a{1001}", "a{1,1001}", "a{123456789}", "a{0}", "a{0,0}b",
            "a{20}", "a{2,}", "(a{2}){3}b", "(ab){2}", "(a*)*", "(a+)+", "(a*)+b", "((a?)*)*", "()*a", "(a|a)*b", "(a|b|ab)*", "{a", "^*", "$*",
            "^^a", "a$$", "a^b", "\\Aorders\\z", "\\borders\\b.*", "\\bx\\b.*", "a\\Bb", "a\\b-\\bb.*", ".*\\bb\\b.*", "\\B", "\\b", "(?i)*",
            "a(?i)*", "(?i:)*", "(|*)", "[abc]+", "[^abc]+", "[a-c]+", "[c-a]", "[a-]", "[-a]+", "[]a]+", "[]", "[^]", "[^]a]+", "[", "[a",
            "[a-", "[[:alpha:]]+", "[[:^alpha:]]+", "[[:word:].-]+", "[[:nope:]]", "[[:alpha:]", "[:alpha:]+", "[[a]+", "[\\d.]+", "[^\\d]+",
            "[\\w-]+", "[\\D]+", "[\\S]+", "[^\\S]+", "[\\s]*a", "[\\Q]", "[\\b]", "[\\-a]+", "[a\\]]+", "[\\x61-\\x63]+", "[a-\\d]", "[\\d-a]+",
            "[--.]+", "[.--]", "[+--]+", "(?i)[a-c]+", "(?i)[^a-c]+", "(?i)[[:upper:]]+", "(?i)[[:^upper:]]+", "(?i)\\pL+", "(?i)\\p{Lu}+",
            "(?i)\\P{Lu}+", "\\d+", "\\D+", "\\s*", "\\S+", "\\w+", "\\W+", "\\pL+", "\\p{L}+", "\\p{Lu}+", "\\p{Ll}+", "\\p{^Ll}+", "\\P{Ll}+",
            "\\P{^Ll}+", "\\p^L+", "\\pN+", "\\p{Nd}+", "\\pP+", "\\p{Po}+", "\\p{Pd}+", "\\p{Pc}+", "\\pS", "\\p{Latin}+", "\\p{Common}+",
            "\\p{Greek}*", "\\P{Greek}+", "\\p{Han}", "\\p{Any}+", "\\P{Any}", "\\p{Letter}", "\\p{latin}", "\\p{Grek}", "\\p{}", "\\p{", "\\p",
            "\\pq", "[\\pL]+", "[^\\pL]+", "[\\p{Lu}\\d]+", "[\\p{Nope}]", "[\\p", "\\Qa.b\\E.c", "\\Qa", "\\Q\\E", "\\Qa\\E*b", "\\Qab\\E+",
            "\\E", "\\1", "(a)\\1", "\\7", "\\8", "\\0", "\\101", "\\1011", "\\07", "\\08", "\\x41", "\\x4", "\\x", "\\x{41}", "\\x{041}",
            "\\x{}", "\\x{110000}", "\\x{10FFFF}", "\\x{4G}", "\\x{41", "\\xg1", "\\a", "\\f\\n\\r\\t\\v", "\\C", "\\c", "\\e", "\\G", "\\Z", "\\z",
            "\\A", "\\h", "\\R", "\\X", "\\k", "\\K", "\\.", "a\\.b\\.c", "\\-", "\\_", "\\/", "\\!", "\\\\", "\\", "a\\", "\\u0041", "\\é",
            "\u00e9", "\ud83d\ude00?a", "[\ud83d\ude00a]+", "a\nb", ".\\..", "(?:a|b)+", "(?:(?:(?:a)))", "((((((((((a))))))))))", "a|b|c|ab|.*z",
            "(a|ab)(c|bcd)?.*", "(x+x+)+y", "(.*)(.*)(.*)(.*)(.*)[0-9]", "([a-z]+)*[0-9]", "(?i)(?-i)orders", "(?i)a|b", "((?i)a)b", "(a(?i)b|c)d",
            "(?:(?i)A)B", "_.*", "__.*", "[^_].*", "(payments)[.-](v1|v2)[.-]dlq", "(?i)s+", "(?i)k+", "(?i)[s]+", "(?i)[^s]+", "\u212a", "\u017f",
            "(?i)[\u2100-\u2200]+", "(?i)\\x{17f}\\x{73}");

        static void write(PrintWriter out) {
            out.println("{\"names\":" + list(NAMES, GroupCoordinatorFixtures::text) + "}");
            Set<String> regexes = new LinkedHashSet<>(WRITTEN);
            Random random = new Random(848);
            while (regexes.size() < WRITTEN.size() + 500) regexes.add(random(random, 4));
            for (String regex : regexes) out.println("{\"regex\":" + text(regex) + "," + outcome(regex) + "}");
        }

        private static String outcome(String regex) {
            Pattern pattern;
            try {
                pattern = Pattern.compile(regex);
            } catch (PatternSyntaxException refused) {
                return "\"error\":" + text(refused.getDescription());
            }
            List<Integer> matches = new ArrayList<>();
            for (int index = 0; index < NAMES.size(); index++) if (pattern.matcher(NAMES.get(index)).matches()) matches.add(index);
            return "\"matches\":" + list(matches, String::valueOf);
        }

        private static final List<String> ATOMS = List.of(
            "a", "b", "ab", "x", "order", "-", "_", "\\.", ".", "[a-z]", "[^a]", "[a-c.]", "\\d", "\\w", "\\W", "\\pL", "[[:upper:]]", "0", "^", "$",
            "\\b", "\\B", "(?i)", "s", "k", "\\x61", "*", ")", "(", "[", "|", "{2}", "\\");
        private static final List<String> REPEATS = List.of("", "", "", "*", "+", "?", "{2}", "{1,3}", "{0,2}", "*?", "{2,}");

        private static String random(Random random, int depth) {
            StringBuilder out = new StringBuilder();
            for (int count = 1 + random.nextInt(4); count > 0; count--) {
                if (depth > 0 && random.nextInt(3) == 0) {
                    out.append(random.nextBoolean() ? "(" : "(?:").append(random(random, depth - 1));
                    if (random.nextBoolean()) out.append("|").append(random(random, depth - 1));
                    out.append(")");
                } else {
                    // What breaks expressions is rarer than what makes them.
                    out.append(ATOMS.get(random.nextInt(random.nextInt(8) == 0 ? ATOMS.size() : 26)));
                }
                out.append(REPEATS.get(random.nextInt(REPEATS.size())));
            }
            return out.toString();
        }
    }
}
