"""Reads the shop's traces back through the X-Ray API and shows them.

    read_traces.py URL                     a summary of the last ten minutes
    read_traces.py --check REQUESTS URL    and verifies what that many requests must leave behind

The API is plain HTTP with JSON bodies, so the standard library is enough. Ends with 0 or 1.
"""

import argparse
import collections
import json
import sys
import time
import urllib.error
import urllib.request

IDS_A_CALL = 5  # what BatchGetTraces takes
SETTLE_SECONDS = 20


def call(url, operation, body):
    request = urllib.request.Request(
        f"{url}/{operation}", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def summaries(url):
    now = time.time()
    query = {"StartTime": now - 600, "EndTime": now + 1}
    found = []
    while True:
        page = call(url, "TraceSummaries", query)
        found += page["TraceSummaries"]
        if not page.get("NextToken"):
            return found
        query["NextToken"] = page["NextToken"]


def settled_summaries(url, expected):
    """The summaries, once as many as expected are there and none is partial, or time is up."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while True:
        found = summaries(url)
        whole = [summary for summary in found if not summary["IsPartial"]]
        if len(whole) >= expected or time.monotonic() > deadline:
            return found
        time.sleep(0.2)


def documents(url, ids):
    """Trace id -> its segment documents."""
    traces = {}
    for first in range(0, len(ids), IDS_A_CALL):
        answer = call(url, "Traces", {"TraceIds": ids[first : first + IDS_A_CALL]})
        for trace in answer["Traces"]:
            traces[trace["Id"]] = [json.loads(s["Document"]) for s in trace["Segments"]]
    return traces


def entities(document):
    yield document
    for subsegment in document.get("subsegments", []):
        yield from entities(subsegment)


def show(found):
    groups = collections.defaultdict(list)
    for summary in found:
        http = summary["Http"]
        path = "/" + http.get("HttpURL", "").partition("://")[2].partition("/")[2]
        flags = [f for f in ("Fault", "Error", "Throttle") if summary.get("Has" + f)]
        groups[
            http.get("HttpStatus", 0), ", ".join(flags).lower() or "ok",
            http.get("HttpMethod", "?"), path,
        ].append(summary.get("Duration") or 0)
    print(f"\n{len(found)} traces, read back through the X-Ray API:")
    print(f"{'status':>6}  {'':8}  {'traces':>6}  {'slowest':>10}  request")
    for (status, flags, method, path), times in sorted(groups.items()):
        slowest = f"{max(times) * 1000:.1f} ms"
        print(f"{status:>6}  {flags:8}  {len(times):>6}  {slowest:>10}  {method} {path}")


def status_of(summary):
    return summary["Http"].get("HttpStatus")


def flags_of(summary):
    return {flag for flag in ("Fault", "Error", "Throttle") if summary["Has" + flag]}


def joined(trace):
    """Whether inventory's segments hang below subsegments of storefront's."""
    callers = {
        subsegment["id"]
        for document in trace if document["name"] == "storefront"
        for subsegment in entities(document) if subsegment is not document
    }
    called = [document for document in trace if document["name"] == "inventory"]
    return bool(called) and all(document.get("parent_id") in callers for document in called)


def has_exception_with_cause(trace):
    for document in trace:
        for entity in entities(document):
            cause = entity.get("cause")
            exceptions = cause.get("exceptions", []) if isinstance(cause, dict) else []
            ids = {exception["id"] for exception in exceptions}
            if any(e.get("cause") in ids and e.get("message") for e in exceptions):
                return True
    return False


def has_sql(trace):
    return any(
        entity.get("sql", {}).get("sanitized_query")
        for document in trace for entity in entities(document)
    )


def wrong_map(url):
    """Sentences about what the service map does not show as it must."""
    now = time.time()
    graph = call(url, "ServiceGraph", {"StartTime": now - 600, "EndTime": now + 1})
    nodes = {node["Name"]: node for node in graph["Services"] if node.get("Type") != "client"}
    for name in ("storefront", "inventory"):
        if name not in nodes:
            yield f"the map lacks {name}, it has {sorted(nodes)}"
            continue
        counts = nodes[name]["SummaryStatistics"]
        outcomes = {
            "ok": counts["OkCount"],
            "error": counts["ErrorStatistics"]["OtherCount"],
            "throttled": counts["ErrorStatistics"]["ThrottleCount"],
            "fault": counts["FaultStatistics"]["TotalCount"],
        }
        for outcome, count in outcomes.items():
            if count == 0:
                yield f"the map's {name} has no colour for {outcome}"
    if not any(node.get("Type") == "Database::SQL" for node in nodes.values()):
        yield "the map lacks the database"


def wrong(url, found, requests):
    """Sentences about what is not as it must be."""
    if len(found) != requests:
        yield f"{requests} requests left {len(found)} traces"
    expected_flags = {200: set(), 201: set(), 404: {"Error"}, 429: {"Throttle"}, 500: {"Fault"}}
    for status, flags in expected_flags.items():
        those = [summary for summary in found if status_of(summary) == status]
        if not those:
            yield f"no trace has status {status}"
        bad = [summary["Id"] for summary in those if flags_of(summary) != flags]
        if bad:
            yield f"{len(bad)} traces of status {status} have other flags than {flags}, as {bad[0]}"
    other = {status_of(summary) for summary in found} - set(expected_flags)
    if other:
        yield f"there are traces of status {other}"
    if any(summary["IsPartial"] for summary in found):
        yield "there are partial traces"

    traces = documents(url, [summary["Id"] for summary in found])
    if len(traces) != len(found):
        yield f"{len(found)} traces are listed, {len(traces)} can be read"
    services = {"storefront", "inventory"}
    both = [trace for trace in traces.values() if {d["name"] for d in trace} >= services]
    if len(both) < len(traces) / 2:
        yield f"only {len(both)} of {len(traces)} traces have both services"
    apart = sum(not joined(trace) for trace in both)
    if apart:
        yield f"{apart} traces are not joined by parent ids"
    failed = [traces[s["Id"]] for s in found if status_of(s) == 500 and s["Id"] in traces]
    without = sum(not has_exception_with_cause(trace) for trace in failed)
    if without:
        yield f"{without} traces of status 500 lack an exception with its cause"
    if not any(map(has_sql, both)):
        yield "no subsegment has its SQL"
    if not any(summary["Annotations"].get("customer") for summary in found):
        yield "no trace has the annotation customer"


def main():
    parser = argparse.ArgumentParser(description="Shows the shop's traces.")
    parser.add_argument("url", help="of xrayd, such as http://127.0.0.1:2000")
    parser.add_argument("--check", type=int, metavar="REQUESTS", default=0)
    options = parser.parse_args()
    try:
        found = settled_summaries(options.url, options.check or 1)
        show(found)
        complaints = []
        if options.check:
            complaints = [*wrong(options.url, found, options.check), *wrong_map(options.url)]
    except (urllib.error.URLError, KeyError, ValueError) as error:
        complaints = [f"the API did not answer as it should: {error!r}"]
    for complaint in complaints:
        print(f"wrong: {complaint}")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
