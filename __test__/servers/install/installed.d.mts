export type ServerName = 'python' | 'roapi' | 'arrow-go-sqlite' | 'go-truth' | 'java-derby';
export function whyUnavailable(name: ServerName): string | null;
export function installed(name: ServerName): Promise<string>;
export function classpathOf(folder: string): string;
