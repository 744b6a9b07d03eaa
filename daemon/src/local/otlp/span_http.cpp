#include "local/otlp/span_http.hpp"

#include <arpa/inet.h>

#include <array>
#include <string>
#include <string_view>

#include "local/otlp/otlp_text.hpp"

namespace xrayd::local {
namespace {

bool is_address(std::string_view text) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  const std::string copy(text);
  return inet_pton(AF_INET, copy.c_str(), address.data()) == 1 ||
         inet_pton(AF_INET6, copy.c_str(), address.data()) == 1;
}

bool is_usual_port(std::string_view scheme, std::int64_t port) {
  return (scheme == "http" && port == 80) || (scheme == "https" && port == 443);
}

// Put together as the span's kind says; empty where it doesn't say enough.
std::string url_of(SpanContext& context) {
  auto& attributes = context.attributes;
  const std::string_view whole = attributes.text({"url.full", "http.url"});
  if (!whole.empty()) return std::string(whole);

  const bool is_server = context.span.kind == SpanKind::server;
  std::string_view scheme = attributes.text({"url.scheme", "http.scheme"});
  if (scheme.empty()) scheme = "http";
  std::string_view host = attributes.text({"http.host"});
  const bool may_have_port = host.find(':') != std::string_view::npos;
  if (host.empty()) {
    host = is_server ? attributes.text({"server.address", "http.server_name", "net.host.name"})
                     : attributes.text({"server.address", "net.peer.name", "net.peer.ip"});
  }
  if (host.empty() && is_server) host = context.resource.text({"host.name"});
  const auto port = is_server ? attributes.number({"server.port", "net.host.port"})
                              : attributes.number({"server.port", "net.peer.port"});
  const std::string_view target = attributes.text({"http.target"});
  const std::string_view path = attributes.text({"url.path", "http.route"});
  const std::string_view query = attributes.text({"url.query"});
  if (host.empty()) return std::string(target.empty() ? path : target);

  std::string url(scheme);
  url.append("://").append(host);
  if (port && *port > 0 && !may_have_port && !is_usual_port(scheme, *port)) {
    url.append(":").append(std::to_string(*port));
  }
  if (!target.empty()) return url.append(target);
  url.append(path.empty() ? "/" : path);
  if (!query.empty()) url.append("?").append(query);
  return url;
}

struct Client {
  std::string_view address;
  /// Told by a proxy.
  bool forwarded = false;
};

Client client_of(SpanContext& context) {
  auto& attributes = context.attributes;
  const bool is_server = context.span.kind == SpanKind::server;
  const std::string_view peer =
      is_server ? attributes.text({"network.peer.address", "net.peer.ip"}) : std::string_view();
  std::string_view told = attributes.text({"client.address"});
  if (!is_address(told)) told = attributes.text({"http.client_ip"});
  if (told.empty()) return {peer, false};
  return {told, is_server && peer.empty()};
}

std::optional<std::int64_t> length_of(SpanContext& context) {
  auto length = context.attributes.number(
      {"http.response.body.size", "http.response_content_length", "http.response.size"});
  if (length) return length;
  for (const auto& event : context.span.events) {
    AttributeMap attributes(event.attributes);
    if (!attributes.has("message.type", "RECEIVED")) continue;
    length =
        attributes.number({"message.uncompressed_size", "messaging.message.payload_size_bytes"});
    if (length) return length;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::int64_t> write_http(JsonWriter& writer, SpanContext& context) {
  auto& attributes = context.attributes;
  const std::string_view method = attributes.text({"http.request.method", "http.method"});
  const auto status = attributes.number({"http.response.status_code", "http.status_code"});
  const bool is_http = !method.empty() || status || attributes.has("http.url") ||
                       attributes.has("url.full") || attributes.has("http.target") ||
                       attributes.has("url.path");
  if (!is_http) return std::nullopt;

  const std::string url = url_of(context);
  const auto client = client_of(context);
  write_key(writer, "http");
  writer.StartObject();
  write_key(writer, "request");
  writer.StartObject();
  write_member(writer, "method", method);
  write_member(writer, "url", url);
  write_member(writer, "user_agent", attributes.text({"user_agent.original", "http.user_agent"}));
  write_member(writer, "client_ip", client.address);
  if (client.forwarded) {
    write_key(writer, "x_forwarded_for");
    writer.Bool(true);
  }
  writer.EndObject();
  const auto length = length_of(context);
  if (status || length) {
    write_key(writer, "response");
    writer.StartObject();
    if (status) {
      write_key(writer, "status");
      writer.Int64(*status);
    }
    if (length) {
      write_key(writer, "content_length");
      writer.Int64(*length);
    }
    writer.EndObject();
  }
  writer.EndObject();
  return status;
}

}  // namespace xrayd::local
