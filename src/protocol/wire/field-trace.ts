/**
 * Knows the path of the field that is being read or written. Names come for free: a layout reads `it.name` just before it
 * makes the wire call for that field, so whoever hands out `it` sees which field comes next.
 */
export class FieldTrace {
  readonly #outer: string[] = [];
  #field = "";

  /** The same object, except that this trace learns which field is read last. */
  watch<T extends object>(value: T): T {
    return new Proxy(value, {
      get: (target, key): unknown => {
        if (typeof key === "string") this.#field = key;
        return Reflect.get(target, key);
      },
    });
  }

  /** Name of the field whose wire call is being made. */
  get field(): string {
    return this.#field;
  }

  /** For what is no field of a layout, as the tag section. */
  enter(part: string): void {
    this.#field = part;
  }

  get path(): string {
    return join(this.#outer, this.#field);
  }

  /** Runs `inner` as a part (an element, or the fields) of the current field. After an exception the path stays where it was. */
  within<T>(part: string, inner: () => T): T {
    const field = this.#field;
    this.#outer.push(field, part);
    this.#field = "";
    const result = inner();
    this.#outer.splice(-2);
    this.#field = field;
    return result;
  }
}

function join(outer: readonly string[], field: string): string {
  const parts = [...outer, field].filter((part) => part !== "");
  return parts.join(".").replaceAll(".[", "[");
}
