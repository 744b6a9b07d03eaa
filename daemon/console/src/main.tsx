import { render } from "preact";
import { App } from "./app";
import { startRouter } from "./router";
import "./styles/app.css";

const root = document.getElementById("app");
if (!root) throw new Error("index.html has no element #app");
startRouter();
render(<App />, root);
