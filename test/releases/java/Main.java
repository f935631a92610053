package releases;

/** Kafka's client of one version at work on one broker. Arguments: the client's version, the bootstrap servers, a prefix for names. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        Client client = new Client(arguments[0], arguments[1], arguments[2]);
        int exitCode = 0;
        try {
            // First of all: the topics are created by whoever asks for them.
            Records.run(client);
            if (client.isAtLeast(0, 9)) Groups.run(client);
            if (client.isAtLeast(0, 11)) {
                Topics.run(client);
                Transactions.run(client);
            }
            if (client.isAtLeast(2, 0)) GroupAdmin.run(client);
        } catch (Exception | AssertionError | LinkageError e) {
            e.printStackTrace();
            exitCode = 1;
        }
        System.out.flush();
        // Threads of clients that nobody closed after a failure must not keep the process.
        System.exit(exitCode);
    }
}
