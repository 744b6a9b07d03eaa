#include "credentials/web_identity_provider.hpp"

namespace xrayd::credentials {

std::optional<Answer> WebIdentityProvider::at_hand() {
  if (value_of(settings_.environment, "AWS_WEB_IDENTITY_TOKEN_FILE").empty()) {
    return Answer::none("AWS_WEB_IDENTITY_TOKEN_FILE is not set");
  }
  if (value_of(settings_.environment, "AWS_ROLE_ARN").empty()) {
    return Answer::failure("AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not");
  }
  return std::nullopt;
}

Answer WebIdentityProvider::ask(Inquiry& inquiry) {
  RoleRequest request{.arn = value_of(settings_.environment, "AWS_ROLE_ARN"),
                      .session_name = value_of(settings_.environment, "AWS_ROLE_SESSION_NAME")};
  if (request.session_name.empty()) request.session_name = default_session_name;
  return take_web_identity(settings_,
                           value_of(settings_.environment, "AWS_WEB_IDENTITY_TOKEN_FILE"), request,
                           "web identity, role " + request.arn, inquiry);
}

}  // namespace xrayd::credentials
