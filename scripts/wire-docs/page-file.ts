/** The page of an API is called as its source file: `create-topics.md`. */
export function pageFileOf(apiName: string): string {
  return `${kebabCase(apiName)}.md`;
}

export function kebabCase(name: string): string {
  return name.replace(/(?<=[a-z0-9])[A-Z]/g, "-$&").toLowerCase();
}
