import { adminCommand } from "../admin-command.ts";
import type { Command } from "../command.ts";
import { describeGroups, listGroups } from "../groups/group-listing.ts";
import { resetGroup } from "../groups/group-reset.ts";
import { watchGroup } from "../groups/group-watch.ts";

export const groups: Command = adminCommand({
  name: "groups",
  summary: "lists, describes and watches groups of consumers, and resets their offsets",
  subcommands: [
    { name: "list", parameters: "", summary: "all groups, with their type and state", run: listGroups },
    {
      name: "describe",
      parameters: "NAME...",
      summary: "who is in it and holds what, what it has committed, and how far that is behind",
      run: describeGroups,
    },
    {
      name: "reset",
      parameters: "NAME --to PLACE | --shift-by N | --from-file FILE [--topic NAME[:PARTITION,...]]... [--execute] [--export]",
      summary: `where it goes on, when nobody is in it; without --execute only told. PLACE: beginning, end, an offset, N before the end
      (--to=-10), a time (2026-05-01T12:00:00Z, @MILLISECONDS) or how long ago (15m). --shift-by: from where it is. FILE: lines of
      topic,partition,offset, as --export prints them, and Kafka's own tool. Without --topic: all that it has committed`,
      options: {
        to: { type: "string" },
        "shift-by": { type: "string" },
        "from-file": { type: "string" },
        topic: { type: "string", multiple: true },
        execute: { type: "boolean" },
        "dry-run": { type: "boolean" },
        export: { type: "boolean" },
      },
      run: resetGroup,
    },
    {
      name: "watch",
      parameters: "NAME [--interval SECONDS]",
      summary: `members that come and go, rebalances, who gets what, and the lag, until Ctrl-C; what happens between two looks (every second)
      is seen only in what it leaves behind`,
      options: { interval: { type: "string" } },
      run: watchGroup,
    },
  ],
});
