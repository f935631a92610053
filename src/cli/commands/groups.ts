import { adminCommand } from "../admin-command.ts";
import type { Command } from "../command.ts";
import { describeGroups, listGroups } from "../group-listing.ts";

export const groups: Command = adminCommand({
  name: "groups",
  summary: "lists and describes groups of consumers",
  subcommands: [
    { name: "list", parameters: "", summary: "all groups, with their type and state", run: listGroups },
    {
      name: "describe",
      parameters: "NAME...",
      summary: "who is in it and holds what, what it has committed, and how far that is behind",
      run: describeGroups,
    },
  ],
});
