/** The text of a JSDoc comment, without its stars: one string for each paragraph. */
export function paragraphsOf(comment: readonly string[]): readonly string[] {
  const paragraphs: string[][] = [[]];
  for (const line of comment) {
    const text = textOf(line);
    if (text === "") paragraphs.push([]);
    else paragraphs.at(-1)?.push(text);
  }
  return paragraphs.filter((lines) => lines.length > 0).map((lines) => lines.join(" "));
}

/** The lines of a JSDoc comment without its stars, their indentation kept. */
export function linesOf(comment: readonly string[]): readonly string[] {
  return comment.map((line) => withoutStars(line).trimEnd());
}

function textOf(line: string): string {
  return withoutStars(line).trim();
}

function withoutStars(line: string): string {
  return line
    .replace(/^\s*\/\*\* ?/, "")
    .replace(/\s*\*\/\s*$/, "")
    .replace(/^\s*\* ?/, "");
}

/** The JSDoc comment that begins at this line, and the line after it; undefined when there is none. */
export function commentAt(
  lines: readonly string[],
  start: number,
): { readonly comment: readonly string[]; readonly end: number } | undefined {
  if (!/^\s*\/\*\*/.test(lines[start] ?? "")) return undefined;
  let end = start;
  while (end < lines.length && !/\*\/\s*$/.test(lines[end] ?? "")) end++;
  return { comment: lines.slice(start, end + 1), end: end + 1 };
}
