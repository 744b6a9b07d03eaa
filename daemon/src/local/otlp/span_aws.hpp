// What spans and their resources tell of AWS, and of databases.
#pragma once

#include "local/json/json.hpp"
#include "local/otlp/span_context.hpp"

namespace xrayd::local {

/// Writes the member `aws`, if there is anything in it.
void write_aws(JsonWriter& writer, SpanContext& context);

/// Writes the member `sql`, if the span is of a relational database.
void write_sql(JsonWriter& writer, SpanContext& context);

}  // namespace xrayd::local
