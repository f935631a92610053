import { connectionHelpWith } from "../connection-parameters.ts";

export const produceHelp: string = `Usage: kafkawire produce TOPIC [options]

Sends records to a topic: from standard input or a file, as fast as the cluster takes them.

  --file FILE             read FILE instead of standard input
  --format FORMAT         lines (default), json or csv: see below
  -p, --partition N       send all records there that do not name a partition themselves
  -z, --compression NAME  none (default), gzip, snappy, lz4, zstd
  --acks WHO              who must have written a record: all (default), 1 (the leader), 0 (nobody)
  --stop-on-error         end at the first line that is wrong or record that fails; otherwise they are counted, and the rest goes on

lines: each line is a value, as bytes; its end (LF or CRLF) is no part of it. An empty line is an empty value.
  -K, --key-separator TEXT  each line is key, TEXT, value; \\t stands for a tab. A line without TEXT is wrong
  --headers                 each line begins with name:value,name:value and a tab
  --null TEXT               a key, value or header value that is exactly TEXT is null; a null value is a tombstone

json: each line is { "key", "value", "headers", "partition", "timestampMs" }, each of which may be left out.
  Strings are sent as text, null as null; of anything else its JSON is sent as it stands.
  Headers are { "name": "value" or null or a list of them }, or [["name", "value"], …].

csv: the first row names the columns; quotes as in RFC 4180. Columns key and value alone are the key and the value.
Of any other file, each row is a value, as a JSON object of its cells.
  --key-column NAME         this column is the key
  --value-column NAME       this column alone is the value
  --headers                 the column headers is name:value,name:value
  --column-separator CHAR   instead of a comma; \\t stands for a tab
  --null TEXT               a cell that is exactly TEXT is null

On a terminal progress is shown. At the end, and after Ctrl-C, what was taken is delivered and a summary printed. The exit code is 0 if all
of the input is written, 1 if something is not, 2 if the command cannot be.

${connectionHelpWith("how long a record may take until it is written (default 120)")}

Examples:
  echo hello | kafkawire produce greetings
  kafkawire produce orders --file orders.txt -K : --headers -z lz4
  kafkawire produce orders --file orders.csv --format csv --key-column id
  kafkawire produce orders --file orders.ndjson --format json -X linger.ms=20 -X batch.size=262144`;
