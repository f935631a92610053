/** The named groups of characters that RE2/J knows: a table, of which only the characters of ASCII in each group matter. */
import type { ClassItem } from "./topic-characters.ts";

const perlGroups: ReadonlyMap<string, RegExp> = new Map([
  ["d", /[0-9]/],
  ["s", /[\t\n\f\r ]/],
  ["w", /[0-9A-Za-z_]/],
]);

const posixGroups: ReadonlyMap<string, RegExp> = new Map([
  ["alnum", /[0-9A-Za-z]/],
  ["alpha", /[A-Za-z]/],
  ["ascii", /\p{ASCII}/u],
  ["blank", /[\t ]/],
  ["cntrl", /\p{Cc}/u],
  ["digit", /[0-9]/],
  ["graph", /[!-~]/],
  ["lower", /[a-z]/],
  ["print", /[ -~]/],
  ["punct", /[!-/:-@[-`{-~]/],
  ["space", /[\t-\r ]/],
  ["upper", /[A-Z]/],
  ["word", /[0-9A-Za-z_]/],
  ["xdigit", /[0-9A-Fa-f]/],
]);

/** Those that have characters of ASCII. */
const unicodeGroups: ReadonlyMap<string, RegExp> = new Map([
  ["Any", /[\s\S]/],
  ["C", /\p{Cc}/u],
  ["Cc", /\p{Cc}/u],
  ["L", /[A-Za-z]/],
  ["Lu", /[A-Z]/],
  ["Ll", /[a-z]/],
  ["N", /[0-9]/],
  ["Nd", /[0-9]/],
  ["P", /[!-#%-*,-/:;?@[-\]_{}]/],
  ["Pc", /_/],
  ["Pd", /-/],
  ["Pe", /[)\]}]/],
  ["Po", /[!-#%-'*,./:;?@\\]/],
  ["Ps", /[([{]/],
  ["S", /[$+<=>^`|~]/],
  ["Sc", /\$/],
  ["Sk", /[\^`]/],
  ["Sm", /[+<=>|~]/],
  ["Z", / /],
  ["Zs", / /],
  ["Common", /[\0-@[-`{-\x7f]/],
  // The two letters beyond ASCII are other cases of letters in it.
  ["Latin", /[A-Za-z\u017f\u212a]/],
]);

const otherUnicodeGroups: ReadonlySet<string> = new Set(
  [
    "Cf Co Cs Lm Lo Lt M Mc Me Mn Nl No Pf Pi So Zl Zp",
    "Arabic Armenian Avestan Balinese Bamum Batak Bengali Bopomofo Brahmi Braille Buginese Buhid Canadian_Aboriginal Carian Cham",
    "Cherokee Coptic Cuneiform Cypriot Cyrillic Deseret Devanagari Egyptian_Hieroglyphs Ethiopic Georgian Glagolitic Gothic Greek",
    "Gujarati Gurmukhi Han Hangul Hanunoo Hebrew Hiragana Imperial_Aramaic Inherited Inscriptional_Pahlavi Inscriptional_Parthian",
    "Javanese Kaithi Kannada Katakana Kayah_Li Kharoshthi Khmer Lao Lepcha Limbu Linear_B Lisu Lycian Lydian Malayalam Mandaic",
    "Meetei_Mayek Mongolian Myanmar New_Tai_Lue Nko Ogham Ol_Chiki Old_Italic Old_Persian Old_South_Arabian Old_Turkic Oriya Osmanya",
    "Phags_Pa Phoenician Rejang Runic Samaritan Saurashtra Shavian Sinhala Sundanese Syloti_Nagri Syriac Tagalog Tagbanwa Tai_Le",
    "Tai_Tham Tai_Viet Tamil Telugu Thaana Thai Tibetan Tifinagh Ugaritic Unknown Vai Yi",
  ].flatMap((line) => line.split(" ")),
);

/** `\d`, or negated `\D`; undefined if the letter stands for none. */
export function perlGroup(letter: string, ignoresCase: boolean): ClassItem | undefined {
  return groupItem(perlGroups.get(letter.toLowerCase()), letter !== letter.toLowerCase(), ignoresCase);
}

/** `[:alpha:]`, or negated `[:^alpha:]`. */
export function posixGroup(name: string, ignoresCase: boolean): ClassItem | undefined {
  const isNegated = name.startsWith("^");
  return groupItem(posixGroups.get(isNegated ? name.slice(1) : name), isNegated, ignoresCase);
}

/** The group of `\p{Greek}` or `\p{Lu}`. */
export function unicodeGroup(name: string, isNegated: boolean, ignoresCase: boolean): ClassItem | undefined {
  const group = unicodeGroups.get(name) ?? (otherUnicodeGroups.has(name) ? /(?!)/ : undefined);
  return groupItem(group, isNegated, ignoresCase);
}

function groupItem(group: RegExp | undefined, isNegated: boolean, ignoresCase: boolean): ClassItem | undefined {
  if (group === undefined) return undefined;
  return { has: (code) => group.test(String.fromCodePoint(code)), isNegated, ignoresCase };
}
