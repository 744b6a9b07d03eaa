// The account's operations as callers see them: JSON in, JSON out.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include "local/backend.hpp"
#include "local/json/json.hpp"
#include "temporary_directory.hpp"

namespace xrayd::local {

class AccountApiTest : public testing::Test {
 protected:
  static constexpr const char* invalid = "InvalidRequestException";
  static constexpr const char* validation = "ValidationException";
  static constexpr const char* serialization = "SerializationException";
  static constexpr const char* not_found = "ResourceNotFoundException";

  AccountApiTest();

  /// As the next start of the daemon finds what is on disk.
  void restart();

  /// The body of an answer that must be a 200.
  std::string call(std::string_view path, std::string_view body = "{}");
  /// The same, parsed.
  ParsedJson ask(std::string_view path, std::string_view body = "{}");

  /// The error's type and its whole text; 404 for what is not found, otherwise 400.
  void expect_refused(std::string_view path, std::string_view body, std::string_view type,
                      std::string_view message);
  /// A ValidationException with one violation: "Value 'x' at 'y' failed to satisfy ...".
  void expect_violation(std::string_view path, std::string_view body, std::string_view violation);

  std::filesystem::path data() const { return directory_.path() / "data"; }

  TemporaryDirectory directory_;
  std::unique_ptr<Backend> backend_;
};

/// `"xxx"`
std::string quoted(std::size_t length);

/// A text of JSON, quoted and escaped.
std::string json_text(std::string_view text);

}  // namespace xrayd::local
