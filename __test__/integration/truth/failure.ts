/** What went wrong in an attempt, in a list of one; empty if nothing did. */
export async function failureOf(title: string, attempt: () => Promise<unknown>): Promise<string[]> {
  try {
    await attempt();
    return [];
  } catch (error) {
    return [`${title}: ${error instanceof Error ? error.message : error}`];
  }
}
