#include "credentials/profile_files.hpp"

#include <optional>
#include <utility>

#include "credentials/small_file.hpp"

namespace xrayd::credentials {
namespace {

std::string path_of(const Environment& environment, const char* variable, const char* usual) {
  const std::string path = value_of(environment, variable);
  return with_home(path.empty() ? usual : path, environment);
}

/// Nothing if there is no such file.
std::optional<aws::Secret> read(const std::string& path) {
  FileText file = read_small_file(path);
  if (file.absent) return std::nullopt;
  if (!file.problem.empty()) throw aws::SharedConfigError(file.problem);
  return aws::Secret(std::move(file.text));
}

}  // namespace

ProfileFiles read_profile_files(const Environment& environment) {
  const std::string config_path = path_of(environment, "AWS_CONFIG_FILE", "~/.aws/config");
  const std::string keys_path =
      path_of(environment, "AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials");
  const auto config = read(config_path);
  const auto keys = read(keys_path);
  const auto file =
      [](const std::string& path,
         const std::optional<aws::Secret>& text) -> std::optional<aws::SharedConfig::File> {
    if (!text) return std::nullopt;
    return aws::SharedConfig::File{path, text->reveal()};
  };
  ProfileFiles files;
  files.config = aws::SharedConfig(file(config_path, config), file(keys_path, keys));
  files.names = config_path + " and " + keys_path;
  files.absent = !config && !keys;
  return files;
}

std::string profile_name(const Environment& environment, const std::string& named) {
  if (!named.empty()) return named;
  for (const char* variable : {"AWS_PROFILE", "AWS_DEFAULT_PROFILE"}) {
    std::string name = value_of(environment, variable);
    if (!name.empty()) return name;
  }
  return "default";
}

}  // namespace xrayd::credentials
