#include "local/api/stored_trace.hpp"

#include <utility>
#include <variant>
#include <vector>

#include "local/document/segment_document.hpp"
#include "local/trace/trace_compiler.hpp"

namespace xrayd::local::api {

CompiledTrace compiled(const StoredTrace& stored, const TraceId& id) {
  std::vector<SegmentDocument> documents;
  for (const auto& text : stored.documents) {
    auto parsed = parse_segment_document(text);
    if (auto* document = std::get_if<SegmentDocument>(&parsed)) {
      documents.push_back(std::move(*document));
    }
  }
  if (documents.empty()) {
    CompiledTrace nothing;
    nothing.id = id;
    return nothing;
  }
  std::vector<const SegmentDocument*> pointers;
  pointers.reserve(documents.size());
  for (const auto& document : documents) pointers.push_back(&document);
  return compile_trace(pointers);
}

}  // namespace xrayd::local::api
