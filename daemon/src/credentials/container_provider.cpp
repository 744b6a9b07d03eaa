#include "credentials/container_provider.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <string_view>

#include "credentials/iso_time.hpp"
#include "credentials/small_file.hpp"

namespace xrayd::credentials {
namespace {

using namespace std::chrono_literals;

void check_target(std::string_view target) {
  if (std::any_of(target.begin(), target.end(),
                  [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == '\x7F'; })) {
    throw aws::EndpointError("the path has a blank or a control character");
  }
  if (target.find('#') != target.npos) throw aws::EndpointError("the URL has a fragment");
}

struct Token {
  aws::Secret text;
  std::string problem;
};

Token read_token(const Environment& environment) {
  constexpr std::size_t longest = std::size_t{64} << 10U;
  Token token;
  const std::string path = value_of(environment, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
  std::string name = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
  if (path.empty()) {
    token.text = aws::Secret(value_of(environment, name.c_str()));
  } else {
    name += "_FILE";
    FileText file = read_small_file(path, longest);
    if (!file.problem.empty()) token.problem = name + ": " + file.problem;
    token.text = aws::Secret(std::move(file.text));
  }
  // It becomes a header: what breaks a line there would be somebody else's header.
  const std::string_view text = token.text.reveal();
  if (std::any_of(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == '\x7F';
      })) {
    token.problem = name + ": the token has a line break or a control character in it";
  }
  return token;
}

}  // namespace

bool is_local_host(const std::string& host) {
  if (host == "localhost") return true;
  in_addr v4{};
  if (::inet_pton(AF_INET, host.c_str(), &v4) == 1) {
    const std::uint32_t number = ntohl(v4.s_addr);
    return number >> 24U == 127 || number == 0xA9FEAA02 || number == 0xA9FEAA17;  // 169.254.170.*
  }
  in6_addr v6{};
  if (::inet_pton(AF_INET6, host.c_str(), &v6) != 1) return false;
  in6_addr agent{};
  ::inet_pton(AF_INET6, "fd00:ec2::23", &agent);
  return IN6_IS_ADDR_LOOPBACK(&v6) || std::memcmp(&v6, &agent, sizeof agent) == 0;
}

ContainerUrl parse_container_url(const std::string& url) {
  const std::size_t authority = url.find("://");
  const std::size_t path =
      authority == url.npos ? url.npos : url.find_first_of("/?#", authority + 3);
  ContainerUrl result;
  result.endpoint = aws::parse_endpoint(url.substr(0, path), {});
  result.target = path == url.npos ? "/" : url.substr(path);
  if (!result.target.starts_with('/')) result.target.insert(0, 1, '/');
  check_target(result.target);
  if (!result.endpoint.tls && !is_local_host(result.endpoint.host)) {
    throw aws::EndpointError("host " + result.endpoint.host +
                             " must be asked by https: plain http is for loopback addresses, "
                             "169.254.170.2, 169.254.170.23 and fd00:ec2::23");
  }
  return result;
}

ContainerUrl ContainerProvider::url() const {
  const std::string relative = value_of(environment_, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  try {
    if (relative.empty()) {
      return parse_container_url(value_of(environment_, "AWS_CONTAINER_CREDENTIALS_FULL_URI"));
    }
    if (!relative.starts_with('/')) throw aws::EndpointError("the path must begin with a slash");
    check_target(relative);
    return {aws::parse_endpoint("http://169.254.170.2", {}), relative};
  } catch (const aws::EndpointError& problem) {
    throw aws::EndpointError(std::string(relative.empty()
                                             ? "AWS_CONTAINER_CREDENTIALS_FULL_URI: "
                                             : "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: ") +
                             problem.what());
  }
}

std::optional<Answer> ContainerProvider::at_hand() {
  if (value_of(environment_, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI").empty() &&
      value_of(environment_, "AWS_CONTAINER_CREDENTIALS_FULL_URI").empty()) {
    return Answer::none(
        "neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor AWS_CONTAINER_CREDENTIALS_FULL_URI is "
        "set");
  }
  return std::nullopt;
}

Answer ContainerProvider::ask(Inquiry& inquiry) {
  ContainerUrl where;
  try {
    where = url();
  } catch (const aws::EndpointError& problem) {
    return Answer::failure(problem.what());
  }
  Token token = read_token(environment_);
  if (!token.problem.empty()) return Answer::failure(std::move(token.problem));
  const std::array<aws::HeaderView, 2> all = {
      {{"Accept", "application/json"}, {"Authorization", token.text.reveal()}}};
  const std::span<const aws::HeaderView> headers(all.data(), token.text.empty() ? 1U : 2U);
  net::HttpClient& client = inquiry.client({.connect_timeout = 1s,
                                            .longest_body = longest_answer,
                                            .through_proxy = !is_local_host(where.endpoint.host)});
  constexpr int attempts = 3;
  for (int attempt = 1;; ++attempt) {
    net::HttpResult result = inquiry.send(
        client, where.endpoint, {.method = "GET", .target = where.target, .headers = headers}, 2s);
    const aws::Verdict verdict = aws::judge({.end = result.end, .status = result.response.status});
    const bool again = (verdict == aws::Verdict::retry || verdict == aws::Verdict::throttled) &&
                       attempt < attempts && inquiry.pause(100ms * attempt);
    if (!again) return read(result, where.endpoint);
  }
}

Answer ContainerProvider::read(net::HttpResult& result, const aws::Endpoint& endpoint) const {
  if (result.end != aws::RequestEnd::answered) return Answer::failure(result.problem);
  const aws::Secret body(std::move(result.response.body));
  const std::string who = endpoint.authority();
  if (result.response.status != 200) {
    return Answer::failure(who + " answered " + std::to_string(result.response.status) +
                           read_json_error(body.reveal()).suffix());
  }
  KeysAnswer answer = read_container_answer(body.reveal());
  if (!answer.problem.empty()) return Answer::failure(who + ": " + answer.problem);
  const auto now = clock_();
  const auto expires = by_our_clock(*answer.expires, result.response.header("Date"), now);
  if (expires <= now) {
    return Answer::failure(who + " gave credentials that had expired at " + to_iso_time(expires));
  }
  return Answer::found(std::move(answer.keys), expires, title());
}

}  // namespace xrayd::credentials
