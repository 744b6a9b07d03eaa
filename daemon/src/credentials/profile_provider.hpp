// A profile of the shared config and credentials files.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "aws/shared_config.hpp"
#include "credentials/provider.hpp"
#include "credentials/sts.hpp"

namespace xrayd::credentials {

/// Keys, credential_process, credential_source and web identity, and the roles that a chain of
/// source_profiles takes one after the other. The files are read each time.
class ProfileProvider final : public Provider {
 public:
  /// `named`: the profile that was asked for; empty: what the environment says.
  ProfileProvider(StsSettings settings, const std::string& named, bool local_mode);

  [[nodiscard]] std::string title() const override { return "profile " + name_; }
  [[nodiscard]] std::optional<Answer> at_hand() override;
  [[nodiscard]] Answer ask(Inquiry& inquiry) override;
  /// A credential_process has a minute, each of the roles some seconds.
  [[nodiscard]] std::chrono::milliseconds limit() const override {
    return std::chrono::seconds(90);
  }

 private:
  [[nodiscard]] Answer source(const aws::Profile& profile, Inquiry& inquiry) const;
  [[nodiscard]] Answer from_source_name(const aws::Profile& profile, Inquiry& inquiry) const;
  [[nodiscard]] Answer from_program(const aws::Profile& profile, Inquiry& inquiry) const;
  [[nodiscard]] StsSettings sts_of(const aws::Profile& profile) const;

  StsSettings settings_;
  std::string name_;
  /// Whether a profile of this name was asked for.
  bool wanted_;
  bool local_mode_;
  /// From at_hand() for ask().
  std::vector<aws::Profile> chain_;
};

}  // namespace xrayd::credentials
