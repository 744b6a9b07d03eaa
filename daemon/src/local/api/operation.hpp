// The operations of the X-Ray API: one function a file, JSON in and JSON out.
#pragma once

#include <string>

#include "local/api/api_error.hpp"
#include "local/ingest.hpp"
#include "local/ingest_counters.hpp"
#include "local/json.hpp"
#include "local/sampling.hpp"
#include "local/store.hpp"

namespace xrayd::local::api {

/// What operations work with.
struct Services {
  Store& store;
  Ingest& ingest;
  IngestCounters& counters;
  Sampling& sampling;
};

/// `request` is a JSON object. Answers the body of the 200; throws ApiError for everything else.
using Operation = std::string (*)(Services& services, const rapidjson::Value& request);

std::string put_trace_segments(Services& services, const rapidjson::Value& request);
std::string batch_get_traces(Services& services, const rapidjson::Value& request);
std::string get_trace_summaries(Services& services, const rapidjson::Value& request);
std::string get_sampling_rules(Services& services, const rapidjson::Value& request);
std::string get_sampling_targets(Services& services, const rapidjson::Value& request);
std::string get_sampling_statistic_summaries(Services& services, const rapidjson::Value& request);
std::string create_sampling_rule(Services& services, const rapidjson::Value& request);
std::string update_sampling_rule(Services& services, const rapidjson::Value& request);
std::string delete_sampling_rule(Services& services, const rapidjson::Value& request);

/// A required list of strings. Throws ApiError if it is absent or something else.
const rapidjson::Value& required_texts(const rapidjson::Value& request, const char* name,
                                       const char* name_in_errors);

}  // namespace xrayd::local::api
