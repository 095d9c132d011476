const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as it may stand in an element or a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (found) => ENTITIES[found] ?? found);
}

/** Text that may be long paths between commas: a line breaks behind a slash rather than within a name. */
export function breakable(text: string): string {
  return escapeHtml(text).replaceAll('/', '/<wbr>');
}
