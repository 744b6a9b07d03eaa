#include "local/console/completion_json.hpp"

#include <string_view>

#include "local/json/json.hpp"

namespace xrayd::local {
namespace {

std::string_view name_of(FilterOffer::Kind kind) {
  switch (kind) {
    case FilterOffer::Kind::keyword:
      return "Keyword";
    case FilterOffer::Kind::op:
      return "Operator";
    case FilterOffer::Kind::connective:
      return "Connective";
    case FilterOffer::Kind::value:
      return "Value";
    case FilterOffer::Kind::service_name:
      return "ServiceName";
    case FilterOffer::Kind::service_type:
      return "ServiceType";
    case FilterOffer::Kind::account:
      return "Account";
    case FilterOffer::Kind::annotation_key:
      return "AnnotationKey";
    case FilterOffer::Kind::group:
      return "Group";
  }
  return "";
}

void write_text_or_null(JsonWriter& writer, std::string_view key, std::string_view text) {
  write_key(writer, key);
  if (text.empty()) {
    writer.Null();
  } else {
    write_text(writer, text);
  }
}

}  // namespace

std::string completion_json(const FilterCompletion& completion) {
  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  writer.StartObject();
  write_key(writer, "Begin");
  writer.Uint64(completion.begin);
  write_key(writer, "End");
  writer.Uint64(completion.end);
  write_key(writer, "Typed");
  write_text(writer, completion.typed);
  write_key(writer, "Offers");
  writer.StartArray();
  for (const auto& offer : completion.offers) {
    writer.StartObject();
    write_key(writer, "Kind");
    write_text(writer, name_of(offer.kind));
    write_text_or_null(writer, "Text", offer.text);
    write_text_or_null(writer, "Of", offer.of);
    writer.EndObject();
  }
  writer.EndArray();
  writer.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace xrayd::local
