/** One thing in which an image is not what it should be. */
export interface Difference {
  /**
   * Stable, for lists of known differences: `kind:subject`, such as `config:Env`, `mode:/bin/tool`, `missing:/etc/x`.
   * Paths as text; bytes that are no UTF-8 as `\xNN`.
   */
  readonly id: string;
  /** For people, on one line each. */
  readonly expected: string;
  readonly actual: string;
}

/** What the flattened file systems, the configurations and the encodings can differ in. */
export type DifferenceKind =
  | "malformed"
  | "config"
  | "missing"
  | "extra"
  | "type"
  | "mode"
  | "owner"
  | "content"
  | "link"
  | "xattr"
  | "device"
  | "hardlink"
  | "mtime"
  | "layers"
  | "run"
  /** What the build printed, how it failed, what it pushed though it failed, and what it left running. */
  | "log"
  | "error"
  | "pushed"
  | "left";
