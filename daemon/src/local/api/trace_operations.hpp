// The operations that ask about traces: one function a file, JSON in and JSON out.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

#include "local/api/trace_retrievals.hpp"
#include "local/filter/filter.hpp"
#include "local/json/json.hpp"
#include "local/store/trace_source.hpp"

namespace xrayd::local::api {

/// What these operations work with.
struct Questions {
  const TraceSource& traces;
  TraceRetrievals& retrievals;
  /// Expressions of the groups; that of `Default` is empty.
  GroupFilters groups;
  /// As much as X-Ray takes and no more, instead of what a single user gains from.
  bool strict = false;
  /// What a sum over the traces of a group may take: there are no sums of minutes to rely on, so
  /// every trace has to be read.
  std::chrono::milliseconds time_for_sums{1000};
  /// Counts the answers that lack traces, for there was no time left. May be null.
  std::atomic<std::int64_t>* sums_cut = nullptr;
};

// `request` is a JSON object. Each answers the body of the 200 and throws ApiError for everything
// else; SqliteError where the store can't be read.

std::string batch_get_traces(const Questions& questions, const rapidjson::Value& request);
std::string get_trace_summaries(const Questions& questions, const rapidjson::Value& request);
std::string get_service_graph(const Questions& questions, const rapidjson::Value& request);
std::string get_trace_graph(const Questions& questions, const rapidjson::Value& request);
std::string get_time_series_service_statistics(const Questions& questions,
                                               const rapidjson::Value& request);
std::string start_trace_retrieval(const Questions& questions, const rapidjson::Value& request);
std::string list_retrieved_traces(const Questions& questions, const rapidjson::Value& request);
std::string get_retrieved_traces_graph(const Questions& questions, const rapidjson::Value& request);
std::string cancel_trace_retrieval(const Questions& questions, const rapidjson::Value& request);

}  // namespace xrayd::local::api
