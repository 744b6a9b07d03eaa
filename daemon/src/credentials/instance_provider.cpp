#include "credentials/instance_provider.hpp"

#include <algorithm>
#include <string_view>

#include "ascii.hpp"
#include "credentials/instance_metadata.hpp"
#include "credentials/iso_time.hpp"

namespace xrayd::credentials {
namespace {

constexpr std::string_view roles = "/latest/meta-data/iam/security-credentials/";

/// What IAM allows in names; nothing of it can change a path.
bool is_role_name(std::string_view text) {
  constexpr std::size_t longest = 128;
  static constexpr std::string_view signs = "+=,.@_-";
  return !text.empty() && text.size() <= longest && text != "." && text != ".." &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_alphanumeric(c) || signs.find(c) != signs.npos; });
}

}  // namespace

std::optional<Answer> InstanceProvider::at_hand() {
  if (local_mode_) return Answer::none("not asked in local mode");
  std::string disabled = instance_metadata_disabled(environment_);
  if (!disabled.empty()) return Answer::none(std::move(disabled));
  return std::nullopt;
}

Answer InstanceProvider::ask(Inquiry& inquiry) {
  InstanceMetadata metadata(environment_, inquiry);
  const MetadataText names = metadata.get(roles);
  if (names.status == 404) return Answer::none("this instance has no role");
  if (names.status == 0) return Answer::none(names.problem);
  if (!names.problem.empty()) return Answer::failure(names.problem);
  std::string_view role = names.text;
  role = role.substr(0, role.find_first_of("\r\n"));
  if (!is_role_name(role)) return Answer::failure("the answer is no name of a role");

  MetadataText text = metadata.get(std::string(roles) + std::string(role));
  if (!text.problem.empty()) return Answer::failure(text.problem);
  const aws::Secret body(std::move(text.text));
  KeysAnswer answer = read_instance_answer(body.reveal());
  if (!answer.problem.empty()) return Answer::failure(answer.problem);
  const auto expires = by_our_clock(*answer.expires, text.date, clock_());
  Answer found = Answer::found(std::move(answer.keys), expires, title());
  found.outlives_expiry = true;
  return found;
}

}  // namespace xrayd::credentials
