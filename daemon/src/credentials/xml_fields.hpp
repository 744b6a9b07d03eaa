// The few fields that we want of STS's answers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace xrayd::credentials {

/// An element without elements in it.
struct XmlField {
  /// The names of the element and of those around it: `AssumeRoleResponse/.../AccessKeyId`.
  std::string path;
  /// Without blanks at either end. May be a secret.
  std::string text;
};

/// All such elements of a document, in their order; none if it is not well-formed, deeper than 16,
/// or has more than 256 of them. Knows elements, attributes (skipped), comments, declarations, the
/// five named entities and numbered ones of ASCII; a document type is refused, CDATA too.
[[nodiscard]] std::vector<XmlField> read_xml_fields(std::string_view document);

/// The first field whose path ends in these names; empty if there is none.
[[nodiscard]] std::string_view field_of(const std::vector<XmlField>& fields,
                                        std::string_view path_end);

}  // namespace xrayd::credentials
