/** What the caller knows and the pod does not say. */
export interface FailureContext {
  /** Seconds since nothing moved any more. Left out: only what no waiting can mend is a failure. */
  readonly waitedSeconds?: number;
  /** Seconds that a pod may wait for a node. 600 when left out. */
  readonly unschedulableSeconds?: number;
  /** The container whose image the user of the action chose; what is wrong with it is not the operator's to mend. */
  readonly userContainer?: string;
  /** Names of the settings that a remedy should mention; `memory` by container, since each has its own limit. */
  readonly settings?: {
    readonly memory?: Readonly<Record<string, string>>;
    readonly storage?: string;
    /** By volume, where it has a setting of its own. */
    readonly volumes?: Readonly<Record<string, string>>;
    readonly deadline?: string;
  };
}
