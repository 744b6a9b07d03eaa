#include "aws/endpoints.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>

#include "ascii.hpp"

namespace xrayd::aws {
namespace {

struct Partition {
  std::string_view name;
  /// What regions begin with, each followed by `-word-number`.
  std::array<std::string_view, 9> prefixes;
  std::string_view suffix;
  std::string_view dual_stack_suffix;
};

// The first is the one of regions that no other claims.
constexpr std::array<Partition, 8> partitions = {{
    {"aws", {"us", "eu", "ap", "sa", "ca", "me", "af", "il", "mx"}, "amazonaws.com", "api.aws"},
    {"aws-cn", {"cn"}, "amazonaws.com.cn", "api.amazonwebservices.com.cn"},
    {"aws-us-gov", {"us-gov"}, "amazonaws.com", "api.aws"},
    {"aws-iso", {"us-iso"}, "c2s.ic.gov", "api.aws.ic.gov"},
    {"aws-iso-b", {"us-isob"}, "sc2s.sgov.gov", "api.aws.scloud"},
    {"aws-iso-e", {"eu-isoe"}, "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"},
    {"aws-iso-f", {"us-isof"}, "csp.hci.ic.gov", "api.aws.hci.ic.gov"},
    {"aws-eusc", {"eusc-de"}, "amazonaws.eu", "api.amazonwebservices.eu"},
}};

/// The regions whose STS calls go to one host where the old way is asked for.
constexpr std::array<std::string_view, 16> sts_legacy_regions = {
    "ap-northeast-1", "ap-south-1",   "ap-southeast-1", "ap-southeast-2",
    "aws-global",     "ca-central-1", "eu-central-1",   "eu-north-1",
    "eu-west-1",      "eu-west-2",    "eu-west-3",      "sa-east-1",
    "us-east-1",      "us-east-2",    "us-west-1",      "us-west-2"};

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

/// Whether `region` is `<prefix>-<word>-<number>`.
bool fits(std::string_view region, std::string_view prefix) {
  if (prefix.empty() || !region.starts_with(prefix)) return false;
  region.remove_prefix(prefix.size());
  if (!region.starts_with('-')) return false;
  region.remove_prefix(1);
  const std::size_t dash = region.find('-');
  if (dash == 0 || dash == region.npos) return false;
  const std::string_view number = region.substr(dash + 1);
  return !number.empty() && std::all_of(number.begin(), number.end(), is_digit);
}

const Partition& find_partition(std::string_view region) {
  for (const Partition& partition : partitions) {
    // `aws-cn-global` and its like are names of places without a region.
    if (region.starts_with(partition.name) && region.substr(partition.name.size()) == "-global") {
      return partition;
    }
    for (const std::string_view prefix : partition.prefixes) {
      if (fits(region, prefix)) return partition;
    }
  }
  return partitions.front();
}

/// For messages: short, printable, quoted.
std::string quoted(std::string_view text) {
  constexpr std::size_t longest = 80;
  std::string result = "'";
  for (const char c : text.substr(0, longest)) {
    result += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c;
  }
  if (text.size() > longest) result += "...";
  return result + "'";
}

bool is_host_character(char c) {
  return is_digit(c) || is_lower(c) || c == '-' || c == '.' || c == '_';
}

/// The resolver is the judge of the rest.
bool is_ipv6_character(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || c == ':' || c == '.';
}

[[noreturn]] void refuse(std::string_view why) {
  throw EndpointError("the endpoint " + std::string(why));
}

}  // namespace

std::string Endpoint::authority() const {
  std::string result = host.find(':') == host.npos ? host : "[" + host + "]";
  if (port != (tls ? 443 : 80)) result += ":" + std::to_string(port);
  return result;
}

std::string Endpoint::url() const {
  return (tls ? "https://" : "http://") + authority() + base_path;
}

Endpoint endpoint_of(Service service, std::string_view region, const EndpointOptions& options) {
  check_region(region, "region");
  if (!options.url.empty()) return parse_endpoint(options.url, region);

  Endpoint result;
  const bool plain = !options.fips && !options.dual_stack;
  if (service == Service::sts && plain &&
      (region == "aws-global" ||
       (options.sts_global && std::find(sts_legacy_regions.begin(), sts_legacy_regions.end(),
                                        region) != sts_legacy_regions.end()))) {
    result.host = "sts.amazonaws.com";
    result.signing_region = "us-east-1";
    return result;
  }

  const Partition& partition = find_partition(region);
  result.host = service == Service::xray ? "xray" : "sts";
  // In GovCloud the ordinary endpoint of STS is the validated one.
  const bool fips_by_itself =
      service == Service::sts && partition.name == "aws-us-gov" && !options.dual_stack;
  if (options.fips && !fips_by_itself) result.host += "-fips";
  result.host += '.';
  result.host += region;
  result.host += '.';
  result.host += options.dual_stack ? partition.dual_stack_suffix : partition.suffix;
  result.signing_region = region;
  return result;
}

Endpoint parse_endpoint(std::string_view url, std::string_view signing_region) {
  Endpoint result;
  result.signing_region = signing_region;
  const std::size_t colon = url.find("://");
  const std::string scheme = lower(url.substr(0, colon));
  if (colon == url.npos || (scheme != "http" && scheme != "https")) {
    refuse("must begin with http:// or https://");
  }
  result.tls = scheme == "https";
  url.remove_prefix(colon + 3);
  if (url.find_first_of("?#") != url.npos) refuse("must have neither a query nor a fragment");
  // Said without the text: it may hold a password, and that a slash.
  if (url.find('@') != url.npos) refuse("must not have a user in it");

  const std::size_t slash = url.find('/');
  std::string_view authority = url.substr(0, slash);
  if (slash != url.npos) result.base_path = url.substr(slash);
  while (result.base_path.ends_with('/')) result.base_path.pop_back();
  if (std::any_of(result.base_path.begin(), result.base_path.end(),
                  [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F; })) {
    refuse("has a blank or a control character in its path");
  }

  std::string_view port;
  if (authority.starts_with('[')) {
    const std::size_t bracket = authority.find(']');
    if (bracket == authority.npos) refuse(quoted(authority) + " lacks a closing bracket");
    result.host = lower(authority.substr(1, bracket - 1));
    port = authority.substr(bracket + 1);
    if (result.host.find(':') == result.host.npos ||
        !std::all_of(result.host.begin(), result.host.end(), is_ipv6_character)) {
      refuse(quoted(authority) + " has no IPv6 address between its brackets");
    }
  } else {
    const std::size_t at = authority.find(':');
    result.host = lower(authority.substr(0, at));
    if (at != authority.npos) port = authority.substr(at);
    if (result.host.empty() || result.host.size() > 253 ||
        !std::all_of(result.host.begin(), result.host.end(), is_host_character)) {
      refuse(quoted(authority) + " has no host name");
    }
  }
  result.port = result.tls ? 443 : 80;
  if (!port.empty()) {
    const std::string_view digits = port.substr(1);
    const auto [end, problem] =
        std::from_chars(digits.data(), digits.data() + digits.size(), result.port);
    if (port.front() != ':' || problem != std::errc{} || end != digits.data() + digits.size() ||
        result.port == 0) {
      refuse(quoted(authority) + " has no port from 1 to 65535 behind its colon");
    }
  }
  return result;
}

bool is_region(std::string_view text) {
  constexpr std::size_t longest = 63;
  return !text.empty() && text.size() <= longest && !text.starts_with('-') &&
         !text.ends_with('-') &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_digit(c) || is_lower(c) || c == '-'; }) &&
         !std::all_of(text.begin(), text.end(), is_digit);
}

void check_region(std::string_view text, std::string_view from) {
  if (is_region(text)) return;
  throw EndpointError(std::string(from) + ": " + quoted(text) +
                      " is no region; regions are written as us-east-1 is");
}

std::string_view partition_of(std::string_view region) {
  return find_partition(region).name;
}

}  // namespace xrayd::aws
