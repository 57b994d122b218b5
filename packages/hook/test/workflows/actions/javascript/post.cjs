process.stdout.write(`js post since ${process.env.STATE_since}\n`);
