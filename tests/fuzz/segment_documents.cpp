// Any documents, one a line: refused with a reason, or compiled to a trace whose parts are JSON,
// the same whichever came first.
#include <rapidjson/document.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "local/segment_document.hpp"
#include "local/trace_compiler.hpp"

namespace {

bool is_json(std::string_view text) {
  rapidjson::Document json;
  json.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(text.data(),
                                                                                     text.size());
  return !json.HasParseError();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace xrayd::local;
  std::string_view input(reinterpret_cast<const char*>(data), size);
  std::vector<SegmentDocument> documents;
  while (!input.empty() && documents.size() < 16) {
    const std::size_t end = std::min(input.find('\n'), input.size());
    auto parsed = parse_segment_document(std::string(input.substr(0, end)));
    if (auto* document = std::get_if<SegmentDocument>(&parsed)) {
      documents.push_back(std::move(*document));
    }
    input.remove_prefix(std::min(end + 1, input.size()));
  }
  std::vector<const SegmentDocument*> of_one_trace;
  for (const auto& document : documents) {
    if (document.trace_id == documents.front().trace_id) of_one_trace.push_back(&document);
  }
  if (of_one_trace.empty()) return 0;
  const auto trace = compile_trace(of_one_trace, 1);
  if (!is_json(trace.summary)) std::abort();
  for (const auto& segment : trace.segments) {
    if (!is_json(segment.document)) std::abort();
  }
  return 0;
}
