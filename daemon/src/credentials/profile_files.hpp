// The shared config and credentials files, from where they are.
#pragma once

#include <string>

#include "aws/shared_config.hpp"
#include "credentials/environment.hpp"

namespace xrayd::credentials {

struct ProfileFiles {
  aws::SharedConfig config;
  /// The paths of the two files, for messages.
  std::string names;
  /// Neither file is there.
  bool absent = false;
};

/// Reads AWS_CONFIG_FILE, else ~/.aws/config, and AWS_SHARED_CREDENTIALS_FILE, else
/// ~/.aws/credentials. Throws aws::SharedConfigError, also for a file that is there and can't be
/// read.
[[nodiscard]] ProfileFiles read_profile_files(const Environment& environment);

/// The named profile, else AWS_PROFILE, AWS_DEFAULT_PROFILE, `default`.
[[nodiscard]] std::string profile_name(const Environment& environment, const std::string& named);

}  // namespace xrayd::credentials
