import { BuildError } from "@slipway/core";
import type { FrameReader } from "./frame-reader.ts";
import { FRAME, type Frame } from "./frames.ts";

/**
 * The tree stream that comes next, up to its end frame. Messages in between go to `onMessage`; without one they are an error.
 * Throws as FrameReader does, and CLUSTER_UNAVAILABLE where the connection ends before the tree does.
 */
export async function* treeFrames(
  reader: FrameReader,
  onMessage?: (frame: Frame) => void,
): AsyncGenerator<Buffer, void> {
  for (;;) {
    const frame = await reader.next();
    if (frame?.kind === FRAME.tree) yield frame.payload;
    else if (frame?.kind === FRAME.treeEnd) return;
    else if (frame?.kind === FRAME.message && onMessage !== undefined) onMessage(frame);
    else throw frame === undefined ? cutTree() : strayFrame();
  }
}

function cutTree(): BuildError {
  return new BuildError(
    "CLUSTER_UNAVAILABLE",
    "The connection to the job pod was cut while files were on their way",
    {
      remedy:
        "Run the job again; if it recurs, look for a proxy between runner and API server that ends connections",
    },
  );
}

function strayFrame(): BuildError {
  return new BuildError(
    "INVALID_REQUEST",
    "Something else came over the connection to the job pod in the middle of files",
    {
      remedy: "Let the runner and the job pod run the same version of Slipway",
    },
  );
}
