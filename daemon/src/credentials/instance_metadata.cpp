#include "credentials/instance_metadata.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "ascii.hpp"

namespace xrayd::credentials {
namespace {

using namespace std::chrono_literals;

constexpr int attempts = 3;
constexpr auto connect_timeout = 250ms;
constexpr auto answer_timeout = 500ms;

bool is_worth_another_try(const net::HttpResult& result) {
  if (result.end != aws::RequestEnd::answered) return result.end != aws::RequestEnd::unknown_host;
  return result.response.status == 429 || result.response.status >= 500;
}

/// 20 to 8,192 characters without blanks or line breaks: AWS's have 56.
bool is_token(std::string_view text) {
  constexpr std::size_t longest = 8192;
  return !text.empty() && text.size() <= longest &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7F'; });
}

aws::Endpoint endpoint_of(const Environment& environment) {
  constexpr const char* name = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
  const std::string url = value_of(environment, name);
  try {
    if (!url.empty()) return aws::parse_endpoint(url, {});
  } catch (const aws::EndpointError& problem) {
    throw aws::EndpointError(std::string(name) + ": " + problem.what());
  }
  const std::string mode = lower(value_of(environment, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"));
  if (mode.empty() || mode == "ipv4") return aws::parse_endpoint("http://169.254.169.254", {});
  if (mode == "ipv6") return aws::parse_endpoint("http://[fd00:ec2::254]", {});
  throw aws::EndpointError("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE takes IPv4 or IPv6");
}

}  // namespace

std::string instance_metadata_disabled(const Environment& environment) {
  return is_true(environment, "AWS_EC2_METADATA_DISABLED") ? "AWS_EC2_METADATA_DISABLED is true"
                                                           : std::string();
}

InstanceMetadata::InstanceMetadata(const Environment& environment, Inquiry& inquiry)
    : inquiry_(inquiry),
      first_version_allowed_(!is_true(environment, "AWS_EC2_METADATA_V1_DISABLED")) {
  try {
    endpoint_ = endpoint_of(environment);
    client_ = &inquiry.client({.connect_timeout = connect_timeout,
                               .longest_body = std::size_t{1} << 18U,
                               .through_proxy = false});
  } catch (const aws::EndpointError& problem) {
    version_ = Version::none;
    problem_ = problem.what();
  }
}

net::HttpResult InstanceMetadata::send(std::string_view method, std::string_view path,
                                       const aws::HeaderView* header) {
  const std::string target = endpoint_.base_path + std::string(path);
  const std::span<const aws::HeaderView> headers(header, header == nullptr ? 0 : 1);
  for (int attempt = 1;; ++attempt) {
    net::HttpResult result =
        inquiry_.send(*client_, endpoint_, {.method = method, .target = target, .headers = headers},
                      connect_timeout + answer_timeout);
    if (!is_worth_another_try(result) || attempt == attempts) return result;
    if (!inquiry_.pause(100ms * attempt)) return result;
  }
}

std::string InstanceMetadata::complaint(const net::HttpResult& result) const {
  if (result.end != aws::RequestEnd::answered) return result.problem;
  return endpoint_.authority() + " answered " + std::to_string(result.response.status);
}

void InstanceMetadata::find_version() {
  const aws::HeaderView lifetime{"X-aws-ec2-metadata-token-ttl-seconds", "300"};
  const net::HttpResult result = send("PUT", "/latest/api/token", &lifetime);
  if (result.end == aws::RequestEnd::answered && result.response.status == 200) {
    if (is_token(result.response.body)) {
      token_ = result.response.body;
      version_ = Version::two;
      return;
    }
    version_ = Version::none;
    problem_ = endpoint_.authority() + " gave no token, but something else";
    return;
  }
  const int status = result.end == aws::RequestEnd::answered ? result.response.status : 0;
  const bool points_to_first =
      status == 403 || status == 404 || status == 405 || result.end == aws::RequestEnd::timed_out;
  if (points_to_first && first_version_allowed_ && !inquiry_.is_over()) {
    version_ = Version::one;
    return;
  }
  version_ = Version::none;
  problem_ = complaint(result);
  if (points_to_first && !first_version_allowed_) {
    problem_ += ", and AWS_EC2_METADATA_V1_DISABLED is true";
  }
}

MetadataText InstanceMetadata::get(std::string_view path) {
  MetadataText answer;
  if (version_ == Version::unknown) find_version();
  if (version_ == Version::none) {
    answer.problem = problem_;
    return answer;
  }
  const aws::HeaderView token{"X-aws-ec2-metadata-token", token_};
  net::HttpResult result = send("GET", path, version_ == Version::two ? &token : nullptr);
  if (result.end == aws::RequestEnd::answered) {
    answer.status = result.response.status;
    answer.date = result.response.header("Date");
    answer.text = std::move(result.response.body);
  }
  if (answer.status != 200) answer.problem = complaint(result);
  if (answer.status == 0 && version_ == Version::one) {
    // A service that does not answer either way is not to be asked for the next text, too.
    version_ = Version::none;
    problem_ = answer.problem;
  }
  return answer;
}

}  // namespace xrayd::credentials
