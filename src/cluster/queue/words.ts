/** A build of an engine in words. */
export function buildOf(build: string): string {
  return /^[a-z0-9]+$/.test(build) ? `${build} kernels` : build;
}
