import type { Readable } from "node:stream";
import { type RunOptions, runCommand, tryCommand } from "./run-command.ts";

/** The `docker` program, talking to one daemon. */
export class DockerClient {
  /** Environment with which other programs (kind) reach the same daemon. */
  readonly env: Readonly<Record<string, string | undefined>>;

  constructor(host: string | undefined) {
    this.env =
      host === undefined
        ? {}
        : { DOCKER_HOST: host, DOCKER_CONTEXT: undefined, DOCKER_TLS_VERIFY: undefined };
  }

  async run(args: readonly string[], options: RunOptions = {}): Promise<string> {
    return runCommand(["docker", ...args], { ...options, env: { ...this.env, ...options.env } });
  }

  async succeeds(args: readonly string[], timeoutMs = 30_000): Promise<boolean> {
    const { code } = await tryCommand(["docker", ...args], { env: this.env, timeoutMs });
    return code === 0;
  }

  async hasImage(tag: string): Promise<boolean> {
    return this.succeeds(["image", "inspect", tag]);
  }

  async load(archive: Readable): Promise<void> {
    await this.run(["load"], { input: archive });
  }

  /** The address of a container in a network of ours. */
  async addressOf(container: string): Promise<string> {
    const format = "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}";
    return (await this.run(["inspect", "--format", format, container])).trim().split(" ")[0] ?? "";
  }
}
