import { AnsatzError } from "@ansatz/backend";

/** Bytes or text that are not what their format promises: says where (byte, line) and what stood there. */
export class FormatError extends AnsatzError {
  constructor(caller: string, law: string, seen?: Readonly<Record<string, unknown>>, advice?: string) {
    super("format", caller, law, seen, advice);
  }
}
