/** What every node calls its only log directory. There is no such directory: logs are in memory. */
export const LOG_DIRECTORY = "/kafkawire";
