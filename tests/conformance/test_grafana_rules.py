"""What Grafana's X-Ray data source asks, in its way, and the members that it reads without looking
whether they are there: one that isn't ends a request with a crash, or a panel with nothing in it.
"""

import json
import secrets
import time
import unittest

import documents
from xrayd_process import Xrayd

COUNTS = ("OkCount", "TotalCount")


def call_to(name, segment, **members):
    return documents.subsegment(segment, name, namespace="remote", **members)


def sample_traces(count):
    """A shop that calls another service and a table; some fail, some aren't over, some are odd."""
    for i in range(count):
        front = documents.segment(
            "front", origin="AWS::ECS::Container", fault=i % 7 == 0, error=i % 7 == 1,
            http={"request": {"method": "GET", "url": f"http://shop/orders/{i % 3}"},
                  "response": {"status": (500, 404)[i % 7] if i % 7 < 2 else 200}},
            annotations={"customer": f"c-{i % 5}", "index": i}, user=f"u-{i % 4}")
        http = call_to("back", front)
        table = documents.subsegment(front, "DynamoDB", namespace="aws",
                                     aws={"table_name": "orders", "operation": "GetItem"})
        bank = call_to("bank", front, http={"request": {"url": "http://bank/", "method": "GET"},
                                            "response": {"status": 200}})
        front["subsegments"] = [http, table, bank]
        yield front
        yield documents.segment("back", trace_id=front["trace_id"], parent_id=http["id"],
                                http={"request": {"method": "GET", "url": "http://back/"},
                                      "response": {"status": 200}})
    begun = documents.segment("slow", in_progress=True, end_time=None)
    orphan = {**documents.subsegment(documents.segment(), "orphan"), "type": "subsegment",
              "trace_id": documents.new_trace_id(), "parent_id": secrets.token_hex(8)}
    yield from (begun, documents.segment("without http"), orphan)


