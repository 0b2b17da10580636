/** Path of SwiftShader's driver file; undefined where there is none. */
export function findSwiftShader(): string | undefined;
