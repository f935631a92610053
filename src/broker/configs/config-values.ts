/** Checks values and brings them into the form in which they are kept and described, in Kafka's words where it refuses them. */
import { type ConfigDefinition, elementsOf } from "./config-definition.ts";

/** The value as it is kept, e.g. without space around a number; or what is wrong with it. */
export type CheckedValue = { readonly value: string } | { readonly problem: string };

const LONG_MAX = 2n ** 63n - 1n;
const INTEGER_LIMITS = { short: 2n ** 15n - 1n, int: 2n ** 31n - 1n, long: LONG_MAX } as const;

/** The longest text that can be such a number; what is longer need not be tried. */
const MAX_NUMBER_LENGTH = 400;

export function checkedValue(definition: ConfigDefinition, text: string): CheckedValue {
  const checked = ofType(definition, text);
  if ("problem" in checked) return checked;
  const problem = definition.refusal?.(checked.value);
  return problem === undefined ? checked : { problem };
}

function ofType(definition: ConfigDefinition, text: string): CheckedValue {
  switch (definition.type) {
    case "boolean":
      return booleanFrom(definition, text);
    case "short":
    case "int":
    case "long":
      return integerFrom(definition, definition.type, text);
    case "double":
      return doubleFrom(definition, text);
    case "list":
      return listFrom(definition, text);
    case "string":
      return definition.values === undefined || definition.values.includes(text.trim())
        ? { value: text.trim() }
        : { problem: `${invalid(definition, text)}: String must be one of: ${definition.values.join(", ")}` };
    case "password":
      return { value: text };
  }
}

function booleanFrom(definition: ConfigDefinition, text: string): CheckedValue {
  const value = text.trim().toLowerCase();
  if (value === "true" || value === "false") return { value };
  return { problem: `${invalid(definition, text)}: Expected value to be either true or false` };
}

function integerFrom(definition: ConfigDefinition, type: keyof typeof INTEGER_LIMITS, text: string): CheckedValue {
  const digits = text.trim();
  const number = digits.length <= MAX_NUMBER_LENGTH && /^[+-]?\d+$/.test(digits) ? BigInt(digits.replace("+", "")) : undefined;
  const limit = INTEGER_LIMITS[type];
  if (number === undefined || number > limit || number < -limit - 1n) return notANumber(definition, text);
  const problem = outOfRange(definition, Number(number), String(number));
  return problem === undefined ? { value: String(number) } : { problem };
}

function doubleFrom(definition: ConfigDefinition, text: string): CheckedValue {
  const digits = text.trim();
  const isNumber = digits.length <= MAX_NUMBER_LENGTH && /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(digits);
  if (!isNumber) return notANumber(definition, text);
  const value = javaDouble(Number(digits));
  const problem = outOfRange(definition, Number(digits), value);
  return problem === undefined ? { value } : { problem };
}

function listFrom(definition: ConfigDefinition, text: string): CheckedValue {
  const elements = [...new Set(elementsOf(text))];
  const { values } = definition;
  const wrong = values === undefined ? undefined : elements.find((element) => !values.includes(element));
  if (wrong !== undefined) return { problem: `${invalid(definition, wrong)}: String must be one of: ${values?.join(", ")}` };
  return { value: elements.join(",") };
}

function outOfRange({ name, min, max, exception }: ConfigDefinition, number: number, shown: string): string | undefined {
  const isBelow = min !== undefined && number < min;
  const isAbove = max !== undefined && number > max;
  if (number === exception || !(isBelow || isAbove)) return undefined;
  const start = `Invalid value ${shown} for configuration ${name}: Value must be`;
  if (exception !== undefined) return `${start} between ${min} and ${max} or equal to ${exception}`;
  return isBelow ? `${start} at least ${min}` : `${start} no more than ${max}`;
}

function notANumber(definition: ConfigDefinition, text: string): CheckedValue {
  return { problem: `${invalid(definition, text)}: Not a number of type ${definition.type.toUpperCase()}` };
}

function invalid(definition: ConfigDefinition, text: string): string {
  return `Invalid value ${text} for configuration ${definition.name}`;
}

/** Java shows a double that is a whole number with a zero behind the point. */
function javaDouble(number: number): string {
  return Number.isInteger(number) && Math.abs(number) < 1e7 ? number.toFixed(1) : String(number);
}
