import { render } from "preact";
import { App } from "./app";
import { listenToPageKeys } from "./components/shell/page_keys";
import { startRouter } from "./router";
import { followTheme } from "./stores/theme";
import "./styles/app.css";

const root = document.getElementById("app");
if (!root) throw new Error("index.html has no element #app");
followTheme();
startRouter();
listenToPageKeys();
render(<App />, root);
