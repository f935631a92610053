import { connectionHelpWith } from "../connection-parameters.ts";

export const consumeHelp: string = `Usage: kafkawire consume TOPIC [options]

Prints the records of a topic: what is there now, or with --follow also what comes. Without --group nothing is committed.

  --from PLACE            where to begin: beginning (default; with --follow: end), or as below
  --until PLACE           where to end, that record not included: end (default), or as below
  -f, --follow            go on when the end is reached, until PLACE or Ctrl-C
  -n, --count N           end after N records
  -p, --partition N,…     only these partitions
  -g, --group NAME        as a member of that group: the partitions are shared with its other members, reading begins where the group has
                          committed (else at --from: beginning or end) and goes on until Ctrl-C or -n; what was read is committed
  --filter CONDITION      only records like that; may be repeated, then all must hold
  --format FORMAT         text (default), json, hex or table: see below
  -q, --quiet             no progress and no summary

PLACE is beginning, end, an offset (42), N records before the end (--from=-10), a time (2026-05-01, 2026-05-01T12:00:00Z, @MILLISECONDS),
or how long ago (90s, 15m, 6h, 2d). It holds for each partition; an offset that a partition has not is its nearest end.

CONDITION is FIELD, an operator and a text: key=k1, value~^a.*z$, value.customer.id=7, header.source!=web, timestamp>=2026-05-01.
  FIELD is key, value, a member of their JSON (value.a.b), header.NAME, partition, offset or timestamp.
  Operators: = != ~ !~ (regular expressions) < <= > >= (numbers). key=null finds records without a key, value=null tombstones.

text: each record is a line with its value, as bytes; on a terminal without what that would act on.
  -K, --key-separator TEXT  each line is key, TEXT, value; \\t stands for a tab
  --headers                 each line begins with name:value,name:value and a tab
  --null TEXT               what a key or value looks like that is null (default null)

json: each record is a line with all that is known of it; --json is the same. Bytes that are no text are { "base64" }.
hex: all bytes of keys, values and headers.
table: columns for partition, offset, timestamp, key and value; --headers and --null as for text.

The summary, and where it makes sense progress, are on standard error. The exit code is 0 if all was read that was asked for (with --follow
or --group: also after Ctrl-C), 1 if not, 2 if the command cannot be.

${connectionHelpWith("how long to wait for an answer, or for records that must be there (default 60)")}

Examples:
  kafkawire consume orders --from=-10
  kafkawire consume orders --from 15m --follow --format table
  kafkawire consume orders --filter 'value.total>=100' --format json | jq .key
  kafkawire consume orders --group audit -X group.protocol=consumer
  kafkawire consume orders -K : --headers | kafkawire produce copies -K : --headers`;
