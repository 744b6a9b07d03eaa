#include <utility>
#include <variant>

#include "commands/commands.hpp"
#include "local/document/segment_document.hpp"
#include "local/json/json.hpp"

namespace xrayd::commands {
namespace {

// What is sent at a time: text, and documents.
constexpr std::size_t batch_bytes = std::size_t{1} << 20U;
constexpr std::size_t batch_documents = 1000;

}  // namespace

Importer::Importer(Peer& peer, double old_before, std::function<void(const std::string&)> complain)
    : peer_(peer), old_before_(old_before), complain_(std::move(complain)) {
}

void Importer::read(std::istream& input, const std::string& name) {
  read_documents(input, [&](InputItem&& item) { take(std::move(item), name); });
}

void Importer::take(InputItem&& item, const std::string& name) {
  std::string place = name + ":" + std::to_string(item.line);
  if (!item.fault.empty()) return refuse(place, item.fault);
  // Here, too, for the daemon doesn't know the places.
  auto parsed = local::parse_segment_document(std::move(item.document));
  if (const auto* rejection = std::get_if<local::Rejection>(&parsed)) {
    return refuse(place, rejection->message());
  }
  auto& document = std::get<local::SegmentDocument>(parsed);
  if (item.from_answer && local::flag_member(document.json.value(), "inferred")) {
    ++counts_.inferred;
    return;
  }
  waiting_bytes_ += document.text.size();
  waiting_.push_back({std::move(place), std::move(document.text),
                      static_cast<double>(document.trace_id.epoch_seconds()) < old_before_});
  if (waiting_bytes_ >= batch_bytes || waiting_.size() >= batch_documents) finish();
}

void Importer::refuse(const std::string& place, std::string_view why) {
  ++counts_.refused;
  complain_(place + ": " + std::string(why));
}

void Importer::finish() {
  if (waiting_.empty()) return;
  rapidjson::StringBuffer buffer;
  local::JsonWriter writer(buffer);
  writer.StartObject();
  local::write_key(writer, "TraceSegmentDocuments");
  writer.StartArray();
  for (const Waiting& document : waiting_) local::write_text(writer, document.text);
  writer.EndArray();
  writer.EndObject();
  const std::string answer = peer_.post("/TraceSegments", {buffer.GetString(), buffer.GetSize()});

  constexpr std::size_t deepest = 10;
  local::ParsedJson parsed;
  if (local::ParsedJson::parse(answer, deepest, parsed) != local::JsonFault::none) {
    throw CommandError("an answer makes no sense");
  }
  const auto* unprocessed = local::member(parsed.value(), "UnprocessedTraceSegments");
  std::int64_t refused = 0;
  if (unprocessed != nullptr && unprocessed->IsArray()) {
    // Only of a daemon that is stricter than this program.
    for (const auto& entry : unprocessed->GetArray()) {
      ++refused;
      refuse(waiting_.front().place + " or behind it, segment " +
                 std::string(local::text_member(entry, "Id").value_or("without id")),
             local::text_member(entry, "Message").value_or("refused"));
    }
  }
  counts_.taken += static_cast<std::int64_t>(waiting_.size()) - refused;
  for (const Waiting& document : waiting_) counts_.old += document.old ? 1 : 0;
  waiting_.clear();
  waiting_bytes_ = 0;
}

}  // namespace xrayd::commands
