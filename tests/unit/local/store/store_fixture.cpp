#include "store_fixture.hpp"

#include <algorithm>
#include <cstdio>
#include <stdexcept>
#include <utility>
#include <variant>

namespace xrayd::local {

TraceId test_trace_id(std::uint64_t n) {
  return {static_cast<std::uint64_t>(test_time) << 32U, n};
}

namespace {

std::string begin(const TraceId& trace, EntityId id) {
  return R"({"name":"shop","id":")" + entity_id_text(id) + R"(","trace_id":")" + trace.to_string() +
         R"(","start_time":)" + std::to_string(trace.epoch_seconds()) + ".25";
}

}  // namespace

std::string segment_text(const TraceId& trace, EntityId id, std::string_view more) {
  return begin(trace, id) + R"(,"end_time":)" + std::to_string(trace.epoch_seconds() + 1) + ".25" +
         std::string(more) + "}";
}

std::string open_segment_text(const TraceId& trace, EntityId id) {
  return begin(trace, id) + R"(,"in_progress":true})";
}

std::string subsegment_text(const TraceId& trace, EntityId id, EntityId parent) {
  const auto epoch = std::to_string(trace.epoch_seconds());
  return R"({"type":"subsegment","name":"part","id":")" + entity_id_text(id) + R"(","trace_id":")" +
         trace.to_string() + R"(","parent_id":")" + entity_id_text(parent) + R"(","start_time":)" +
         epoch + R"(.5,"end_time":)" + epoch + ".75}";
}

std::string ballast(std::size_t bytes) {
  // Nothing that compresses well.
  std::string text = R"(,"metadata":{"a":{"b":")";
  std::uint64_t state = 88172645463325252U + bytes;
  while (text.size() < bytes) {
    state ^= state << 13U;
    state ^= state >> 7U;
    state ^= state << 17U;
    char hex[17];
    std::snprintf(hex, sizeof hex, "%016llx", static_cast<unsigned long long>(state));
    text += hex;
  }
  return text + "\"}}";
}

SegmentDocument document_of(std::string text) {
  auto parsed = parse_segment_document(std::move(text));
  if (const auto* rejection = std::get_if<Rejection>(&parsed)) {
    throw std::runtime_error("test document rejected: " + rejection->message());
  }
  return std::get<SegmentDocument>(std::move(parsed));
}

WriteCounts StoreFixture::put(Store& store, const std::vector<std::string>& texts) {
  std::vector<SegmentDocument> documents;
  documents.reserve(texts.size());
  for (const auto& text : texts) documents.push_back(document_of(text));
  WriteCounts counts;
  store.add(documents, counts);
  EXPECT_TRUE(documents.empty());
  return counts;
}

WriteCounts StoreFixture::flush(Store& store) {
  WriteCounts counts;
  while (store.flush(true, counts) > 0) {
  }
  return counts;
}

WriteCounts StoreFixture::put_on_disk(Store& store, const std::vector<std::string>& texts) {
  WriteCounts counts = put(store, texts);
  counts += flush(store);
  return counts;
}

std::vector<TraceId> StoreFixture::listed(const Store& store, const RecordQuery& query) {
  std::vector<TraceId> ids;
  for (const auto& record : store.records(query).records) ids.push_back(record.id);
  return ids;
}

std::vector<std::filesystem::path> StoreFixture::files(std::string_view begin,
                                                       std::string_view end) const {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(data())) {
    const auto name = entry.path().filename().string();
    if (name.starts_with(begin) && name.ends_with(end)) found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::uint64_t StoreFixture::bytes_on_disk() const {
  std::uint64_t sum = 0;
  for (const auto& entry : std::filesystem::directory_iterator(data())) {
    std::error_code gone;
    const auto size = entry.file_size(gone);
    if (!gone) sum += size;
  }
  return sum;
}

}  // namespace xrayd::local
