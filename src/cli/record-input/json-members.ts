/**
 * The members of a JSON object, each as the text that stands there: numbers keep their digits, objects their order, which they would not
 * if they were read and written again. Of a name that comes twice the last one counts, as in JSON.parse.
 *
 * @param text has been found to be an object by JSON.parse
 */
export function rawMembers(text: string): ReadonlyMap<string, string> {
  const members = new Map<string, string>();
  let at = skipBlanks(text, text.indexOf("{") + 1);
  while (text[at] === '"') {
    const nameEnd = skipString(text, at);
    const name: unknown = JSON.parse(text.slice(at, nameEnd));
    const start = skipBlanks(text, skipBlanks(text, nameEnd) + 1);
    const end = skipValue(text, start);
    members.set(String(name), text.slice(start, end));
    at = skipBlanks(text, end);
    if (text[at] === ",") at = skipBlanks(text, at + 1);
  }
  return members;
}

const BLANKS = " \t\r\n";

function skipBlanks(text: string, at: number): number {
  while (at < text.length && BLANKS.includes(text.charAt(at))) at++;
  return at;
}

/** @returns where it goes on behind the string that begins at `at` */
function skipString(text: string, at: number): number {
  for (let index = at + 1; index < text.length; index++) {
    if (text[index] === "\\") index++;
    else if (text[index] === '"') return index + 1;
  }
  return text.length;
}

function skipValue(text: string, at: number): number {
  let depth = 0;
  for (let index = at; index < text.length; index++) {
    const character = text[index];
    if (character === '"') index = skipString(text, index) - 1;
    else if (character === "{" || character === "[") depth++;
    else if (character === "}" || character === "]") depth--;
    if (depth === 0 && isEnd(text, index + 1)) return index + 1;
  }
  return text.length;
}

/** Where a value at the object's own level ends: a number or a word ends before what follows it. */
function isEnd(text: string, at: number): boolean {
  return at >= text.length || ",}".includes(text.charAt(at)) || BLANKS.includes(text.charAt(at));
}
