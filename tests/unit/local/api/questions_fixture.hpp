// Asks operations about traces in memory.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "local/api/api_error.hpp"
#include "local/api/trace_operations.hpp"
#include "memory_traces.hpp"

namespace xrayd::local::api {

using QuestionOperation = std::string (*)(const Questions&, const rapidjson::Value&);

/// What stands at `path`, names and indexes between slashes, as JSON; `(absent)` if nothing does.
[[nodiscard]] std::string at(std::string_view json, std::string_view path);
/// The texts of one member of all objects of a list.
[[nodiscard]] std::vector<std::string> each(std::string_view json, std::string_view list,
                                            std::string_view name);
/// A JSON list of texts.
[[nodiscard]] std::string json_list(const std::vector<std::string>& texts);

class QuestionsFixture : public testing::Test {
 protected:
  /// The body of a 200; throws where there is an error.
  [[nodiscard]] std::string ask(QuestionOperation operation, std::string_view request);
  /// `400 InvalidRequestException: {"..."}`, or what was answered instead.
  [[nodiscard]] std::string refusal(QuestionOperation operation, std::string_view request);
  /// All of them, with the pages' tokens; a test fails where one comes twice.
  [[nodiscard]] std::vector<std::string> pages(QuestionOperation operation,
                                               const std::string& members);

  MemoryTraces traces_;
  std::chrono::steady_clock::time_point now_{};
  TraceRetrievals retrievals_{[this] { return now_; }};
  std::map<std::string, std::string, std::less<>> groups_{{"Default", ""}};
  bool strict_ = false;
  std::chrono::milliseconds time_for_sums_{60'000};
  std::atomic<std::int64_t> sums_cut_ = 0;
};

/// `400 InvalidRequestException: {"__type":...,"Message":"<message>"}`
[[nodiscard]] std::string invalid(std::string_view message);
/// A ValidationException with one violation, or two between semicolons.
[[nodiscard]] std::string not_valid(std::string_view violations, int count = 1);

}  // namespace xrayd::local::api
