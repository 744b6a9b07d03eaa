#include "credentials/profile_provider.hpp"

#include <utility>

#include "credentials/container_provider.hpp"
#include "credentials/environment_provider.hpp"
#include "credentials/instance_provider.hpp"
#include "credentials/iso_time.hpp"
#include "credentials/profile_files.hpp"
#include "credentials/program_output.hpp"

namespace xrayd::credentials {
namespace {

using namespace std::chrono_literals;

constexpr auto program_limit = 60s;

RoleRequest role_of(const aws::Profile& profile) {
  RoleRequest request{.arn = profile.role_arn,
                      .session_name = profile.role_session_name,
                      .external_id = profile.external_id,
                      .duration = profile.duration};
  if (request.session_name.empty()) request.session_name = default_session_name;
  return request;
}

bool has_source(const aws::Profile& profile) {
  return profile.has_keys() || !profile.credential_process.empty() ||
         !profile.credential_source.empty() || !profile.web_identity_token_file.empty();
}

}  // namespace

ProfileProvider::ProfileProvider(StsSettings settings, const std::string& named, bool local_mode)
    : settings_(std::move(settings)),
      name_(profile_name(settings_.environment, named)),
      wanted_(!named.empty() || !value_of(settings_.environment, "AWS_PROFILE").empty() ||
              !value_of(settings_.environment, "AWS_DEFAULT_PROFILE").empty()),
      local_mode_(local_mode) {
}

std::optional<Answer> ProfileProvider::at_hand() {
  chain_.clear();
  try {
    const ProfileFiles files = read_profile_files(settings_.environment);
    if (!files.config.has_profile(name_)) {
      std::string reason = files.absent ? "there is neither " : "it is neither in ";
      reason += files.names;
      // `A and B` becomes `A nor B`.
      reason.replace(reason.find(" and "), 5, " nor ");
      return wanted_ ? Answer::failure(std::move(reason)) : Answer::none(std::move(reason));
    }
    chain_ = files.config.source_chain(name_);
  } catch (const aws::SharedConfigError& problem) {
    return Answer::failure(problem.what());
  }
  const aws::Profile& last = chain_.back();
  if (!has_source(last)) {
    if (last.uses_sso) {
      return Answer::failure(
          "it is one of IAM Identity Center (SSO), which xrayd does not read; `aws configure "
          "export-credentials` as its credential_process is a way");
    }
    return Answer::none("it has no credentials");
  }
  if (chain_.size() == 1 && last.has_keys() && last.role_arn.empty()) {
    return Answer::found({last.access_key_id, last.secret_access_key, last.session_token},
                         std::nullopt, title());
  }
  return std::nullopt;
}

Answer ProfileProvider::ask(Inquiry& inquiry) {
  Answer answer = source(chain_.back(), inquiry);
  for (auto profile = chain_.rbegin(); profile != chain_.rend() && answer.lease; ++profile) {
    // A web identity is the role already.
    if (profile->role_arn.empty() || !profile->web_identity_token_file.empty()) continue;
    answer = assume_role(sts_of(*profile), answer.lease->keys, role_of(*profile),
                         title() + ", role " + profile->role_arn, inquiry);
    if (!answer.lease) answer.reason = "role " + profile->role_arn + ": " + answer.reason;
  }
  return answer;
}

Answer ProfileProvider::source(const aws::Profile& profile, Inquiry& inquiry) const {
  if (!profile.web_identity_token_file.empty()) {
    if (profile.role_arn.empty()) {
      return Answer::failure("web_identity_token_file needs role_arn beside it");
    }
    return take_web_identity(sts_of(profile), profile.web_identity_token_file, role_of(profile),
                             title() + ", role " + profile.role_arn, inquiry);
  }
  if (profile.has_keys()) {
    return Answer::found({profile.access_key_id, profile.secret_access_key, profile.session_token},
                         std::nullopt, title());
  }
  if (!profile.credential_source.empty()) return from_source_name(profile, inquiry);
  return from_program(profile, inquiry);
}

Answer ProfileProvider::from_source_name(const aws::Profile& profile, Inquiry& inquiry) const {
  const auto use = [&inquiry](Provider&& provider) {
    std::optional<Answer> answer = provider.at_hand();
    if (!answer) answer = provider.ask(inquiry);
    if (answer->lease) return std::move(*answer);
    return Answer::failure("credential_source: " + provider.title() + ": " + answer->reason);
  };
  if (profile.credential_source == "Environment") {
    return use(EnvironmentProvider(settings_.environment));
  }
  if (profile.credential_source == "EcsContainer") {
    return use(ContainerProvider(settings_.environment, settings_.clock));
  }
  return use(InstanceProvider(settings_.environment, settings_.clock, local_mode_));
}

Answer ProfileProvider::from_program(const aws::Profile& profile, Inquiry& inquiry) const {
  const ProgramOutput output = run_program(std::string(profile.credential_process.reveal()),
                                           program_limit, longest_answer, inquiry);
  if (!output.problem.empty()) return Answer::failure("credential_process: " + output.problem);
  KeysAnswer answer = read_process_answer(output.text.reveal());
  if (!answer.problem.empty()) return Answer::failure("credential_process: " + answer.problem);
  if (answer.expires && *answer.expires <= settings_.clock()) {
    return Answer::failure("credential_process: its credentials had expired at " +
                           to_iso_time(*answer.expires));
  }
  return Answer::found(std::move(answer.keys), answer.expires, title() + ", credential_process");
}

StsSettings ProfileProvider::sts_of(const aws::Profile& profile) const {
  StsSettings settings = settings_;
  settings.legacy = profile.sts_regional_endpoints == aws::StsEndpoints::legacy;
  return settings;
}

}  // namespace xrayd::credentials
