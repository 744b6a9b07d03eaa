import { TopBar } from "./components/top_bar";
import { NotFoundPage } from "./pages/not_found";
import { RawTracePage } from "./pages/raw_trace";
import { ServiceMapPage } from "./pages/service_map";
import { TracePage } from "./pages/trace";
import { TraceListPage } from "./pages/trace_list";
import { route, type Route } from "./router";

export function App() {
  return (
    <>
      <TopBar />
      <main id="content">
        <Page route={route.value} />
      </main>
    </>
  );
}

function Page({ route }: { route: Route }) {
  switch (route.page) {
    case "traces":
      return <TraceListPage range={route.range} filter={route.filter} />;
    case "map":
      return <ServiceMapPage key={route.range.text} range={route.range} />;
    case "trace":
      return <TracePage key={route.id} id={route.id} selected={route.selected} />;
    case "raw":
      return <RawTracePage key={route.id} id={route.id} />;
    case "unknown":
      return <NotFoundPage address={route.address} />;
  }
}
