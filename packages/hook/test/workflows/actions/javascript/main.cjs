const { appendFileSync } = require("node:fs");
process.stdout.write(
  `js main since ${process.env.STATE_since}: ${JSON.stringify(process.env.INPUT_MESSAGE)}\n`,
);
appendFileSync(process.env.GITHUB_OUTPUT, `length=${process.env.INPUT_MESSAGE.length}\n`);
appendFileSync(process.env.GITHUB_STATE, "since=main\n");
