/** The node a requester is, by the names and groups node credentials carry. */
export function nodeOf(requester: { readonly user: string; readonly groups: readonly string[] }): string | undefined {
  const prefix = 'system:node:';
  return requester.groups.includes('system:nodes') && requester.user.startsWith(prefix)
    ? requester.user.slice(prefix.length)
    : undefined;
}
