/** Where a queue is: `redis://host:6379/0`, or `rediss://` with TLS. */
import { usageError } from "../../errors.ts";

/** The password of the queue is read from this entry of the environment. */
export const PASSWORD_VARIABLE = "NEOBLAST_QUEUE_PASSWORD";

export type QueueAddress = Readonly<{
  host: string;
  port: number;
  /** Number of the database. */
  db: number;
  username?: string;
  password?: string;
  tls: boolean;
}>;

const EXAMPLE = "such as redis://host:6379/0, or rediss://host:6379/0 with TLS";

/**
 * Reads an address.
 *
 * @param password of the queue, from the environment; empty or undefined: none.
 * @throws UserError, exit status 2, for what is no such address, or has a password in it: other users of a machine see
 * command lines.
 */
export function queueAddress(text: string, password: string | undefined): QueueAddress {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw usageError(`--queue must be an address ${EXAMPLE}`);
  }
  if (url.password !== "") {
    throw usageError(
      `--queue has a password in it, which every user of this machine can see; put it into the environment as ${PASSWORD_VARIABLE}`,
    );
  }
  const { protocol, hostname, pathname } = url;
  const [, db] = /^\/?(\d{0,5})$/.exec(pathname) ?? [];
  const isRedis = protocol === "redis:" || protocol === "rediss:";
  if (!isRedis || hostname === "" || db === undefined || url.search !== "" || url.hash !== "") {
    throw usageError(`--queue must be an address ${EXAMPLE}`);
  }
  return {
    host: hostname.replace(/^\[(.*)\]$/, "$1"),
    port: url.port === "" ? 6379 : Number(url.port),
    db: Number(db),
    ...(url.username !== "" && { username: decodeURIComponent(url.username) }),
    ...(password !== undefined && password !== "" && { password }),
    tls: protocol === "rediss:",
  };
}

/** What to call it: without user and password. */
export function addressText({ host, port, db, tls }: QueueAddress): string {
  const name = host.includes(":") ? `[${host}]` : host;
  return `${tls ? "rediss" : "redis"}://${name}:${port}/${db}`;
}
