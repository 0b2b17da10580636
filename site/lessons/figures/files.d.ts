/** Addresses of files that are part of the site. */
declare module "*?url" {
  const address: string;
  // oxlint-disable-next-line import/no-default-export -- so Vite has it
  export default address;
}
