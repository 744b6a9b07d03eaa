"""Answers as they came, in JSON, against the shapes that a botocore service model gives them."""

import math
import re

TIMESTAMP = "timestamp"


class Structure:
    def __init__(self, members, required=()):
        self.members = members
        self.required = frozenset(required)


class ListOf:
    def __init__(self, entry, least=0, most=math.inf):
        self.entry = entry
        self.least = least
        self.most = most


class MapOf:
    def __init__(self, value):
        self.value = value


class Text:
    def __init__(self, least=0, most=math.inf, values=None, pattern=None):
        self.least = least
        self.most = most
        self.values = values
        self.pattern = pattern


# What has joined the API since Debian's botocore.
BOOST = Structure({"MaxRate": float, "CooldownWindowMinutes": int},
                  ("MaxRate", "CooldownWindowMinutes"))
UNPROCESSED = ListOf(Structure({"RuleName": Text(), "ErrorCode": Text(), "Message": Text()}))
NEWER_MEMBERS = {
    "GetSamplingTargetsResult": {"UnprocessedBoostStatistics": UNPROCESSED},
    "SamplingRule": {"SamplingRateBoost": BOOST},
    "SamplingTargetDocument": {"SamplingBoost": Structure(
        {"BoostRate": float, "BoostRateTTL": TIMESTAMP}, ("BoostRate", "BoostRateTTL"))},
    "TraceSummary": {"StartTime": TIMESTAMP},
}


def shape_of(shape):
    """The shape of botocore's model in the words of this module."""
    limits = {"least": shape.metadata.get("min", 0), "most": shape.metadata.get("max", math.inf)}
    if shape.type_name == "structure":
        members = {name: shape_of(member) for name, member in shape.members.items()}
        return Structure(members | NEWER_MEMBERS.get(shape.name, {}), shape.required_members)
    if shape.type_name == "list":
        return ListOf(shape_of(shape.member), **limits)
    if shape.type_name == "map":
        return MapOf(shape_of(shape.value))
    if shape.type_name == "string":
        return Text(**limits, values=shape.enum or None, pattern=shape.metadata.get("pattern"))
    kinds = {"boolean": bool, "integer": int, "long": int, "double": float, "float": float,
             "timestamp": TIMESTAMP}
    return kinds[shape.type_name]


def newer_answers(model):
    """Answers of operations that Debian's botocore doesn't know."""
    token = {"NextToken": Text()}
    status = {"RetrievalStatus": Text(values=["SCHEDULED", "RUNNING", "COMPLETE", "FAILED",
                                              "CANCELLED", "TIMEOUT"])}
    trace_id = Text(1, 35)
    span = Structure({"Id": Text(1, 16), "Document": Text(0, 204_800)})
    trace = Structure({"Id": trace_id, "Duration": float, "Spans": ListOf(span, 0, 100)})
    link = Structure({"ReferenceType": Text(), "SourceTraceId": trace_id,
                      "DestinationTraceIds": ListOf(trace_id)})
    service = Structure({"Service": shape_of(model.shape_for("Service")),
                         "Links": ListOf(link, 0, 100)})
    percentage = Structure({"DesiredSamplingPercentage": float,
                            "ActualSamplingPercentage": float}, ("DesiredSamplingPercentage",))
    rule = Structure({"Name": Text(1, 32), "ModifiedAt": TIMESTAMP,
                      "Rule": Structure({"Probabilistic": percentage})})
    destination = Structure({"Destination": Text(values=["XRay", "CloudWatchLogs"]),
                             "Status": Text(values=["PENDING", "ACTIVE"])})
    return {
        "StartTraceRetrieval": Structure({"RetrievalToken": Text(0, 1020)}),
        "ListRetrievedTraces": Structure(
            {**status, **token, "TraceFormat": Text(values=["XRAY", "OTEL"]),
             "Traces": ListOf(trace, 0, 5)}),
        "GetRetrievedTracesGraph": Structure(
            {**status, **token, "Services": ListOf(service, 0, 1000)}),
        "CancelTraceRetrieval": Structure({}),
        "GetIndexingRules": Structure({**token, "IndexingRules": ListOf(rule, 1, 10)}),
        "UpdateIndexingRule": Structure({"IndexingRule": rule}),
        "GetTraceSegmentDestination": destination,
        "UpdateTraceSegmentDestination": destination,
    }


def faults(shape, value, path="answer"):
    """Where the value isn't what the shape says; null is no member."""
    if isinstance(shape, Structure):
        return _faults_of_members(shape, value, path)
    if isinstance(shape, ListOf):
        if not isinstance(value, list):
            return [f"{path} is no list"]
        found = [] if shape.least <= len(value) <= shape.most else [f"{path} has {len(value)}"]
        for i, entry in enumerate(value):
            found += faults(shape.entry, entry, f"{path}[{i}]")
        return found
    if isinstance(shape, MapOf):
        if not isinstance(value, dict):
            return [f"{path} is no map"]
        return [fault for key, entry in value.items()
                for fault in faults(shape.value, entry, f"{path}[{key!r}]")]
    if isinstance(shape, Text):
        return _faults_of_text(shape, value, path)
    if shape is bool:
        return [] if isinstance(value, bool) else [f"{path} is no boolean: {value!r}"]
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return [f"{path} is no number: {value!r}"]
    if shape is int and not isinstance(value, int):
        return [f"{path} is no whole number: {value!r}"]
    if shape == TIMESTAMP and not 0 <= value < 253_402_300_800:
        return [f"{path} is no time: {value!r}"]
    return []


def _faults_of_members(shape, value, path):
    if not isinstance(value, dict):
        return [f"{path} is no structure: {value!r}"]
    present = {name: member for name, member in value.items() if member is not None}
    found = [f"{path} lacks {name}" for name in sorted(shape.required - present.keys())]
    found += [f"{path} has {name}" for name in sorted(value.keys() - shape.members.keys())]
    for name in present.keys() & shape.members.keys():
        found += faults(shape.members[name], present[name], f"{path}.{name}")
    return found


def _faults_of_text(shape, value, path):
    if not isinstance(value, str):
        return [f"{path} is no text: {value!r}"]
    if not shape.least <= len(value) <= shape.most:
        return [f"{path} has {len(value)} characters"]
    if shape.values is not None and value not in shape.values:
        return [f"{path} is {value!r}"]
    if shape.pattern is not None and not re.fullmatch(shape.pattern, value):
        return [f"{path} is no match: {value!r}"]
    return []
