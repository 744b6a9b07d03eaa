// How operations say no.
#pragma once

#include <exception>
#include <string>
#include <utility>

#include "local/backend.hpp"
#include "local/json/members.hpp"

namespace xrayd::local::api {

/// Thrown by operations, answered to the caller.
class ApiError : public std::exception {
 public:
  ApiError(int status, std::string type, std::string message)
      : status_(status), type_(std::move(type)), message_(std::move(message)) {}

  /// Names the resource that the error is about.
  [[nodiscard]] ApiError about(std::string resource) &&;

  [[nodiscard]] ApiAnswer answer() const;
  [[nodiscard]] const char* what() const noexcept override { return message_.c_str(); }

 private:
  int status_;
  std::string type_;
  std::string message_;
  std::string resource_;
};

/// The request makes no sense: 400.
ApiError invalid_request(std::string message);
/// A required member is absent: 400. `name` in camelCase, as X-Ray writes it there.
ApiError missing_member(const std::string& name);
/// Throws where there are violations: 400, all of them in one message.
void refuse(const Violations& violations);
/// The account has as many sampling rules as it may: 400.
ApiError too_many_rules(std::string message);
/// There is no such resource; `resource` is its ARN or name: 404.
ApiError resource_not_found(std::string message, std::string resource);
/// The body is no JSON, or a member has another type than the service model says: 400.
ApiError malformed(std::string message);
/// Our fault: 500.
ApiError internal_failure(std::string message);

}  // namespace xrayd::local::api
