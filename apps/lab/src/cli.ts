#!/usr/bin/env node
import { kinds } from "./kinds";
import { main } from "./main";

main(process.argv, kinds).then((code) => {
  process.exitCode = code;
});
