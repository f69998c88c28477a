import { main } from "../main";
import { lines } from "./lines-job";

main(process.argv, { lines }).then((code) => {
  process.exitCode = code;
});
