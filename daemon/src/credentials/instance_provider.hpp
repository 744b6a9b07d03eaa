// The role of an EC2 instance.
#pragma once

#include "credentials/environment.hpp"
#include "credentials/provider.hpp"

namespace xrayd::credentials {

class InstanceProvider final : public Provider {
 public:
  /// In local mode it has nothing and asks nobody.
  InstanceProvider(Environment environment, WallClock clock, bool local_mode)
      : environment_(std::move(environment)), clock_(std::move(clock)), local_mode_(local_mode) {}

  [[nodiscard]] std::string title() const override { return "EC2 metadata"; }
  [[nodiscard]] std::optional<Answer> at_hand() override;
  [[nodiscard]] Answer ask(Inquiry& inquiry) override;
  [[nodiscard]] std::chrono::milliseconds limit() const override { return std::chrono::seconds(5); }

 private:
  Environment environment_;
  WallClock clock_;
  bool local_mode_;
};

}  // namespace xrayd::credentials
