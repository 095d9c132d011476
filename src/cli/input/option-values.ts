/** The values of a flag that may be given many times, in the order given. */
export function repeated(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** The words of a flag that takes many between commas, and may be given many times too. */
export function commaSeparated(value: string, before: readonly string[] = []): readonly string[] {
  const words = value.split(',').map((word) => word.trim());
  return [...before, ...words.filter((word) => word !== '')];
}
