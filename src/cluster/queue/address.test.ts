import { expect, it } from "vitest";
import { addressText, queueAddress } from "./address.ts";

it("reads addresses", () => {
  expect(queueAddress("redis://host", undefined)).toEqual({ host: "host", port: 6379, db: 0, tls: false });
  const own = { host: "10.0.0.1", port: 7000, db: 3, username: "a b", password: "x", tls: true };
  expect(queueAddress("rediss://a%20b@10.0.0.1:7000/3", "x")).toEqual(own);
  expect(addressText(own)).toBe("rediss://10.0.0.1:7000/3");
  const six = queueAddress("redis://[::1]:6379/", "");
  expect(six).toEqual({ host: "::1", port: 6379, db: 0, tls: false });
  expect(addressText(six)).toBe("redis://[::1]:6379/0");
});

it.each([
  "host:6379",
  "http://host:6379/0",
  "redis://",
  "redis://host/a",
  "redis://host/0?x=1",
  "redis:host",
])("refuses %s", (text) => {
  expect(() => queueAddress(text, "")).toThrow(
    "--queue must be an address such as redis://host:6379/0, or rediss://host:6379/0 with TLS",
  );
});

it("refuses a password on the command line, and does not repeat it", () => {
  expect(() => queueAddress("redis://me:secret@host/0", "")).toThrow(
    "--queue has a password in it, which every user of this machine can see; put it into the environment as NEOBLAST_QUEUE_PASSWORD",
  );
});
