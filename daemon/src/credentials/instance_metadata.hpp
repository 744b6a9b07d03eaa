// EC2's metadata service.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "aws/endpoints.hpp"
#include "credentials/environment.hpp"
#include "credentials/inquiry.hpp"

namespace xrayd::credentials {

/// Why the service is not to be asked (AWS_EC2_METADATA_DISABLED); empty if it may be.
[[nodiscard]] std::string instance_metadata_disabled(const Environment& environment);

/// What it said, or why that is of no use.
struct MetadataText {
  /// Of the answer; 0 if there was none.
  int status = 0;
  std::string text;
  /// The Date header.
  std::string date;
  /// Empty after an answer of 200.
  std::string problem;
};

/// Version 2 with its token, else version 1: where the service refuses to give a token or is too
/// far away for one to arrive (the answer to a PUT crosses no router, so containers may not see
/// it), unless AWS_EC2_METADATA_V1_DISABLED is true. AWS_EC2_METADATA_SERVICE_ENDPOINT and
/// AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE (IPv4, IPv6) say where it is.
class InstanceMetadata {
 public:
  InstanceMetadata(const Environment& environment, Inquiry& inquiry);

  /// Asks for `/latest/...`, three times at most.
  [[nodiscard]] MetadataText get(std::string_view path);

 private:
  enum class Version { unknown, one, two, none };

  void find_version();
  [[nodiscard]] net::HttpResult send(std::string_view method, std::string_view path,
                                     const aws::HeaderView* header);
  [[nodiscard]] std::string complaint(const net::HttpResult& result) const;

  Inquiry& inquiry_;
  bool first_version_allowed_;
  aws::Endpoint endpoint_;
  net::HttpClient* client_ = nullptr;
  Version version_ = Version::unknown;
  std::string token_;
  /// Why there is no version.
  std::string problem_;
};

}  // namespace xrayd::credentials
