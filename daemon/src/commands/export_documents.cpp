#include <algorithm>
#include <cstdio>
#include <unordered_set>

#include "commands/commands.hpp"
#include "local/document/trace_id.hpp"
#include "local/json/json.hpp"

namespace xrayd::commands {
namespace {

constexpr const char* nonsense = "an answer makes no sense";

std::string escaped(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       c == '-' || c == '_' || c == '.';
    if (plain) {
      result += c;
    } else {
      result += '%';
      result += digits[byte >> 4U];
      result += digits[byte & 0xFU];
    }
  }
  return result;
}

std::string target_of(const config::StoreCommandOptions& options, const std::string& cursor) {
  std::string target = "/console/api/v1/documents?filter=" + escaped(options.filter);
  if (options.start) target += "&start=" + std::to_string(*options.start);
  if (options.end) target += "&end=" + std::to_string(*options.end);
  return target + "&cursor=" + escaped(cursor);
}

/// A trace may come among the live ones and once more among those on disk.
class PageWriter {
 public:
  PageWriter(Output& output, ExportCounts& counts) : output_(output), counts_(counts) {}

  void write(const rapidjson::Value& page, bool live_ones) {
    const auto* traces = local::member(page, "Traces");
    if (traces == nullptr || !traces->IsArray()) throw CommandError(nonsense);
    for (const auto& trace : traces->GetArray()) write_trace(trace, live_ones);
  }

 private:
  void write_trace(const rapidjson::Value& trace, bool live_ones) {
    const auto id = local::parse_trace_id(local::text_member(trace, "Id").value_or(""));
    const auto* documents = local::member(trace, "Documents");
    if (!id || documents == nullptr || !documents->IsArray()) throw CommandError(nonsense);
    if (live_ones ? !seen_.insert(*id).second : seen_.contains(*id)) return;
    ++counts_.traces;
    for (const auto& document : documents->GetArray()) {
      if (!document.IsString()) throw CommandError(nonsense);
      std::string line(local::text_of(document));
      // Within JSON a line break is never more than a blank.
      std::replace_if(
          line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
      output_.write_line(line);
      ++counts_.documents;
    }
  }

  Output& output_;
  ExportCounts& counts_;
  std::unordered_set<local::TraceId, local::TraceIdHash> seen_;
};

}  // namespace

void export_documents(Peer& peer, const config::StoreCommandOptions& options, Output& output,
                      ExportCounts& counts) {
  constexpr std::size_t deepest = 10;
  PageWriter writer(output, counts);
  std::string cursor;
  for (;;) {
    const std::string body = peer.get(target_of(options, cursor));
    local::ParsedJson page;
    if (local::ParsedJson::parse(body, deepest, page) != local::JsonFault::none) {
      throw CommandError(nonsense);
    }
    writer.write(page.value(), cursor.empty() || cursor.starts_with("0."));
    std::string next(local::text_member(page.value(), "Next").value_or(""));
    if (next.empty()) return output.finish();
    if (next == cursor) throw CommandError(nonsense);
    cursor = std::move(next);
  }
}

}  // namespace xrayd::commands
