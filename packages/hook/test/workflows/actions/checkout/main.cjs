const { cpSync } = require("node:fs");
const { join } = require("node:path");
cpSync(join(__dirname, "files"), process.env.GITHUB_WORKSPACE, { recursive: true });
process.stdout.write("checked out\n");
