import "katex/dist/katex.min.css";
import "./style/fonts.css";
import "./style/tokens.css";
import "./style/base.css";
import "./style/frame.css";
import "./style/parts.css";
import "./style/workbench.css";
import { render } from "preact";
import { Frame } from "./app/frame";
import { followHistory } from "./state/router";
import { listenToKeys } from "./state/shortcuts";

followHistory();
listenToKeys();
const root = document.getElementById("app");
if (root) render(<Frame />, root);
