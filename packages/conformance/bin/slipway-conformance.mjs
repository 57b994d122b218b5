#!/usr/bin/env node
// A file that is there before the first build: an installer makes no link to one that is not.
import "../dist/main.js";
