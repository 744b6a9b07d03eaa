import { KeyHelp } from "./components/shell/key_help";
import { TopBar } from "./components/shell/top_bar";
import { NotFoundPage } from "./pages/not_found";
import { RawTracePage } from "./pages/raw_trace";
import { SamplingPage } from "./pages/sampling";
import { ServiceMapPage } from "./pages/service_map";
import { TracePage } from "./pages/trace";
import { TraceListPage } from "./pages/trace_list";
import { route, type Route } from "./router";

export function App() {
  return (
    <>
      <a class="skip-link" href="#content" onClick={skipToContent}>
        Skip to the content
      </a>
      <TopBar />
      <main id="content" class={`page-${route.value.page}`} tabIndex={-1}>
        <Page route={route.value} />
      </main>
      <KeyHelp />
    </>
  );
}

/** The part of the address behind # is the router's. */
function skipToContent(event: MouseEvent): void {
  event.preventDefault();
  document.getElementById("content")?.focus();
}

function Page({ route }: { route: Route }) {
  switch (route.page) {
    case "traces":
      return <TraceListPage range={route.range} filter={route.filter} group={route.group} />;
    case "map":
      return <ServiceMapPage range={route.range} group={route.group} selected={route.selected} />;
    case "trace":
      return <TracePage key={route.id} id={route.id} selected={route.selected} />;
    case "raw":
      return <RawTracePage key={route.id} id={route.id} />;
    case "sampling":
      return <SamplingPage />;
    case "unknown":
      return <NotFoundPage address={route.address} />;
  }
}
