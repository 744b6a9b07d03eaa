// What we recognise in requests that others signed: one JSON object a line in, one a line out.
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cstdio>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "aws/recogniser.hpp"

namespace {

using namespace xray::instrumentation;
using rapidjson::Document;
using rapidjson::Value;
using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

std::string_view text_of(const Value& value) {
  return {value.GetString(), value.GetStringLength()};
}

void write(Writer& out, std::string_view text) {
  out.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

void write_parameters(Writer& out, const RecognisedCall& call) {
  out.StartObject();
  for (std::size_t i = 0; i < call.parameter_count(); ++i) {
    const CallParameter parameter = call.parameter(i);
    write(out, parameter.name);
    switch (parameter.kind) {
      case CallParameter::Kind::text:
        write(out, parameter.text);
        break;
      case CallParameter::Kind::number:
        out.Int64(parameter.number);
        break;
      case CallParameter::Kind::boolean:
        out.Bool(parameter.number != 0);
        break;
      case CallParameter::Kind::json:
        out.RawValue(parameter.text.data(), parameter.text.size(), rapidjson::kObjectType);
        break;
    }
  }
  out.EndObject();
}

void answer(const Document& in, Writer& out) {
  std::vector<HeaderView> headers;
  for (const Value& header : in["headers"].GetArray()) {
    headers.push_back({text_of(header[0]), text_of(header[1])});
  }
  RequestView request;
  request.method = text_of(in["method"]);
  request.url = text_of(in["url"]);
  request.headers = {headers.data(), headers.size()};
  request.body = text_of(in["body"]);
  RecognisedCall call;
  constexpr const char* kinds[] = {"other", "aws", "never_trace"};
  const RequestKind kind = recognise(request, {}, call);
  out.StartObject();
  out.Key("kind");
  out.String(kinds[static_cast<int>(kind)]);
  out.Key("service");
  write(out, call.service);
  out.Key("operation");
  write(out, call.operation);
  out.Key("region");
  write(out, call.region);
  out.Key("attempt");
  out.Int(call.attempt);
  out.Key("parameters");
  write_parameters(out, call);
  out.EndObject();
}

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    Document in;
    in.Parse(line.data(), line.size());
    if (in.HasParseError()) {
      std::fputs("aws_calls_program: a line is no JSON\n", stderr);
      return 1;
    }
    rapidjson::StringBuffer buffer;
    Writer out(buffer);
    answer(in, out);
    std::cout << std::string_view(buffer.GetString(), buffer.GetSize()) << '\n';
  }
  return 0;
}