class GrafanaRules(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.xrayd = cls.enterClassContext(Xrayd())
        cls.sent = list(sample_traces(300))
        texts = [json.dumps(document) for document in cls.sent]
        for begin in range(0, len(texts), 200):
            answer = cls.xrayd.call("/TraceSegments",
                                    TraceSegmentDocuments=texts[begin:begin + 200])
            assert answer["UnprocessedTraceSegments"] == [], answer
        # A trace without any segment is answered, and not listed.
        cls.listed = {document["trace_id"] for document in cls.sent[:-1]}
        now = time.time()
        cls.span = {"StartTime": now - 900, "EndTime": now + 5}

    def pages(self, path, **arguments):
        """As its paginator does: with the token of the last answer, until there is none."""
        token = None
        while True:
            answer = self.xrayd.call(path, **arguments, **({"NextToken": token} if token else {}))
            yield answer
            before, token = token, answer.get("NextToken")
            if not token:
                return
            self.assertIsInstance(token, str)
            self.assertNotEqual(token, before)

    def assert_number(self, value):
        self.assertIsInstance(value, (int, float))
        self.assertNotIsInstance(value, bool)

    def assert_statistics(self, statistics):
        for name in COUNTS:
            self.assertIsInstance(statistics[name], int)
        self.assert_number(statistics["TotalResponseTime"])
        errors, faults = statistics["ErrorStatistics"], statistics["FaultStatistics"]
        for group, names in ((errors, ("ThrottleCount", "OtherCount", "TotalCount")),
                             (faults, ("OtherCount", "TotalCount"))):
            for name in names:
                self.assertIsInstance(group[name], int)
        self.assertEqual(
            statistics["OkCount"] + errors["TotalCount"] + faults["TotalCount"],
            statistics["TotalCount"])

    def assert_histogram(self, histogram):
        self.assertIsInstance(histogram, list)
        for entry in histogram:
            self.assert_number(entry["Value"])
            self.assertIsInstance(entry["Count"], int)

    def assert_graph(self, services, with_times):
        references = {service["ReferenceId"] for service in services}
        self.assertEqual(len(references), len(services))
        for service in services:
            self.assertIsInstance(service["ReferenceId"], int)
            self.assertIsInstance(service["Name"], str)
            self.assertIn("Type", service)
            self.assertIsInstance(service["Names"], list)
            self.assertIsInstance(service["Edges"], list)
            self.assert_histogram(service["ResponseTimeHistogram"])
            # Where a node has no figures its first edge's are read.
            if service.get("SummaryStatistics") is None:
                self.assertTrue(service["Edges"], service["Name"])
            else:
                self.assert_statistics(service["SummaryStatistics"])
            for edge in service["Edges"]:
                self.assertIn(edge["ReferenceId"], references)
                self.assert_statistics(edge["SummaryStatistics"])
                self.assert_histogram(edge["ResponseTimeHistogram"])
                self.assertIsInstance(edge["Aliases"], list)
            for entity in (service, *service["Edges"]):
                for name in ("StartTime", "EndTime"):
                    if with_times:
                        self.assert_number(entity[name])
                    else:
                        self.assertIn(name, entity)
                if with_times:
                    # It divides by the length.
                    self.assertLess(entity["StartTime"], entity["EndTime"])

    def assert_summary(self, summary):
        self.assertRegex(summary["Id"], "^1-[0-9a-f]{8}-[0-9a-f]{24}$")
        self.assertIsInstance(summary["Http"], dict)
        self.assertIsInstance(summary["Annotations"], dict)
        for rows in summary["Annotations"].values():
            self.assertIsInstance(rows, list)
            for row in rows:
                self.assertEqual(len(row["AnnotationValue"]), 1)
        for name in ("Users", "ServiceIds", "ResourceARNs", "InstanceIds", "AvailabilityZones",
                     "ResponseTimeRootCauses", "FaultRootCauses", "ErrorRootCauses"):
            self.assertIsInstance(summary[name], list, name)
        for name in ("HasFault", "HasError", "HasThrottle", "IsPartial"):
            self.assertIsInstance(summary[name], bool)
        for name in ("Duration", "ResponseTime"):
            if summary[name] is not None:
                self.assert_number(summary[name])
        self.assertIsInstance(summary["Revision"], int)
        self.assertIsInstance(summary["EntryPoint"], (dict, type(None)))

    def test_summaries_page_by_page_each_with_what_a_row_shows(self):
        found = {}
        for page in self.pages("/TraceSummaries", **self.span):
            self.assert_number(page["ApproximateTime"])
            self.assertIsInstance(page["TracesProcessedCount"], int)
            for summary in page["TraceSummaries"]:
                self.assert_summary(summary)
                self.assertNotIn(summary["Id"], found)
                found[summary["Id"]] = summary
        self.assertEqual(set(found), self.listed)
        self.assertTrue(any(summary["Http"] == {} or not summary["Http"].get("HttpMethod")
                            for summary in found.values()))

    def test_analytics_in_four_quarters_at_once_count_each_trace_once(self):
        quarter = (self.span["EndTime"] - self.span["StartTime"]) / 4
        half = set()
        everything = len(self.listed)
        for share, least, most in ((1, everything, everything), (0.5, 90, 210), (0, 0, 0)):
            found = []
            for i in range(4):
                begin = self.span["StartTime"] + i * quarter
                for page in self.pages(
                        "/TraceSummaries", StartTime=begin, EndTime=begin + quarter,
                        TimeRangeType="Event", Sampling=True,
                        SamplingStrategy={"Name": "FixedRate", "Value": share}):
                    found += [summary["Id"] for summary in page["TraceSummaries"]]
            self.assertTrue(least <= len(set(found)) <= most, (share, len(set(found))))
            if share == 0.5:
                half = set(found)
        again = [summary["Id"] for page in self.pages(
                    "/TraceSummaries", **self.span, TimeRangeType="Event", Sampling=True,
                    SamplingStrategy={"Name": "FixedRate", "Value": 0.5})
                 for summary in page["TraceSummaries"]]
        self.assertEqual(set(again), half)

    def test_traces_five_at_a_time_with_documents_that_are_json(self):
        ids = sorted({document["trace_id"] for document in self.sent})
        found = set()
        for begin in range(0, len(ids), 5):
            answer = self.xrayd.call("/Traces", TraceIds=ids[begin:begin + 5])
            self.assertEqual(answer["UnprocessedTraceIds"], [])
            self.assertIsNone(answer["NextToken"])
            for trace in answer["Traces"]:
                found.add(trace["Id"])
                self.assertIsInstance(trace["Segments"], list)
                if trace["Segments"] and not any(
                        json.loads(each["Document"]).get("in_progress")
                        for each in trace["Segments"]):
                    self.assert_number(trace["Duration"])
                for each in trace["Segments"]:
                    self.assert_document(each)
        self.assertEqual(found, set(ids))

    def assert_document(self, segment):
        document = json.loads(segment["Document"])
        self.assertEqual(document["id"], segment["Id"])

        def assert_entity(entity):
            self.assertRegex(entity["id"], "^[0-9a-f]{16}$")
            self.assertIsInstance(entity["name"], str)
            self.assert_number(entity["start_time"])
            if not entity.get("in_progress"):
                self.assert_number(entity["end_time"])
            for inner in entity.get("subsegments", []):
                assert_entity(inner)

        assert_entity(document)

    def test_the_map_of_a_time(self):
        [answer] = self.pages("/ServiceGraph", **self.span)
        self.assert_number(answer["StartTime"])
        self.assert_number(answer["EndTime"])
        self.assert_graph(answer["Services"], with_times=True)
        kinds = {(service["Name"], service["Type"]) for service in answer["Services"]}
        self.assertLessEqual(
            {("front", "client"), ("front", "AWS::ECS::Container"), ("back", None),
             ("orders", "AWS::DynamoDB::Table"), ("bank", "remote")}, kinds)

    def test_the_map_of_a_group(self):
        group = self.xrayd.call("/CreateGroup", GroupName="failed", FilterExpression="fault")
        [answer] = self.pages("/ServiceGraph", **self.span, GroupName="failed")
        self.assert_graph(answer["Services"], with_times=True)
        front = next(service for service in answer["Services"]
                     if service["Type"] == "AWS::ECS::Container")
        statistics = front["SummaryStatistics"]
        self.assertEqual(statistics["FaultStatistics"]["TotalCount"], statistics["TotalCount"])
        by_arn = self.xrayd.call("/ServiceGraph", **self.span,
                                 GroupARN=group["Group"]["GroupARN"])
        self.assertEqual(by_arn["Services"], answer["Services"])

    def test_the_map_of_each_kind_of_trace(self):
        for document in (self.sent[0], *self.sent[-3:]):
            [answer] = self.pages("/TraceGraph", TraceIds=[document["trace_id"]])
            with self.subTest(document["name"]):
                self.assert_graph(answer["Services"], with_times=False)

    def test_an_empty_time_has_an_empty_map_and_no_series(self):
        past = {"StartTime": 86_400, "EndTime": 90_000}
        self.assertEqual(self.xrayd.call("/ServiceGraph", **past)["Services"], [])
        series = self.xrayd.call("/TimeSeriesServiceStatistics", **past)
        self.assertEqual(series["TimeSeriesServiceStatistics"], [])

    def test_series_of_edges_and_of_services(self):
        for selector, kind, other in (
                (None, "EdgeSummaryStatistics", "ServiceSummaryStatistics"),
                ("service()", "ServiceSummaryStatistics", "EdgeSummaryStatistics"),
                ('edge("front", "back")', "EdgeSummaryStatistics", "ServiceSummaryStatistics"),
                ('service(id(name: "front", type: "AWS::ECS::Container"))',
                 "ServiceSummaryStatistics", "EdgeSummaryStatistics")):
            for period in (60, 300):
                with self.subTest(selector, period=period):
                    arguments = {"Period": period, **self.span}
                    if selector:
                        arguments["EntitySelectorExpression"] = selector
                    rows = [row for page in self.pages("/TimeSeriesServiceStatistics", **arguments)
                            for row in page["TimeSeriesServiceStatistics"]]
                    self.assertTrue(rows)
                    for row in rows:
                        self.assert_number(row["Timestamp"])
                        self.assert_statistics(row[kind])
                        self.assertIsNone(row.get(other))
                        self.assert_histogram(row["ResponseTimeHistogram"])
                    times = [row["Timestamp"] for row in rows]
                    self.assertEqual(times, sorted(set(times), reverse=True))

    def test_groups_have_what_the_list_of_groups_needs(self):
        groups = [group for page in self.pages("/Groups") for group in page["Groups"]]
        self.assertEqual(groups[0]["GroupName"], "Default")
        for group in groups:
            self.assertIsInstance(group["GroupName"], str)
            self.assertTrue(group["GroupARN"].startswith("arn:aws:xray:"))
            self.assertIsInstance(group["InsightsConfiguration"]["InsightsEnabled"], bool)

    def test_insights_of_every_group_are_a_list(self):
        for group in self.xrayd.call("/Groups")["Groups"]:
            for states in ([], ["ACTIVE"], ["CLOSED"]):
                [answer] = self.pages("/InsightSummaries", **self.span, MaxResults=100,
                                      GroupName=group["GroupName"], States=states)
                self.assertEqual(answer["InsightSummaries"], [])


if __name__ == "__main__":
    unittest.main()
