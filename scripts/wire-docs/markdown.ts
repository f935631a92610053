/** A GitHub table. Cells are Markdown already; what would end a cell is escaped here. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(" | ")} |`.replaceAll("|  |", "| |");
  return [line(head), `|${head.map(() => "---").join("|")}|`, ...rows.map(line)].join("\n");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}

export function code(text: string): string {
  return `\`${text}\``;
}

export function link(text: string, target: string): string {
  return `[${text}](${target})`;
}

export function codeBlock(text: string): string {
  return `\`\`\`text\n${text}\n\`\`\``;
}

/** Where GitHub puts a heading: lower case, without punctuation, hyphens for spaces. */
export function anchorOf(heading: string): string {
  return `#${heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-")}`;
}

/** Plain text in which nothing shall be taken for Markdown, except code between backticks. */
export function escapeText(text: string): string {
  return mapOutsideCode(text, (plain) => plain.replace(/[\\*<>[\]$~]|(?<!\w)_|_(?!\w)/g, "\\$&"));
}

/** Changes the text between the code spans. */
export function mapOutsideCode(text: string, change: (plain: string) => string): string {
  return text
    .split(/(`[^`]*`)/)
    .map((part, index) => (index % 2 === 1 ? part : change(part)))
    .join("");
}

/** Sections with an empty line between them; empty ones fall out. */
export function joinSections(sections: readonly string[]): string {
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
