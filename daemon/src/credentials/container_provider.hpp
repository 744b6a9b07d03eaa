// The credentials that ECS and EKS hand to their containers.
#pragma once

#include <string>

#include "aws/endpoints.hpp"
#include "credentials/environment.hpp"
#include "credentials/provider.hpp"

namespace xrayd::credentials {

/// A URL taken apart.
struct ContainerUrl {
  aws::Endpoint endpoint;
  /// Path and query.
  std::string target;
};

/// Takes a full URL apart. Plain http is for hosts that nobody else can answer for: loopback, and
/// the addresses of ECS's and EKS's agents. Throws aws::EndpointError, with nothing of the URL but
/// its host.
[[nodiscard]] ContainerUrl parse_container_url(const std::string& url);

/// Whether only this machine or its agents are there.
[[nodiscard]] bool is_local_host(const std::string& host);

/// AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, else _FULL_URI; AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE
/// (read each time), else AWS_CONTAINER_AUTHORIZATION_TOKEN.
class ContainerProvider final : public Provider {
 public:
  ContainerProvider(Environment environment, WallClock clock)
      : environment_(std::move(environment)), clock_(std::move(clock)) {}

  [[nodiscard]] std::string title() const override { return "container metadata"; }
  [[nodiscard]] std::optional<Answer> at_hand() override;
  [[nodiscard]] Answer ask(Inquiry& inquiry) override;

 private:
  [[nodiscard]] ContainerUrl url() const;
  [[nodiscard]] Answer read(net::HttpResult& result, const aws::Endpoint& endpoint) const;

  Environment environment_;
  WallClock clock_;
};

}  // namespace xrayd::credentials
