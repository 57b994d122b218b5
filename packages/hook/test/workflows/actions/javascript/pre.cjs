const { appendFileSync } = require("node:fs");
process.stdout.write("js pre\n");
appendFileSync(process.env.GITHUB_STATE, "since=pre\n");
