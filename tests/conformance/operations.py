"""What every operation of the X-Ray API is asked, by each client: the least and the most that its
model allows, and what is refused. As a program: prints that as JSON for the client of another
language, for the xrayd at the URL that is given.
"""

import dataclasses
import json
import secrets
import sys
import time
import urllib.request

PREFIX = "arn:aws:xray:us-east-1:000000000000:"
INSIGHT = {"InsightId": "12345678-1234-4234-8234-123456789012"}
CLIENT_ID = "0123456789abcdef01234567"
POLICY = json.dumps({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "xray:*"}})
PATTERNS = {"ResourceARN": 500, "ServiceName": 64, "ServiceType": 64, "Host": 64,
            "HTTPMethod": 10, "URLPath": 128}
DAY = 86_400

INVALID = "InvalidRequestException"
VALIDATION = "ValidationException"
NOT_FOUND = "ResourceNotFoundException"


@dataclasses.dataclass
class Refusal:
    """An input and the exception that is the answer to it."""

    error: str
    words: str
    input: dict
    #: operations that must have been asked before, whatever they answer: [path, input]
    fill: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Case:
    operation: str
    path: str
    #: what is required and no more; None where nothing there is has an answer
    least: dict | None
    #: every member, at its limits, but those that exclude each other
    most: dict | None
    refusals: list = dataclasses.field(default_factory=list)
    #: a part of the answer to `most`
    answer: dict = dataclasses.field(default_factory=dict)


