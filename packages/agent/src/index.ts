export type {
  ChangesOptions,
  HoldOptions,
  PushCommandOptions,
  ReceiveOptions,
  UnpackCommandOptions,
} from "./command-options.ts";
