/** Written by the author of the kit. */
export {};
