#include "local/json/tags.hpp"

#include <algorithm>
#include <utility>

#include "ascii.hpp"

namespace xrayd::local {
namespace {

// Of a request; what a resource may have in the end is less.
constexpr std::size_t max_tags_of_request = 200;
constexpr Lengths key_lengths{1, 128};
constexpr Lengths value_lengths{0, 256};

// What isn't ASCII counts as a letter.
bool is_tag_text(std::string_view text) {
  constexpr std::string_view others = " _.:/=+-@";
  return std::all_of(text.begin(), text.end(), [&](char c) {
    const bool ascii = static_cast<unsigned char>(c) < 0x80U;
    return !ascii || is_alphanumeric(c) || others.find(c) != std::string_view::npos;
  });
}

}  // namespace

Tags read_tags(Members& members, Need need, Violations& violations) {
  const auto* list = members.list("Tags", need, max_tags_of_request);
  if (list == nullptr) return {};
  Tags tags;
  for (rapidjson::SizeType i = 0; i < list->Size(); ++i) {
    Members tag((*list)[i], members.path("Tags", i), violations);
    auto key = tag.text("Key", Need::required, key_lengths);
    auto value = tag.text("Value", Need::required, value_lengths);
    if (key && value) tags.insert_or_assign(*std::move(key), *std::move(value));
  }
  return tags;
}

std::string tags_fault(const Tags& tags) {
  for (const auto& [key, value] : tags) {
    if (lower(std::string_view(key).substr(0, 4)) == "aws:") {
      return "Tag keys must not start with aws:";
    }
    if (!is_tag_text(key) || !is_tag_text(value)) {
      return "Tag keys and values may only contain letters, digits, spaces and _.:/=+-@";
    }
  }
  if (tags.size() > max_tags_of_resource) {
    return "The resultant tag set must not have more than 50 user tags.";
  }
  return {};
}

void write_tags(JsonWriter& writer, const Tags& tags) {
  writer.StartArray();
  for (const auto& [key, value] : tags) {
    writer.StartObject();
    write_key(writer, "Key");
    write_text(writer, key);
    write_key(writer, "Value");
    write_text(writer, value);
    writer.EndObject();
  }
  writer.EndArray();
}

}  // namespace xrayd::local
