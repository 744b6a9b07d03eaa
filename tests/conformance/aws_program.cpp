// The daemon's signatures, endpoints and profiles for others to compare with: one JSON object a
// line in, one a line out. `aws_program sign|endpoint|profiles`.
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <chrono>
#include <cstdio>
#include <iostream>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aws/endpoints.hpp"
#include "aws/shared_config.hpp"
#include "aws/sigv4.hpp"

namespace {

using rapidjson::Document;
using rapidjson::Value;
using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

std::string_view text_of(const Value& value) {
  return {value.GetString(), value.GetStringLength()};
}

void write(Writer& out, std::string_view text) {
  out.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

void sign(const Document& in, Writer& out) {
  std::vector<xrayd::aws::HeaderView> headers;
  for (const Value& header : in["headers"].GetArray()) {
    headers.push_back({text_of(header[0]), text_of(header[1])});
  }
  const std::string body_sha256 = xrayd::aws::sha256_hex(text_of(in["body"]));
  const xrayd::aws::RequestToSign request{.method = text_of(in["method"]),
                                          .host = text_of(in["host"]),
                                          .path = text_of(in["path"]),
                                          .query = text_of(in["query"]),
                                          .headers = headers,
                                          .body_sha256 = body_sha256};
  const xrayd::aws::Credentials credentials{std::string(text_of(in["access_key"])),
                                            xrayd::aws::Secret(text_of(in["secret_key"])),
                                            xrayd::aws::Secret(text_of(in["token"]))};
  const std::chrono::sys_seconds time{std::chrono::seconds(in["time"].GetInt64())};
  out.StartObject();
  for (const auto& [name, value] : xrayd::aws::sign(
           request, credentials, {text_of(in["region"]), text_of(in["service"])}, time)) {
    write(out, name);
    write(out, value);
  }
  out.EndObject();
}

void endpoint(const Document& in, Writer& out) {
  xrayd::aws::EndpointOptions options;
  options.fips = in["fips"].GetBool();
  options.dual_stack = in["dual_stack"].GetBool();
  options.sts_global = in["sts_global"].GetBool();
  const auto service =
      text_of(in["service"]) == "sts" ? xrayd::aws::Service::sts : xrayd::aws::Service::xray;
  const std::string_view region = text_of(in["region"]);
  out.StartObject();
  try {
    const auto found = xrayd::aws::endpoint_of(service, region, options);
    out.Key("url");
    write(out, found.url());
    out.Key("signing_region");
    write(out, found.signing_region);
    out.Key("partition");
    write(out, xrayd::aws::partition_of(region));
  } catch (const xrayd::aws::EndpointError& error) {
    out.Key("error");
    write(out, error.what());
  }
  out.EndObject();
}

/// A file's sections as they stand, and the profiles as a program gets them.
void profiles(const Document& in, Writer& out) {
  const std::string_view text = text_of(in["text"]);
  out.StartObject();
  try {
    const auto sections = xrayd::aws::parse_sections(text, "config");
    out.Key("sections");
    out.StartObject();
    for (const auto& [section, settings] : sections) {
      write(out, section);
      out.StartObject();
      for (const auto& [key, setting] : settings) {
        write(out, key);
        if (setting.nested.empty()) {
          write(out, setting.value.reveal());
          continue;
        }
        // As in Python's dict, the last of one name counts.
        std::map<std::string_view, std::string_view> nested;
        for (const auto& [name, value] : setting.nested) nested[name] = value.reveal();
        out.StartObject();
        for (const auto& [name, value] : nested) {
          write(out, name);
          write(out, value);
        }
        out.EndObject();
      }
      out.EndObject();
    }
    out.EndObject();
    const xrayd::aws::SharedConfig config(xrayd::aws::SharedConfig::File{"config", text}, {});
    out.Key("profiles");
    out.StartArray();
    for (const std::string& name : config.profile_names()) write(out, name);
    out.EndArray();
  } catch (const xrayd::aws::SharedConfigError& error) {
    out.Key("error");
    write(out, error.what());
  }
  out.EndObject();
}

}  // namespace

int main(int count, char** arguments) {
  const std::string_view command = count == 2 ? arguments[1] : "";
  void (*answer)(const Document&, Writer&) = nullptr;
  if (command == "sign") answer = sign;
  if (command == "endpoint") answer = endpoint;
  if (command == "profiles") answer = profiles;
  if (answer == nullptr) {
    std::fputs("usage: aws_program sign|endpoint|profiles\n", stderr);
    return 2;
  }
  for (std::string line; std::getline(std::cin, line);) {
    Document in;
    in.Parse(line.data(), line.size());
    if (in.HasParseError()) {
      std::fputs("aws_program: a line is no JSON\n", stderr);
      return 1;
    }
    rapidjson::StringBuffer buffer;
    Writer out(buffer);
    answer(in, out);
    std::cout << std::string_view(buffer.GetString(), buffer.GetSize()) << '\n';
  }
  return 0;
}
