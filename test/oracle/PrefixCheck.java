package oracle;

import java.nio.ByteBuffer;
import oracle.ValueGenerator.Variant;
import org.apache.kafka.common.protocol.ApiKeys;

/** Every strict prefix of a valid body must be refused by Java: the premise of the same rule for our decoder. */
final class PrefixCheck {
    private PrefixCheck() {}

    static void run() {
        long prefixes = 0;
        for (ApiKeys api : ApiKeys.values()) {
            if (!api.hasValidVersion()) continue;
            prefixes += check(Schema.request(api), api.latestVersion(true));
            prefixes += check(Schema.response(api), api.latestVersion(true));
        }
        Report.line("prefix check: %d prefixes", prefixes);
    }

    private static int check(Schema schema, short version) {
        byte[] body = Canonical.encode(schema,
            new ValueGenerator(Variant.TYPICAL, new Rng(schema.name), version).message(schema), version);
        for (int length = 0; length < body.length; length++) {
            try {
                Messages.decode(schema, ByteBuffer.wrap(body, 0, length).slice(), version);
            } catch (RuntimeException refused) {
                continue;
            }
            Report.problem("prefix accepted: " + schema.name + " " + length + "/" + body.length);
        }
        return body.length;
    }
}
