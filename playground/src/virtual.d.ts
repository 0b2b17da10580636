/** Made by `shelf.plugin.ts` when the page is built. */
declare module "virtual:shelf" {
  export const shelf: readonly Readonly<{ emoji: string; name: string; svg: string }>[];
}
