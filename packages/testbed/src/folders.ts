import { join } from "node:path";

/** Where the test bed keeps what: `store` outlives `down`, `state` does not. */
export interface Folders {
  readonly cache: string;
  readonly store: string;
  /** Debian packages that pods asked for; outlives `down`, too. */
  readonly packages: string;
  readonly state: string;
  readonly stateFile: string;
  readonly kubeconfig: string;
  readonly logs: string;
}

export function foldersOf(cache: string): Folders {
  const state = join(cache, "state");
  return {
    cache,
    store: join(cache, "store"),
    packages: join(cache, "packages"),
    state,
    stateFile: join(state, "testbed.json"),
    kubeconfig: join(state, "kubeconfig"),
    logs: join(cache, "logs"),
  };
}
