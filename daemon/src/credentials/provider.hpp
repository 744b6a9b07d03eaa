// A place where credentials may be.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "aws/credentials_source.hpp"
#include "credentials/answers.hpp"
#include "credentials/inquiry.hpp"

namespace xrayd::credentials {

/// What a place had.
struct Answer {
  std::optional<aws::CredentialsLease> lease;
  /// Why there is no lease: for the log.
  std::string reason;
  /// Nobody set this place up: that is nothing to complain of if another place has some.
  bool absent = false;
  /// AWS takes these for a while after their end.
  bool outlives_expiry = false;

  static Answer none(std::string reason) { return {std::nullopt, std::move(reason), true, false}; }
  static Answer failure(std::string reason) {
    return {std::nullopt, std::move(reason), false, false};
  }
  static Answer found(aws::Credentials keys, std::optional<std::chrono::sys_seconds> expires,
                      std::string origin) {
    return {aws::CredentialsLease{std::move(keys), expires, std::move(origin)}, {}, false, false};
  }
};

/// For one thread at a time. Neither function throws but std::bad_alloc.
class Provider {
 public:
  Provider() = default;
  Provider(const Provider&) = delete;
  Provider& operator=(const Provider&) = delete;
  virtual ~Provider() = default;

  /// How lines about it begin: `environment`, `EC2 metadata`.
  [[nodiscard]] virtual std::string title() const = 0;

  /// The answer if it takes neither network nor program; nothing if ask() is to find out.
  [[nodiscard]] virtual std::optional<Answer> at_hand() = 0;

  /// After an at_hand() that knew nothing.
  [[nodiscard]] virtual Answer ask(Inquiry& inquiry) = 0;

  /// How long ask() may take.
  [[nodiscard]] virtual std::chrono::milliseconds limit() const { return std::chrono::seconds(10); }
};

}  // namespace xrayd::credentials
