// Filter expressions for what was found: the console adds them to what was asked for.
#pragma once

#include <string>
#include <string_view>

#include "local/trace/trace_record.hpp"

namespace xrayd::local {

/// `"a \"b\""`
[[nodiscard]] std::string quoted_text(std::string_view text);
/// `keyword = "text"`
[[nodiscard]] std::string text_filter(std::string_view keyword, std::string_view text);
[[nodiscard]] std::string service_filter(const RecordNode& node);
[[nodiscard]] std::string annotation_filter(const RecordAnnotation& annotation);
/// `kind` is `fault`, `error` or `responsetime`.
[[nodiscard]] std::string cause_filter(std::string_view kind, const RootCause& cause,
                                       const TraceRecord& record);

/// As people read it: `0.5`, `true`.
[[nodiscard]] std::string value_text(const AnnotationValue& value);

}  // namespace xrayd::local
