// What the backlog's tests share: documents, offering them, reading batches and counters.
#pragma once

#include <rapidjson/document.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "backlog/backlog.hpp"

namespace xrayd::backlog {

using namespace std::chrono_literals;

/// Limits that nothing in a test comes near, and no batch that is due before it is full.
inline BacklogSettings roomy() {
  BacklogSettings settings;
  settings.memory_bytes = std::uint64_t{64} << 20U;
  settings.batch_time = 1h;
  return settings;
}

inline Backlog::Clock::time_point soon() {
  return Backlog::Clock::now() + 10s;
}

inline Backlog::Clock::time_point at_once() {
  return Backlog::Clock::time_point::min();
}

inline void offer(Backlog& backlog, const std::vector<std::string>& documents) {
  const std::vector<std::string_view> bodies(documents.begin(), documents.end());
  backlog.offer(bodies);
}

inline std::vector<std::string> numbered(std::size_t count, std::size_t first = 0) {
  std::vector<std::string> documents;
  for (std::size_t i = 0; i < count; ++i) {
    documents.push_back(R"({"name":"n\t","number":)" + std::to_string(first + i) + "}");
  }
  return documents;
}

/// The documents as a JSON parser reads the request.
inline std::vector<std::string> documents_of(const Batch& batch) {
  rapidjson::Document request;
  request.Parse<rapidjson::kParseIterativeFlag>(batch.body.data(), batch.body.size());
  if (request.HasParseError() || !request.IsObject() || request.MemberCount() != 1) {
    throw std::runtime_error("not a request: " + batch.body);
  }
  std::vector<std::string> documents;
  for (const auto& text : request["TraceSegmentDocuments"].GetArray()) {
    documents.emplace_back(text.GetString(), text.GetStringLength());
  }
  if (documents.size() != batch.documents.size()) throw std::runtime_error("miscounted");
  for (std::size_t i = 0; i < documents.size(); ++i) {
    const auto part = batch.documents[i];
    if (batch.body.at(part.begin - 1) != '"' || batch.body.at(part.begin + part.size) != '"') {
      throw std::runtime_error("a part that is no document's");
    }
  }
  return documents;
}

/// All that can be taken now, delivered.
inline std::vector<std::string> drain(Backlog& backlog) {
  std::vector<std::string> documents;
  while (auto batch = backlog.take(at_once())) {
    const auto some = documents_of(*batch);
    documents.insert(documents.end(), some.begin(), some.end());
    backlog.done(std::move(*batch));
  }
  return documents;
}

inline std::int64_t counter(const Backlog& backlog, std::string_view name,
                            std::string_view labels = {}) {
  CounterRows rows;
  backlog.report(rows);
  for (const CounterRow& row : rows) {
    if (row.name == name && row.labels == labels) return row.value;
  }
  throw std::runtime_error("no row " + std::string(name));
}

inline std::int64_t dropped(const Backlog& backlog, const std::string& reason) {
  return counter(backlog, "xrayd_forward_documents_dropped_total", "reason=\"" + reason + "\"");
}

}  // namespace xrayd::backlog
