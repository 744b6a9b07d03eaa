// What the plugins are told: where to look.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <xray/plugins.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// `http://host[:port][/path]` in parts; the path without a slash at its end.
struct HttpEndpoint {
  std::string host;
  std::string port = "80";
  std::string path;
};

/// CloudWatch's own limit.
inline constexpr std::size_t longest_log_group = 512;

struct PluginSettings {
  Plugins wanted;
  std::string file_root;  ///< stands before every path; empty: files are where they are
  std::string log_group;  ///< of AWS_LOG_GROUP
  HttpEndpoint ec2{"169.254.169.254", "80", ""};
  bool ec2_disabled = false;
  bool ec2_v1_disabled = false;
  std::vector<HttpEndpoint> ecs;  ///< version 4 first; empty: not in ECS
  std::string kubernetes_host;    ///< empty: not said
  std::string kubernetes_port;
};

/// Nothing if the text is not of that form: no TLS, no user name, no query.
inline std::optional<HttpEndpoint> parse_http_endpoint(std::string_view text) {
  constexpr std::string_view scheme = "http://";
  if (text.substr(0, scheme.size()) == scheme) text.remove_prefix(scheme.size());
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (code <= 0x20U || code >= 0x7fU || c == '@' || c == '?' || c == '#') return std::nullopt;
  }
  HttpEndpoint result;
  const std::size_t slash = text.find('/');
  std::string_view authority = text.substr(0, slash);
  if (slash != std::string_view::npos) {
    std::string_view path = text.substr(slash);
    while (!path.empty() && path.back() == '/') path.remove_suffix(1);
    result.path = std::string(path);
  }
  std::size_t end = authority.find(':');
  if (!authority.empty() && authority.front() == '[') {
    end = authority.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    result.host = std::string(authority.substr(1, end - 1));
    ++end;
  } else {
    result.host = std::string(authority.substr(0, end));
  }
  if (result.host.empty() || result.host.size() > 253) return std::nullopt;
  if (end >= authority.size()) return result;
  const std::string_view port = authority.substr(end);
  if (port.front() != ':' || port.size() < 2 || port.size() > 6) return std::nullopt;
  unsigned number = 0;
  for (const char c : port.substr(1)) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + static_cast<unsigned>(c - '0');
  }
  if (number == 0 || number > 65535) return std::nullopt;
  result.port = std::to_string(number);
  return result;
}

/// `all`, `none`, or names separated by commas; the word at fault is left in `wrong`.
inline std::optional<Plugins> parse_plugins(std::string_view text, std::string_view& wrong) {
  Plugins result;
  while (true) {
    const std::size_t comma = text.find(',');
    std::string_view word = text.substr(0, comma);
    while (!word.empty() && word.front() == ' ') word.remove_prefix(1);
    while (!word.empty() && word.back() == ' ') word.remove_suffix(1);
    if (word == "ec2") {
      result.add(Plugin::ec2);
    } else if (word == "ecs") {
      result.add(Plugin::ecs);
    } else if (word == "eks") {
      result.add(Plugin::eks);
    } else if (word == "elastic_beanstalk") {
      result.add(Plugin::elastic_beanstalk);
    } else if (word == "all") {
      result = Plugins::all();
    } else if (word != "none") {
      wrong = word;
      return std::nullopt;
    }
    if (comma == std::string_view::npos) return result;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace detail
XRAY_NAMESPACE_END
