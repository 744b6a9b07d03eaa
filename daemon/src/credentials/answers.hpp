// Credentials as services and programs write them down.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "aws/secret.hpp"

namespace xrayd::credentials {

/// What an answer held.
struct KeysAnswer {
  /// Fit for headers: no blanks, no control characters.
  aws::Credentials keys;
  /// By the clock of who answered; nothing: they last.
  std::optional<std::chrono::sys_seconds> expires;
  /// Empty if the keys are there; otherwise what is wrong, with nothing of the keys in it.
  std::string problem;
};

/// Longer answers are refused.
inline constexpr std::size_t longest_answer = std::size_t{1} << 18U;

/// Of the container credentials endpoint (ECS, EKS): AccessKeyId, SecretAccessKey, Token,
/// Expiration.
[[nodiscard]] KeysAnswer read_container_answer(std::string_view body);

/// Of EC2's metadata service: the same beside a Code, which must be Success.
[[nodiscard]] KeysAnswer read_instance_answer(std::string_view body);

/// Of a credential_process: Version 1, and SessionToken in place of Token.
[[nodiscard]] KeysAnswer read_process_answer(std::string_view output);

/// Of STS, in XML.
[[nodiscard]] KeysAnswer read_sts_answer(std::string_view body);

/// What a service says of a request that it refused. Texts are cut to 200 characters, all but
/// ASCII's letters and signs blanked; both are empty where the body is of another kind.
struct ServiceError {
  std::string code;
  std::string message;

  /// `: Code: message`, with less where there is less; for the end of a line.
  [[nodiscard]] std::string suffix() const;
};

/// `{"code": ..., "message": ...}`, the names in either case.
[[nodiscard]] ServiceError read_json_error(std::string_view body);
/// STS's.
[[nodiscard]] ServiceError read_sts_error(std::string_view body);

}  // namespace xrayd::credentials
