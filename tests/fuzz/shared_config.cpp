// Any two texts as the shared config and credentials files: read or refused with a place, and every
// profile of them too; what goes on to a request's headers has no line break.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "aws/shared_config.hpp"

namespace {

using xrayd::aws::Profile;
using xrayd::aws::SharedConfig;
using xrayd::aws::SharedConfigError;

void expect(bool condition) {
  if (!condition) std::abort();
}

void check(const Profile& profile) {
  expect(profile.access_key_id.empty() == profile.secret_access_key.empty());
  for (const std::string_view text :
       {std::string_view(profile.access_key_id), profile.secret_access_key.reveal(),
        profile.session_token.reveal(), std::string_view(profile.region),
        profile.credential_process.reveal(), std::string_view(profile.role_arn)}) {
    expect(text.find_first_of("\r\n") == text.npos);
    expect(text.find('\0') == text.npos);
  }
  expect(!profile.duration ||
         (profile.duration->count() >= 900 && profile.duration->count() <= 43200));
}

void use(const SharedConfig& config, const std::string& name) {
  try {
    check(config.profile(name));
    const auto chain = config.source_chain(name);
    expect(!chain.empty() && chain.front().name == name);
    expect(chain.back().source_profile.empty());
    for (const Profile& profile : chain) check(profile);
  } catch (const SharedConfigError& error) {
    expect(std::string_view(error.what()).find_first_of("\r\n") == std::string_view::npos);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const std::size_t middle = all.find('\x01');
  const std::string_view first = all.substr(0, middle);
  const std::string_view second = middle == all.npos ? std::string_view() : all.substr(middle + 1);
  try {
    const SharedConfig config(SharedConfig::File{"config", first},
                              SharedConfig::File{"credentials", second});
    for (const std::string& name : config.profile_names()) {
      expect(config.has_profile(name));
      use(config, name);
    }
  } catch (const SharedConfigError& error) {
    const std::string_view what = error.what();
    expect(what.starts_with("config:") || what.starts_with("credentials:"));
    expect(what.find_first_of("\r\n") == what.npos);
  }
  return 0;
}
