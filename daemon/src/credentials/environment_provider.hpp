// Keys in environment variables.
#pragma once

#include "credentials/environment.hpp"
#include "credentials/provider.hpp"

namespace xrayd::credentials {

/// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN and the names of old that SDKs take.
class EnvironmentProvider final : public Provider {
 public:
  explicit EnvironmentProvider(Environment environment) : environment_(std::move(environment)) {}

  [[nodiscard]] std::string title() const override { return "environment"; }
  [[nodiscard]] std::optional<Answer> at_hand() override;
  [[nodiscard]] Answer ask(Inquiry& inquiry) override;

 private:
  Environment environment_;
};

}  // namespace xrayd::credentials
