// The files that AWS's tools share: ~/.aws/config and ~/.aws/credentials.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aws/secret.hpp"

namespace xrayd::aws {

/// What is wrong with a file or a profile; what() says the file, the line and the key, and never a
/// value.
class SharedConfigError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// One `key = value` of a section. Any value may be a secret, so all are treated as such.
struct Setting {
  Secret value;
  /// The lines below the key if it has no value of its own (`s3 =` and its like): key, value.
  std::vector<std::pair<std::string, Secret>> nested;
  std::string file;
  /// Counted from 1.
  std::size_t line = 0;
};

/// By key in lower case.
using Settings = std::map<std::string, Setting, std::less<>>;
/// By what stands in the brackets.
using Sections = std::map<std::string, Settings, std::less<>>;

/// Reads the text of such a file as botocore does: `key = value` or `key: value`, whole lines of
/// comment with # or ;, deeper indented lines go on with the value above. Unlike there, a byte
/// order mark is skipped, ` #` and ` ;` begin a comment behind a value too (not in
/// credential_process), and what is there twice is no error: sections are joined, the last value
/// counts. Throws SharedConfigError; `file` is how messages call it.
[[nodiscard]] Sections parse_sections(std::string_view text, const std::string& file);

enum class StsEndpoints { regional, legacy };

/// A profile's settings as far as they matter here; empty means not set.
struct Profile {
  std::string name;
  std::string region;
  std::string access_key_id;
  Secret secret_access_key;
  Secret session_token;
  std::string role_arn;
  std::string source_profile;
  /// Environment, Ec2InstanceMetadata or EcsContainer.
  std::string credential_source;
  std::string external_id;
  std::string role_session_name;
  std::optional<std::chrono::seconds> duration;
  std::string web_identity_token_file;
  /// May hold secrets among its arguments.
  Secret credential_process;
  std::optional<StsEndpoints> sts_regional_endpoints;
  /// It has sso_session or sso_start_url.
  bool uses_sso = false;

  [[nodiscard]] bool has_keys() const {
    return !access_key_id.empty() && !secret_access_key.empty();
  }
};

/// The profiles of both files.
class SharedConfig {
 public:
  SharedConfig() = default;
  /// The texts of the two files; nothing where a file is absent. Where both have a value, the one
  /// of the credentials file counts. Throws SharedConfigError.
  struct File {
    std::string name;
    std::string_view text;
  };
  SharedConfig(const std::optional<File>& config, const std::optional<File>& credentials);

  [[nodiscard]] bool has_profile(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> profile_names() const;

  /// The profile, its values checked. Those of other profiles are not, so that a mistake in one
  /// does not cost the others. Throws SharedConfigError, also for half a key and if there is no
  /// such profile.
  [[nodiscard]] Profile profile(std::string_view name) const;

  /// How a profile's credentials come about: the profile itself, then the one that its
  /// source_profile names, and so on; the last one has no source. A source that has keys has no
  /// role here: its keys come first. Throws what profile() does, and SharedConfigError for circles,
  /// for sources that are absent or without credentials, for a role with two sources or with none,
  /// and for a role with mfa_serial: nobody is there to type a code.
  [[nodiscard]] std::vector<Profile> source_chain(std::string_view name) const;

 private:
  void check_role(const Profile& profile) const;

  std::map<std::string, Settings, std::less<>> profiles_;
};

}  // namespace xrayd::aws