class World:
    """What the inputs are about, made by plain requests to the xrayd at `url`."""

    def __init__(self, url):
        self._url = url
        self.now = int(time.time())
        self.traces = [self.new_trace_id() for _ in range(600)]
        self._put_traces()
        self.group = self._make_group("read")
        self.rule = self._make_rule("read")

    def call(self, path, **arguments):
        request = urllib.request.Request(self._url + path, json.dumps(arguments).encode(),
                                         {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def new_trace_id(self):
        return f"1-{self.now:08x}-{secrets.token_hex(12)}"

    def _put_traces(self):
        rich, *others = self.traces
        documents = [rich_segment(rich, self.now)]
        documents += [segment(each, self.now, fault=i % 2 == 0) for i, each in enumerate(others)]
        unprocessed = self.call("/TraceSegments", TraceSegmentDocuments=documents)
        assert unprocessed == {"UnprocessedTraceSegments": []}, unprocessed

    def _make_group(self, name):
        return self.call("/CreateGroup", GroupName=name,
                         FilterExpression="service()")["Group"]["GroupARN"]

    def _make_rule(self, name):
        record = self.call("/CreateSamplingRule", SamplingRule=rule(name))["SamplingRuleRecord"]
        return record["SamplingRule"]["RuleARN"]

    def span(self, before=300, after=60):
        return {"StartTime": self.now - before, "EndTime": self.now + after}

    def backwards(self):
        return {"StartTime": self.now, "EndTime": self.now - 1}

    def doomed_group(self, name):
        """A group to be deleted or changed: its ARN."""
        return self._make_group(name)

    def doomed_rule(self, name):
        return self._make_rule(name)

    def policy(self, name):
        """A policy to be deleted: its revision."""
        put = self.call("/PutResourcePolicy", PolicyName=name, PolicyDocument=POLICY)
        return put["ResourcePolicy"]["PolicyRevisionId"]

    def retrieval(self, count=6):
        return self.call("/StartTraceRetrieval", TraceIds=self.traces[:count],
                         **self.span())["RetrievalToken"]

    def with_next_token(self, path, arguments):
        """The same question about its second page."""
        token = self.call(path, **arguments).get("NextToken")
        assert token, f"all of {path} fits one page"
        return {**arguments, "NextToken": token}


def segment(trace_id, now, **members):
    return json.dumps({"name": "shop", "id": secrets.token_hex(8), "trace_id": trace_id,
                       "start_time": now - 1, "end_time": now - 0.5, **members})


def rich_segment(trace_id, now):
    """One with everything that a segment may have: it fails, because of what it calls."""
    exception = {"id": secrets.token_hex(8), "type": "Timeout", "message": "too late",
                 "remote": True, "stack": [{"path": "shop.py", "line": 7, "label": "pay"}]}
    call = {"name": "orders", "id": secrets.token_hex(8), "start_time": now - 0.9,
            "end_time": now - 0.1, "namespace": "aws", "fault": True,
            "aws": {"operation": "Query", "table_name": "orders", "region": "us-east-1"},
            "http": {"response": {"status": 503}}, "cause": {"exceptions": [exception]}}
    bill = {"name": "bank", "id": secrets.token_hex(8), "start_time": now - 0.95,
            "end_time": now - 0.91, "namespace": "remote", "error": True, "throttle": True,
            "http": {"request": {"method": "POST", "url": "http://bank/pay"},
                     "response": {"status": 429}}}
    http = {"request": {"method": "POST", "url": "http://shop/orders", "client_ip": "10.0.0.1",
                        "user_agent": "table"}, "response": {"status": 500}}
    return segment(
        trace_id, now, end_time=now, origin="AWS::EC2::Instance", user="c-17", fault=True,
        resource_arn="arn:aws:ec2:us-east-1:000000000000:instance/i-1", http=http,
        aws={"account_id": "000000000000",
             "ec2": {"instance_id": "i-1", "availability_zone": "us-east-1a"}},
        annotations={f"key_{i}": (i, True, "text")[i % 3] for i in range(50)},
        metadata={"default": {"any": [1, None, {"deep": "x" * 2000}]}},
        cause={"exceptions": [exception]}, subsegments=[bill, call],
        links=[{"trace_id": f"1-{now:08x}-{'ab' * 12}", "id": "12" * 8, "attributes": {}}])


def rule(name, **members):
    return {"RuleName": name, "Priority": 10, "FixedRate": 0.1, "ReservoirSize": 5, "Version": 1,
            **dict.fromkeys(PATTERNS, "*"), **members}


def largest_rule(name):
    return rule(
        name, Priority=9999, FixedRate=1.0, ReservoirSize=2**31 - 1,
        **{member: "x" * length for member, length in PATTERNS.items()},
        Attributes={str(i) * 32: "v" * 32 for i in range(5)},
        SamplingRateBoost={"MaxRate": 1.0, "CooldownWindowMinutes": 2**31 - 1})


def tags(count):
    """At most fifty are different."""
    return [{"Key": f"{i % 50:03}".ljust(128, "k"), "Value": "v" * 256} for i in range(count)]


def filter_of(length):
    head = 'annotation.key_2 = "text" OR user CONTAINS "'
    return head + "x" * (length - len(head) - 1) + '"'


def padded(document, length):
    return document + " " * (length - len(document))


def named_or_not(operation, name, arn):
    """What is refused to operations on a group or rule that is named one way or the other."""
    return [Refusal(INVALID, "either", {}), Refusal(INVALID, "both", {**name, **arn})]


def trace_cases(world):
    ids = world.traces
    largest = json.dumps({**json.loads(segment(world.new_trace_id(), world.now)), "metadata": {}})
    largest = largest[:-2] + '"default":"' + "x" * (65_536 - len(largest) - 12) + '"}}'
    assert len(largest) == 65_536
    figures = {"TimeoutCount": 1, "ConnectionRefusedCount": 2, "HTTPCode4XXCount": 3,
               "HTTPCode5XXCount": 4, "UnknownHostCount": 5, "OtherCount": 2**31 - 1}
    record = {"Timestamp": world.now, "SegmentsReceivedCount": 2**31 - 1, "SegmentsSentCount": 1,
              "SegmentsSpilloverCount": 0, "SegmentsRejectedCount": 1,
              "BackendConnectionErrors": figures}
    group = {"GroupARN": world.group}
    summaries = {
        **world.span(), "TimeRangeType": "Event", "Sampling": True,
        "SamplingStrategy": {"Name": "FixedRate", "Value": 1.0},
        "FilterExpression": padded("service()", 8192)}
    series = {
        **world.span(before=30 * DAY), **group, "Period": 300, "ForecastStatistics": True,
        "EntitySelectorExpression": f'service("{"s" * (500 - len("service()") - 2)}")'}
    too_long = "x" * 36
    return [
        Case("PutTraceSegments", "/TraceSegments",
             {"TraceSegmentDocuments": [segment(world.new_trace_id(), world.now)]},
             {"TraceSegmentDocuments": [largest] + [segment(world.new_trace_id(), world.now)
                                                    for _ in range(49)]},
             [Refusal(INVALID, "Segments can not be empty", {"TraceSegmentDocuments": []}),
              Refusal(VALIDATION, "traceSegmentDocuments", {})],
             {"UnprocessedTraceSegments": []}),
        Case("PutTelemetryRecords", "/TelemetryRecords",
             {"TelemetryRecords": []},
             {"TelemetryRecords": [record] * 25, "EC2InstanceId": "i" * 20, "Hostname": "h" * 255,
              "ResourceARN": "r" * 500},
             [Refusal(VALIDATION, "hostname",
                      {"TelemetryRecords": [], "Hostname": "h" * 256}),
              Refusal(VALIDATION, "telemetryRecords", {})]),
        Case("BatchGetTraces", "/Traces",
             {"TraceIds": ids[:1]}, {"TraceIds": ids[:100]},
             [Refusal(INVALID, "incorrect id format", {"TraceIds": ["nonsense"]}),
              Refusal(INVALID, "duplicate", {"TraceIds": ids[:1] * 2}),
              Refusal(INVALID, "Exceeding maximum query size", {"TraceIds": ids[:101]}),
              Refusal(INVALID, "NextToken is currently not supported",
                      {"TraceIds": ids[:1], "NextToken": "t"}),
              Refusal(VALIDATION, "traceIds", {})],
             {"UnprocessedTraceIds": []}),
        Case("GetTraceSummaries", "/TraceSummaries",
             world.span(), world.with_next_token("/TraceSummaries", summaries),
             [Refusal(INVALID, "End time", world.backwards()),
              Refusal(INVALID, "Error Location", {**world.span(), "FilterExpression": "fault ?"}),
              Refusal(INVALID, "NextToken", {**world.span(), "NextToken": "t"}),
              Refusal(INVALID, "FixedRate", {**summaries, "TimeRangeType": "TraceId"}),
              Refusal(VALIDATION, "timeRangeType", {**world.span(), "TimeRangeType": "Never"}),
              Refusal(VALIDATION, "startTime", {"EndTime": world.now})]),
        Case("GetServiceGraph", "/ServiceGraph",
             world.span(), {**world.span(), **group},
             [Refusal(INVALID, "End time", world.backwards()),
              Refusal(INVALID, "Group not found", {**world.span(), "GroupName": "nobody"}),
              Refusal(INVALID, "not both", {**world.span(), **group, "GroupName": "read"}),
              Refusal(INVALID, "NextToken is currently not supported",
                      {**world.span(), "NextToken": "t"}),
              Refusal(VALIDATION, "groupName", {**world.span(), "GroupName": "n" * 33})],
             {"ContainsOldGroupVersions": False}),
        Case("GetTraceGraph", "/TraceGraph",
             {"TraceIds": ids[:1]}, {"TraceIds": ids[:100]},
             [Refusal(INVALID, "Zero trace ids provided", {"TraceIds": []}),
              Refusal(INVALID, "Trace id not found", {"TraceIds": [world.new_trace_id()]}),
              Refusal(INVALID, "InvalidId", {"TraceIds": [too_long]}),
              Refusal(INVALID, "NextToken is currently not supported",
                      {"TraceIds": ids[:1], "NextToken": "t"}),
              Refusal(VALIDATION, "traceIds", {})]),
        Case("GetTimeSeriesServiceStatistics", "/TimeSeriesServiceStatistics",
             world.span(), world.with_next_token("/TimeSeriesServiceStatistics", series),
             [Refusal(INVALID, "End time", world.backwards()),
              Refusal(INVALID, "Time period", {**world.span(), "Period": 61}),
              Refusal(INVALID, "Error Location",
                      {**world.span(), "EntitySelectorExpression": "nobody"}),
              Refusal(INVALID, "Group not found", {**world.span(), "GroupName": "nobody"}),
              Refusal(INVALID, "NextToken", {**world.span(), "NextToken": "t"}),
              Refusal(VALIDATION, "entitySelectorExpression",
                      {**world.span(), "EntitySelectorExpression": "x" * 501})],
             {"ContainsOldGroupVersions": False}),
    ]


def retrieval_cases(world):
    unknown = {"RetrievalToken": "t" * 1020}
    listing = {"RetrievalToken": world.retrieval(), "TraceFormat": "OTEL"}
    not_found = Refusal(NOT_FOUND, "trace retrieval", unknown)
    required = Refusal(VALIDATION, "retrievalToken", {})
    known = {"RetrievalToken": world.retrieval()}
    return [
        Case("StartTraceRetrieval", "/StartTraceRetrieval",
             {"TraceIds": [], **world.span()}, {"TraceIds": world.traces[:100], **world.span()},
             [Refusal(INVALID, "incorrect id format", {"TraceIds": ["nonsense"], **world.span()}),
              Refusal(INVALID, "End time", {"TraceIds": [], **world.backwards()}),
              Refusal(VALIDATION, "traceIds", {"TraceIds": world.traces[:101], **world.span()}),
              Refusal(VALIDATION, "traceIds", world.span())]),
        Case("ListRetrievedTraces", "/ListRetrievedTraces",
             known, world.with_next_token("/ListRetrievedTraces", listing),
             [not_found, required,
              Refusal(INVALID, "NextToken", {**known, "NextToken": "t"}),
              Refusal(VALIDATION, "traceFormat", {**known, "TraceFormat": "PDF"})],
             {"RetrievalStatus": "COMPLETE", "TraceFormat": "OTEL", "Traces": [{}]}),
        Case("GetRetrievedTracesGraph", "/GetRetrievedTracesGraph",
             known, {"RetrievalToken": world.retrieval(100)},
             [not_found, required, Refusal(INVALID, "NextToken", {**known, "NextToken": "t"})],
             {"RetrievalStatus": "COMPLETE"}),
        Case("CancelTraceRetrieval", "/CancelTraceRetrieval",
             {"RetrievalToken": world.retrieval()}, {"RetrievalToken": world.retrieval(100)},
             [not_found, required]),
    ]


def sampling_cases(world):
    def statistics(**members):
        return {"RuleName": "read", "ClientID": CLIENT_ID, "Timestamp": world.now,
                "RequestCount": 1, "SampledCount": 0, **members}

    boost = {"RuleName": "n" * 32, "ServiceName": "s" * 64, "Timestamp": world.now,
             "AnomalyCount": 2**31 - 1, "TotalCount": 2**31 - 1, "SampledAnomalyCount": 0}
    report = statistics(BorrowCount=0, SampledCount=2**31 - 1, RequestCount=2**31 - 1)
    longest = "m" * 32
    update = {member: value for member, value in largest_rule("updated").items()
              if member not in ("RuleName", "Version")}
    updated_arn = world.doomed_rule("updated")
    deleted = [world.doomed_rule(name) for name in ("deleted-1", "deleted-2")]
    many = [["/CreateSamplingRule", {"SamplingRule": rule(f"fill-{i}")}] for i in range(25)]
    return [
        Case("GetSamplingRules", "/GetSamplingRules", {}, {"NextToken": "ignored"}),
        Case("GetSamplingTargets", "/SamplingTargets",
             {"SamplingStatisticsDocuments": []},
             {"SamplingStatisticsDocuments": [report] * 24 + [{**report, "RuleName": longest}],
              "SamplingBoostStatisticsDocuments": [boost] * 25},
             [Refusal(VALIDATION, "samplingStatisticsDocuments",
                      {"SamplingStatisticsDocuments": [statistics()] * 26}),
              Refusal(VALIDATION, "clientID",
                      {"SamplingStatisticsDocuments": [statistics(ClientID="short")]}),
              Refusal(VALIDATION, "samplingStatisticsDocuments", {})],
             {"UnprocessedStatistics": [{"RuleName": longest, "ErrorCode": "400"}]}),
        Case("GetSamplingStatisticSummaries", "/SamplingStatisticSummaries",
             {}, {"NextToken": "ignored"}),
        Case("CreateSamplingRule", "/CreateSamplingRule",
             {"SamplingRule": rule("s", **dict.fromkeys(PATTERNS, ""), Priority=1, FixedRate=0.0,
                                   ReservoirSize=0)},
             {"SamplingRule": largest_rule(longest), "Tags": tags(50)},
             [Refusal(INVALID, "already exists", {"SamplingRule": rule("read")}),
              Refusal(INVALID, "reserved", {"SamplingRule": rule("Default")}),
              Refusal(VALIDATION, "samplingRule.priority",
                      {"SamplingRule": rule("p", Priority=10_000)}),
              Refusal(VALIDATION, "samplingRule", {}),
              Refusal("RuleLimitExceededException", "25", {"SamplingRule": rule("more")}, many)],
             {"SamplingRuleRecord": {"SamplingRule": largest_rule(longest)}}),
        Case("UpdateSamplingRule", "/UpdateSamplingRule",
             {"SamplingRuleUpdate": {"RuleName": "updated"}},
             {"SamplingRuleUpdate": {"RuleARN": updated_arn, **update}},
             [Refusal(INVALID, "not found", {"SamplingRuleUpdate": {"RuleName": "nobody"}}),
              Refusal(INVALID, "either", {"SamplingRuleUpdate": {}}),
              Refusal(INVALID, "Priority",
                      {"SamplingRuleUpdate": {"RuleName": "read", "Priority": 10_000}}),
              Refusal(VALIDATION, "samplingRuleUpdate.host",
                      {"SamplingRuleUpdate": {"RuleName": "read", "Host": "h" * 65}}),
              Refusal(VALIDATION, "samplingRuleUpdate", {})],
             {"SamplingRuleRecord": {"SamplingRule": {"RuleName": "updated", **update}}}),
        Case("DeleteSamplingRule", "/DeleteSamplingRule",
             {"RuleName": "deleted-1"}, {"RuleARN": deleted[1]},
             [Refusal(INVALID, "not found", {"RuleName": "nobody"}),
              Refusal(INVALID, "deleted", {"RuleName": "Default"}),
              *named_or_not("rule", {"RuleName": "read"}, {"RuleARN": world.rule})],
             {"SamplingRuleRecord": {"SamplingRule": {"RuleName": "deleted-2"}}}),
    ]


def group_cases(world):
    read = {"GroupName": "read"}, {"GroupARN": world.group}
    longest = "g" * 32
    insights = {"InsightsEnabled": True, "NotificationsEnabled": True}
    updated = world.doomed_group("updated")
    deleted = [world.doomed_group(name) for name in ("deleted-1", "deleted-2")]
    nobody = Refusal(INVALID, "Group not found", {"GroupName": "nobody"})
    return [
        Case("CreateGroup", "/CreateGroup",
             {"GroupName": "g", "FilterExpression": "ok"},
             {"GroupName": longest, "FilterExpression": filter_of(8192),
              "InsightsConfiguration": insights, "Tags": tags(50)},
             [Refusal(INVALID, "already exists", {"GroupName": "read", "FilterExpression": "ok"}),
              Refusal(INVALID, "Filter Expression is empty", {"GroupName": "x"}),
              Refusal(INVALID, "Error Location", {"GroupName": "x", "FilterExpression": "ok ?"}),
              Refusal(VALIDATION, "groupName", {"GroupName": "g" * 33}),
              Refusal(VALIDATION, "groupName", {"FilterExpression": "ok"}),
              Refusal(INVALID, "25", {"GroupName": "more", "FilterExpression": "ok"},
                      [["/CreateGroup", {"GroupName": f"fill-{i}", "FilterExpression": "ok"}]
                       for i in range(25)])],
             {"Group": {"GroupName": longest, "FilterExpression": filter_of(8192),
                        "InsightsConfiguration": insights}}),
        Case("GetGroup", "/GetGroup", *read,
             [nobody, *named_or_not("group", *read),
              Refusal(VALIDATION, "groupARN", {"GroupARN": "a" * 401})],
             {"Group": {"GroupName": "read", "GroupARN": world.group}}),
        Case("GetGroups", "/Groups", {}, {},
             [Refusal(INVALID, "Next Token not supported", {"NextToken": "t"}),
              Refusal(VALIDATION, "nextToken", {"NextToken": "t" * 101})],
             {"Groups": [{"GroupName": "Default"}]}),
        Case("UpdateGroup", "/UpdateGroup",
             {"GroupName": "updated"},
             {"GroupARN": updated, "FilterExpression": filter_of(8192),
              "InsightsConfiguration": insights},
             [nobody, *named_or_not("group", *read),
              Refusal(INVALID, "Error Location", {"GroupName": "read", "FilterExpression": "ok ?"}),
              Refusal(VALIDATION, "groupName", {"GroupName": ""})],
             {"Group": {"GroupARN": updated, "FilterExpression": filter_of(8192),
                        "InsightsConfiguration": insights}}),
        Case("DeleteGroup", "/DeleteGroup", {"GroupName": "deleted-1"}, {"GroupARN": deleted[1]},
             [nobody, *named_or_not("group", *read),
              Refusal(INVALID, "can not be deleted", {"GroupName": "Default"})]),
    ]


def tag_cases(world):
    of = {"ResourceARN": world.group}
    one = [{"Key": "k", "Value": ""}]

    def without_resource(**more):
        return [Refusal(NOT_FOUND, "Resource not found", {"ResourceARN": "a" * 1011, **more}),
                Refusal(VALIDATION, "resourceARN", more)]

    # 51 tags are no TooManyTagsException at X-Ray: the words tell.
    too_many = "must not have more than 50 user tags"
    return [
        Case("TagResource", "/TagResource",
             {**of, "Tags": []}, {**of, "Tags": tags(200)},
             [*without_resource(Tags=one),
              Refusal(INVALID, too_many, {**of, "Tags": tags(50) + one}),
              Refusal(INVALID, "aws:", {**of, "Tags": [{"Key": "aws:x", "Value": ""}]}),
              Refusal(VALIDATION, "tags", {**of, "Tags": tags(201)})]),
        Case("ListTagsForResource", "/ListTagsForResource", of, {"ResourceARN": world.rule},
             [*without_resource(),
              Refusal(INVALID, "NextToken is currently not supported", {**of, "NextToken": "t"})],
             {"Tags": []}),
        Case("UntagResource", "/UntagResource",
             {**of, "TagKeys": []}, {**of, "TagKeys": [tag["Key"] for tag in tags(200)]},
             [*without_resource(TagKeys=["k"]),
              Refusal(VALIDATION, "tagKeys", {**of, "TagKeys": ["k" * 129]})]),
    ]


def policy_cases(world):
    named = {"PolicyName": "p", "PolicyDocument": POLICY}
    longest = {"PolicyName": "p" * 128, "PolicyDocument": padded(POLICY, 5120)}
    revision = world.policy("read")
    lockout = POLICY.replace("Allow", "Deny")
    return [
        Case("PutResourcePolicy", "/PutResourcePolicy", named,
             {**longest, "PolicyRevisionId": "0", "BypassPolicyLockoutCheck": True},
             [Refusal("MalformedPolicyDocumentException", "JSON",
                      {"PolicyName": "x", "PolicyDocument": "no"}),
              Refusal("InvalidPolicyRevisionIdException", "revision",
                      {**named, "PolicyName": "read", "PolicyRevisionId": revision + "1"}),
              Refusal("PolicySizeLimitExceededException", "5120",
                      {"PolicyName": "x", "PolicyDocument": padded(POLICY, 5121)}),
              Refusal("LockoutPreventionException", "PutResourcePolicy",
                      {"PolicyName": "x", "PolicyDocument": lockout}),
              Refusal(VALIDATION, "policyName", {**named, "PolicyName": "p" * 129}),
              Refusal(VALIDATION, "policyName", {**named, "PolicyName": "a b"}),
              Refusal(VALIDATION, "policyDocument", {"PolicyName": "x"})],
             {"ResourcePolicy": longest}),
        Case("ListResourcePolicies", "/ListResourcePolicies", {}, {},
             [Refusal(INVALID, "NextToken is currently not supported", {"NextToken": "t"}),
              Refusal(VALIDATION, "nextToken", {"NextToken": "t" * 101})]),
        Case("DeleteResourcePolicy", "/DeleteResourcePolicy",
             {"PolicyName": "p"}, {"PolicyName": "p" * 128, "PolicyRevisionId": "1"},
             [Refusal(INVALID, "not found", {"PolicyName": "nobody"}),
              Refusal("InvalidPolicyRevisionIdException", "revision",
                      {"PolicyName": "read", "PolicyRevisionId": "17"}),
              Refusal(VALIDATION, "policyName", {})]),
        # Once more, now that those of the cases above are gone.
        Case("PutResourcePolicy", "/PutResourcePolicy", named, named,
             [Refusal("PolicyCountLimitExceededException", "5", {**named, "PolicyName": "more"},
                      [["/PutResourcePolicy", {**named, "PolicyName": f"fill-{i}"}]
                       for i in range(5)])]),
    ]


def setting_cases(world):
    def indexing(percentage, name="Default"):
        return {"Name": name,
                "Rule": {"Probabilistic": {"DesiredSamplingPercentage": percentage}}}

    insights = {**world.span(), "GroupName": "read"}
    no_insight = Refusal(INVALID, "Insight not found", INSIGHT)
    bad_insight = Refusal(VALIDATION, "insightId", {"InsightId": "nobody"})
    page = {"NextToken": "t" * 2000}
    return [
        Case("GetEncryptionConfig", "/EncryptionConfig", {}, {}),
        Case("PutEncryptionConfig", "/PutEncryptionConfig",
             {"Type": "NONE"}, {"Type": "KMS", "KeyId": "k" * 3000},
             [Refusal(INVALID, "KeyId", {"Type": "KMS"}),
              Refusal(VALIDATION, "keyId", {"Type": "KMS", "KeyId": "k" * 3001}),
              Refusal(VALIDATION, "type", {"Type": "ROT13"}), Refusal(VALIDATION, "type", {})],
             {"EncryptionConfig": {"Type": "KMS", "KeyId": "k" * 3000, "Status": "UPDATING"}}),
        Case("GetIndexingRules", "/GetIndexingRules", {}, {},
             [Refusal(INVALID, "NextToken is currently not supported", {"NextToken": "t"})],
             {"IndexingRules": [{"Name": "Default"}]}),
        Case("UpdateIndexingRule", "/UpdateIndexingRule", indexing(0.0), indexing(100.0),
             [Refusal(NOT_FOUND, "not found", indexing(1, "nobody")),
              Refusal(INVALID, "between 0 and 100", indexing(100.5)),
              Refusal(VALIDATION, "rule", {"Name": "Default"})],
             {"IndexingRule": {"Name": "Default",
                               "Rule": {"Probabilistic": {"DesiredSamplingPercentage": 100.0}}}}),
        Case("GetTraceSegmentDestination", "/GetTraceSegmentDestination", {}, {}, [],
             {"Destination": "XRay", "Status": "ACTIVE"}),
        Case("UpdateTraceSegmentDestination", "/UpdateTraceSegmentDestination",
             {}, {"Destination": "CloudWatchLogs"},
             [Refusal(VALIDATION, "destination", {"Destination": "Nirvana"})],
             {"Destination": "CloudWatchLogs"}),
        Case("GetInsightSummaries", "/InsightSummaries",
             {**world.span(), "GroupName": "Default"},
             {**world.span(), "GroupARN": world.group, "States": ["ACTIVE"], "MaxResults": 100},
             [Refusal(INVALID, "Group not found", {**world.span(), "GroupName": "nobody"}),
              Refusal(INVALID, "End time", {**world.backwards(), "GroupName": "read"}),
              Refusal(INVALID, "NextToken", {**insights, **page}),
              Refusal(VALIDATION, "maxResults", {**insights, "MaxResults": 101}),
              Refusal(VALIDATION, "startTime", {"GroupName": "read", "EndTime": world.now})],
             {"InsightSummaries": []}),
        Case("GetInsight", "/Insight", None, None,
             [no_insight, bad_insight, Refusal(VALIDATION, "insightId", {})]),
        Case("GetInsightEvents", "/InsightEvents", None, None,
             [no_insight, bad_insight,
              Refusal(INVALID, "Insight not found", {**INSIGHT, **page, "MaxResults": 50}),
              Refusal(VALIDATION, "maxResults", {**INSIGHT, "MaxResults": 51})]),
        Case("GetInsightImpactGraph", "/InsightImpactGraph", None, None,
             [Refusal(INVALID, "Insight not found", {**INSIGHT, **world.span(), **page}),
              Refusal(INVALID, "End time", {**INSIGHT, **world.backwards()}),
              Refusal(VALIDATION, "nextToken",
                      {**INSIGHT, **world.span(), "NextToken": "t" * 2001}),
              Refusal(VALIDATION, "startTime", {**INSIGHT, "EndTime": world.now})]),
    ]


def cases(url):
    """All of them, in the order in which they must be asked, for the fresh xrayd at `url`."""
    world = World(url)
    return [case for part in (trace_cases, retrieval_cases, sampling_cases, group_cases, tag_cases,
                              policy_cases, setting_cases) for case in part(world)]


def differences(expected, answer, path="answer"):
    """Where `answer` lacks a part of `expected`; of a list, as many entries as are expected."""
    if isinstance(expected, dict) and isinstance(answer, dict):
        return [each for key, value in expected.items()
                for each in differences(value, answer.get(key), f"{path}.{key}")]
    if isinstance(expected, list) and isinstance(answer, list):
        if len(answer) < len(expected) or (answer and not expected):
            return [f"{path} has {len(answer)} entries"]
        return [each for i, value in enumerate(expected)
                for each in differences(value, answer[i], f"{path}[{i}]")]
    return [] if expected == answer else [f"{path} is {answer!r}"]


if __name__ == "__main__":
    print(json.dumps([dataclasses.asdict(case) for case in cases(sys.argv[1])]))
