// A store in a folder that goes with the test, on a clock that the test sets.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "../temporary_directory.hpp"
#include "local/store/store.hpp"

namespace xrayd::local {

inline constexpr std::int64_t minute_ms = 60000;
inline constexpr std::int64_t hour_ms = 60 * minute_ms;
/// When tests begin, in seconds since 1970; also the epoch of test_trace_id().
inline constexpr std::int64_t test_time = 1700000000;

/// The n-th trace id of a test.
TraceId test_trace_id(std::uint64_t n);

/// A complete segment of a second, from a quarter of a second after the epoch in the trace's id,
/// with `more` (which begins with a comma) between its braces.
std::string segment_text(const TraceId& trace, EntityId id, std::string_view more = "");
std::string open_segment_text(const TraceId& trace, EntityId id);
std::string subsegment_text(const TraceId& trace, EntityId id, EntityId parent);
/// A member `metadata` of about `bytes`.
std::string ballast(std::size_t bytes);

SegmentDocument document_of(std::string text);

class StoreFixture : public testing::Test {
 protected:
  StoreSettings settings() {
    StoreSettings settings;
    settings.data_dir = data();
    settings.retention_bytes = retention_bytes_;
    settings.retention_age = retention_age_;
    settings.clock = [this] { return now_ms_; };
    return settings;
  }

  [[nodiscard]] std::filesystem::path data() const { return directory_.path() / "data"; }

  /// Into memory and journals.
  static WriteCounts put(Store& store, const std::vector<std::string>& texts);
  /// And to disk from there, all of it.
  static WriteCounts flush(Store& store);
  static WriteCounts put_on_disk(Store& store, const std::vector<std::string>& texts);

  static RecordQuery everything() {
    RecordQuery query;
    query.end = 1e12;
    return query;
  }
  static std::vector<TraceId> listed(const Store& store, const RecordQuery& query);
  static std::size_t count(const Store& store) { return listed(store, everything()).size(); }

  /// Files of the folder whose names begin and end so, sorted.
  [[nodiscard]] std::vector<std::filesystem::path> files(std::string_view begin,
                                                         std::string_view end) const;
  /// Bytes of everything in the folder.
  [[nodiscard]] std::uint64_t bytes_on_disk() const;

  TemporaryDirectory directory_;
  std::uint64_t retention_bytes_ = std::uint64_t{64} << 20U;
  std::chrono::seconds retention_age_ = std::chrono::hours(1);
  std::int64_t now_ms_ = test_time * 1000;
};

}  // namespace xrayd::local
