#include "credentials/environment_provider.hpp"

#include <algorithm>
#include <string_view>

namespace xrayd::credentials {
namespace {

bool is_fit_for_headers(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7F'; });
}

}  // namespace

std::optional<Answer> EnvironmentProvider::at_hand() {
  const auto first_of = [this](const char* name, const char* older) {
    std::string value = value_of(environment_, name);
    return value.empty() ? value_of(environment_, older) : value;
  };
  aws::Credentials keys;
  keys.access_key_id = first_of("AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY");
  keys.secret_access_key = aws::Secret(first_of("AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY"));
  keys.session_token = aws::Secret(value_of(environment_, "AWS_SESSION_TOKEN"));
  if (keys.access_key_id.empty() && keys.secret_access_key.empty()) {
    return Answer::none("AWS_ACCESS_KEY_ID is not set");
  }
  if (keys.access_key_id.empty()) {
    return Answer::failure("AWS_SECRET_ACCESS_KEY is set, but AWS_ACCESS_KEY_ID is not");
  }
  if (keys.secret_access_key.empty()) {
    return Answer::failure("AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not");
  }
  if (!is_fit_for_headers(keys.access_key_id) ||
      !is_fit_for_headers(keys.secret_access_key.reveal()) ||
      !is_fit_for_headers(keys.session_token.reveal())) {
    return Answer::failure("a key or the token has blanks or control characters in it");
  }
  return Answer::found(std::move(keys), std::nullopt, title());
}

Answer EnvironmentProvider::ask(Inquiry& /*inquiry*/) {
  return *at_hand();
}

}  // namespace xrayd::credentials
