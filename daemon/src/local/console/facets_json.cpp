#include "local/console/facets_json.hpp"

#include <array>

#include "local/json/json.hpp"

namespace xrayd::local {
namespace {

struct Name {
  Facet facet;
  std::string_view name;
};

constexpr std::array<Name, facet_count> names{{
    {Facet::service, "Service"},
    {Facet::annotation, "Annotation"},
    {Facet::outcome, "Outcome"},
    {Facet::http_status, "HttpStatus"},
    {Facet::http_method, "HttpMethod"},
    {Facet::http_url, "HttpURL"},
    {Facet::user, "User"},
    {Facet::resource_arn, "ResourceARN"},
    {Facet::fault_cause, "FaultRootCause"},
    {Facet::error_cause, "ErrorRootCause"},
    {Facet::response_time_cause, "ResponseTimeRootCause"},
}};

void write_value(JsonWriter& writer, Facet facet, const FacetValue& value) {
  writer.StartObject();
  write_key(writer, facet == Facet::service ? "Name" : "Value");
  write_text(writer, value.value);
  if (facet == Facet::annotation) {
    write_key(writer, "Key");
    write_text(writer, value.detail);
  } else if (facet == Facet::service) {
    write_key(writer, "Type");
    if (value.detail.empty()) {
      writer.Null();
    } else {
      write_text(writer, value.detail);
    }
  }
  write_key(writer, "Count");
  writer.Int64(value.count);
  write_key(writer, "Filter");
  write_text(writer, value.filter);
  writer.EndObject();
}

}  // namespace

std::string facets_json(const FacetsAnswer& answer) {
  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  writer.StartObject();
  write_key(writer, "Scanned");
  writer.Uint64(answer.scanned);
  write_key(writer, "Matched");
  writer.Uint64(answer.matched);
  write_key(writer, "Complete");
  writer.Bool(answer.complete);
  write_key(writer, "Facets");
  writer.StartObject();
  for (const auto& [facet, name] : names) {
    write_key(writer, name);
    writer.StartObject();
    write_key(writer, "Values");
    writer.StartArray();
    for (const auto& value : answer.counter.top(facet, listed_facet_values)) {
      write_value(writer, facet, value);
    }
    writer.EndArray();
    write_key(writer, "Distinct");
    writer.Uint64(answer.counter.values(facet));
    writer.EndObject();
  }
  writer.EndObject();
  writer.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace xrayd::local
