import { BuildError } from "@slipway/core";
import { TrackedTree } from "@slipway/filetree";
import type { BeginRequest, JobContainerFacts, StepCommand } from "@slipway/step-protocol";
import { Externals } from "./externals.ts";
import { StepRun } from "./step-run.ts";
import type { SupervisorLink } from "./supervisor-link.ts";

export interface JobOptions {
  readonly link: SupervisorLink;
  /** The runner's own programs, and where the job container sees them. */
  readonly externals: { readonly from: string; readonly to: string };
  /** The work volume; undefined where it is the runner's own. */
  readonly work?: string | undefined;
}

/** What lasts from session to session. One session at a time uses it. */
export class Job {
  readonly #link: SupervisorLink;
  readonly #externals: Externals;
  readonly #work: TrackedTree | undefined;
  readonly #ids = new Set<string>();
  #lost: BuildError | undefined;
  #begun: BeginRequest | undefined;
  #facts: JobContainerFacts | undefined;
  #mainStarted = false;
  #step: StepRun | undefined;

  constructor({ link, externals, work }: JobOptions) {
    this.#link = link;
    this.#externals = new Externals(externals.from, externals.to);
    this.#work = work === undefined ? undefined : new TrackedTree(work);
    // Both never reject; what is lost before it was there is told to whoever asks next.
    void link.lost.then((error) => {
      this.#lost = error;
    });
  }

  /** Waits for the job container. A second time is the first one again, after its answer was lost. */
  async begin(request: BeginRequest): Promise<JobContainerFacts> {
    if (this.#lost !== undefined) throw this.#lost;
    const lost = this.#link.lost.then((error) => Promise.reject(error));
    this.#facts = await Promise.race([this.#link.facts, lost]);
    this.#begun = request;
    return this.#facts;
  }

  /** True once programs may have changed what the runner sent: to unpack it again would undo that. */
  get hasRun(): boolean {
    return this.#ids.size > 0 || this.#mainStarted;
  }

  /** Starts the container's own program, once. */
  startMain(): void {
    const { main, environment } = this.#beginning();
    if (main === undefined || this.#mainStarted) return;
    this.#mainStarted = true;
    this.#link.startBeside({ ...main, id: "main", environment, prependPath: [] });
  }

  /** The step of that name, new or known. Another one that runs is killed first. */
  async step(id: string): Promise<StepRun> {
    this.#beginning();
    if (this.#step?.id === id) return this.#step;
    if (this.#lost !== undefined) throw this.#lost;
    if (this.#ids.has(id)) throw superseded();
    await this.#step?.kill();
    this.#ids.add(id);
    this.#step = new StepRun(id);
    return this.#step;
  }

  /** Starts the program of a new step once everything it needs is there. */
  async start(step: StepRun, command: StepCommand): Promise<void> {
    if (!step.isNew) return;
    await this.#externals.ready(command.entryPoint);
    const environment = { ...this.#beginning().environment, ...command.environment };
    step.start(this.#link, { ...command, environment });
  }

  /** Takes files from the runner, for the user of the job container. */
  async take(stream: AsyncIterable<Buffer>): Promise<void> {
    this.#beginning();
    const { uid, gid } = this.#facts ?? { uid: 0, gid: 0 };
    await this.work().take(stream, { owner: { uid, gid } });
  }

  /** Throws INVALID_REQUEST where the work folder is shared with the runner. */
  work(): TrackedTree {
    if (this.#work !== undefined) return this.#work;
    throw new BuildError(
      "INVALID_REQUEST",
      "Files were to be copied, but the job pod shares the runner's work folder",
      {
        remedy: "Change SLIPWAY_WORK_PLACEMENT between jobs only",
      },
    );
  }

  #beginning(): BeginRequest {
    if (this.#begun !== undefined) return this.#begun;
    throw new BuildError("INVALID_REQUEST", "The job pod was to work before the job began", {
      remedy: "Run prepare_job first: the runner does",
    });
  }
}

function superseded(): BuildError {
  return new BuildError("INVALID_REQUEST", "This step ended, and another one has run since", {
    remedy: "Run the job again; report it if it recurs",
  });
}
