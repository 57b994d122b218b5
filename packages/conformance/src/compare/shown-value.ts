import type { BytePath } from "@slipway/core";
import type { ImageFile } from "@slipway/registry/image";
import { shownBytes } from "./shown-path.ts";

const LONGEST = 200;

/** Text for one line of a report. */
export function clipped(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

/** A value of a config, as JSON; "absent" where there is none. */
export function shownValue(value: unknown): string {
  return value === undefined ? "absent" : clipped(JSON.stringify(value));
}

export function shownMode(mode: number): string {
  return `0${mode.toString(8).padStart(3, "0")}`;
}

export function shownOwner({ uid, gid }: Pick<ImageFile, "uid" | "gid">): string {
  return `${uid}:${gid}`;
}

export function shownContent({ size, sha256, content }: ImageFile): string {
  const start =
    content === undefined ? "" : `, ${clipped(JSON.stringify(shownBytes(content.toString("latin1"))))}`;
  return `${size} bytes, sha256 ${sha256?.slice(0, 12)}${start}`;
}

export function shownTarget(target: BytePath | undefined): string {
  return target === undefined ? "none" : clipped(shownBytes(target));
}

export function shownTime(nanoseconds: bigint): string {
  const milliseconds = Number(nanoseconds / 1_000_000n);
  const fraction = nanoseconds % 1_000_000_000n;
  const date = new Date(milliseconds);
  if (Number.isNaN(date.getTime())) return `${nanoseconds} ns since 1970`;
  const seconds = date.toISOString().slice(0, -5);
  return fraction === 0n
    ? `${seconds}Z`
    : `${seconds}.${fraction.toString().replace("-", "").padStart(9, "0")}Z`;
}

export function shownBase64(value: Buffer | undefined): string {
  return value === undefined ? "absent" : clipped(`base64 ${value.toString("base64")}`);
}

/** What there is, where there should be nothing or something else. */
export function shownFile(file: ImageFile): string {
  const attributes = `${file.type}, mode ${shownMode(file.mode)}, owner ${shownOwner(file)}`;
  if (file.type === "symlink") return `symlink to ${shownTarget(file.target)}`;
  return file.type === "file" ? `${attributes}, ${file.size} bytes` : attributes;
}
