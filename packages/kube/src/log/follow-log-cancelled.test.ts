import { expect, it } from "vitest";
import { ApiServer, apiFor, ManualClock } from "../testing/index.ts";
import { followLog } from "./follow-log.ts";

it("asks for nothing when it was cancelled before it began", async () => {
  const server = await ApiServer.start();
  server
    .addPod({ metadata: { name: "p" }, spec: { containers: [{ name: "c" }] } })
    .running("c")
    .log("c", "one\n");
  const clock = new ManualClock({ running: true });
  const followed = followLog(apiFor(server, { clock }), "p", "c", {
    clock,
    signal: AbortSignal.abort(),
    onLine: () => undefined,
  });
  await expect(followed).rejects.toMatchObject({ code: "CANCELLED" });
  expect(server.requests).toEqual([]);
  await server.stop();
});
