package releases;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;

/** Apart, as clients before 0.11 have no such classes. */
final class Headers {
    private Headers() {}

    static void add(ProducerRecord<String, String> record, int index) {
        for (int number = 0; number < index % 3; number++) {
            record.headers().add("header " + number, ("of " + index).getBytes(StandardCharsets.UTF_8));
        }
    }

    static String of(ConsumerRecord<String, String> record) {
        StringBuilder text = new StringBuilder();
        for (Header header : record.headers()) text.append(header.key()).append(new String(header.value(), StandardCharsets.UTF_8));
        return text.toString();
    }
}
