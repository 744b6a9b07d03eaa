// Where AWS's services answer, region by region.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace xrayd::aws {

/// A region or an endpoint that can't be used; what() names it. Never holds a URL's user, password
/// or query.
class EndpointError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

enum class Service { xray, sts };

struct EndpointOptions {
  /// Endpoints whose cryptography is validated by FIPS 140.
  bool fips = false;
  /// Endpoints with IPv6 addresses, too.
  bool dual_stack = false;
  /// STS in one place for the older regions: what `sts_regional_endpoints = legacy` asks for.
  bool sts_global = false;
  /// Used as it is if not empty, whatever the other options say.
  std::string url = {};
};

struct Endpoint {
  bool tls = true;
  /// In lower case, IPv6 without its brackets.
  std::string host;
  std::uint16_t port = 443;
  /// What stands before the paths of the API: empty or `/something`, without a slash at its end.
  std::string base_path;
  /// The region to sign for; not always the one asked for.
  std::string signing_region;

  /// The Host header: IPv6 in brackets, the port unless it is the scheme's own.
  [[nodiscard]] std::string authority() const;
  /// `https://xray.us-east-1.amazonaws.com`
  [[nodiscard]] std::string url() const;

  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

/// The endpoint of a service in a region. A region that this program has not heard of belongs to
/// the partition whose pattern it fits, otherwise to the public one. Throws EndpointError.
[[nodiscard]] Endpoint endpoint_of(Service service, std::string_view region,
                                   const EndpointOptions& options = {});

/// Reads `http://host`, `https://host:port/base`, `http://[::1]:8000`. Throws EndpointError.
[[nodiscard]] Endpoint parse_endpoint(std::string_view url, std::string_view signing_region);

/// Whether a text may be a region: 1 to 63 lower-case letters, digits and inner dashes, not digits
/// only. So nothing of it can change a host name or a signature's scope.
[[nodiscard]] bool is_region(std::string_view text);

/// Throws EndpointError that says `from` and the text if it is no region.
void check_region(std::string_view text, std::string_view from);

/// `aws`, `aws-cn`, ...: as it stands in ARNs.
[[nodiscard]] std::string_view partition_of(std::string_view region);

}  // namespace xrayd::aws
