import { down } from "./commands/down.ts";
import { status } from "./commands/status.ts";
import { up } from "./commands/up.ts";
import { exportLines } from "./environment.ts";
import { testbedSettings } from "./settings.ts";
import { loadTestbed } from "./testbed.ts";
import { TestbedError } from "./testbed-error.ts";

const USAGE = "Usage: npm run testbed -- up | down | status | env";

async function main(command: string | undefined): Promise<number> {
  const settings = testbedSettings();
  switch (command) {
    case "up":
      await up(settings, process.stderr);
      console.error('The test bed is up. For a shell: eval "$(npm run --silent testbed -- env)"');
      return 0;
    case "down":
      await down(settings, (text) => console.error(text));
      console.error("The test bed is gone. What was built is kept in the cache.");
      return 0;
    case "status": {
      const { up: isUp, lines } = await status(settings);
      console.log(lines.join("\n"));
      return isUp ? 0 : 1;
    }
    case "env":
      console.log(exportLines(await loadTestbed()));
      return 0;
    default:
      console.error(USAGE);
      return 2;
  }
}

try {
  process.exitCode = await main(process.argv[2]);
} catch (error) {
  process.exitCode = 1;
  if (!(error instanceof TestbedError)) throw error;
  console.error(`${error.message}${error.remedy === undefined ? "" : `\n${error.remedy}`}`);
}
