exports.inputs = (env) => ({ numbers: (env.INPUT_NUMBERS ?? "").split(",").map(Number) });
