export type ServerName = 'python' | 'roapi' | 'arrow-go-sqlite' | 'datafusion' | 'go-truth' | 'java-derby' | 'jdbc';
export function whyUnavailable(name: ServerName): string | null;
export function installed(name: ServerName, whenBuilding?: () => void): Promise<string>;
export function classpathOf(folder: string): string;
export function dataFusionBinary(folder: string): string;
