// The operations of the X-Ray API: one function a file, JSON in and JSON out.
#pragma once

#include <string>

#include "local/account/account.hpp"
#include "local/api/api_error.hpp"
#include "local/api/trace_operations.hpp"
#include "local/json/json.hpp"
#include "local/sampling/sampling.hpp"
#include "local/store/ingest.hpp"
#include "local/store/ingest_counters.hpp"

namespace xrayd::local::api {

/// What operations work with.
struct Services {
  Ingest& ingest;
  IngestCounters& counters;
  Sampling& sampling;
  Account& account;
  const Questions& questions;
};

/// `request` is a JSON object. Answers the body of the 200; throws ApiError for everything else.
using Operation = std::string (*)(Services& services, const rapidjson::Value& request);

std::string put_trace_segments(Services& services, const rapidjson::Value& request);
std::string get_sampling_rules(Services& services, const rapidjson::Value& request);
std::string get_sampling_targets(Services& services, const rapidjson::Value& request);
std::string get_sampling_statistic_summaries(Services& services, const rapidjson::Value& request);
std::string create_sampling_rule(Services& services, const rapidjson::Value& request);
std::string update_sampling_rule(Services& services, const rapidjson::Value& request);
std::string delete_sampling_rule(Services& services, const rapidjson::Value& request);

std::string create_group(Services& services, const rapidjson::Value& request);
std::string get_group(Services& services, const rapidjson::Value& request);
std::string get_groups(Services& services, const rapidjson::Value& request);
std::string update_group(Services& services, const rapidjson::Value& request);
std::string delete_group(Services& services, const rapidjson::Value& request);

std::string tag_resource(Services& services, const rapidjson::Value& request);
std::string untag_resource(Services& services, const rapidjson::Value& request);
std::string list_tags_for_resource(Services& services, const rapidjson::Value& request);

std::string put_resource_policy(Services& services, const rapidjson::Value& request);
std::string list_resource_policies(Services& services, const rapidjson::Value& request);
std::string delete_resource_policy(Services& services, const rapidjson::Value& request);

std::string get_encryption_config(Services& services, const rapidjson::Value& request);
std::string put_encryption_config(Services& services, const rapidjson::Value& request);
std::string get_indexing_rules(Services& services, const rapidjson::Value& request);
std::string update_indexing_rule(Services& services, const rapidjson::Value& request);
std::string get_trace_segment_destination(Services& services, const rapidjson::Value& request);
std::string update_trace_segment_destination(Services& services, const rapidjson::Value& request);

std::string get_insight_summaries(Services& services, const rapidjson::Value& request);
std::string get_insight(Services& services, const rapidjson::Value& request);
std::string get_insight_events(Services& services, const rapidjson::Value& request);
std::string get_insight_impact_graph(Services& services, const rapidjson::Value& request);

std::string put_telemetry_records(Services& services, const rapidjson::Value& request);

/// An operation of trace_operations.hpp as one of these.
template <std::string (*Operation)(const Questions&, const rapidjson::Value&)>
std::string asking(Services& services, const rapidjson::Value& request) {
  return Operation(services.questions, request);
}

/// A required list of strings. Throws ApiError if it is absent or something else.
const rapidjson::Value& required_texts(const rapidjson::Value& request, const char* name,
                                       const char* name_in_errors);

}  // namespace xrayd::local::api
