// A role for the token in a file: what EKS gives its pods.
#pragma once

#include "credentials/provider.hpp"
#include "credentials/sts.hpp"

namespace xrayd::credentials {

/// AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN, AWS_ROLE_SESSION_NAME. The file is read each time.
class WebIdentityProvider final : public Provider {
 public:
  explicit WebIdentityProvider(StsSettings settings) : settings_(std::move(settings)) {}

  [[nodiscard]] std::string title() const override { return "web identity"; }
  [[nodiscard]] std::optional<Answer> at_hand() override;
  [[nodiscard]] Answer ask(Inquiry& inquiry) override;

 private:
  StsSettings settings_;
};

}  // namespace xrayd::credentials
