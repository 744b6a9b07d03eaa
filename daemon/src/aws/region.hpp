// Which region this daemon speaks to.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace xrayd::aws {

enum class RegionSource {
  option,       ///< `-n` or `Region` of cfg.yaml
  environment,  ///< AWS_REGION
  ecs_metadata,
  ec2_metadata,
  default_region,  ///< AWS_DEFAULT_REGION, in local mode only
  profile,         ///< the shared config file, in local mode only
};

/// What is known so far; empty or absent means that there is none. Texts of metadata are what file
/// and service answered, unread.
struct RegionInputs {
  std::string option = {};
  std::string environment = {};
  /// `-o`: no metadata is asked, the two last sources are looked at instead.
  bool local_mode = false;
  /// The task's or the container's metadata: the file, or the answer of ECS's endpoint.
  std::optional<std::string> ecs_metadata = std::nullopt;
  /// EC2's instance identity document.
  std::optional<std::string> ec2_identity = std::nullopt;
  std::string default_region = {};
  std::string profile_region = {};
};

struct RegionChoice {
  /// Empty if there was none.
  std::string region;
  RegionSource source = RegionSource::option;
  /// What was there and of no use, for the log.
  std::vector<std::string> complaints;
};

/// The first region in the order option, AWS_REGION, then ECS and EC2 metadata or, in local mode,
/// AWS_DEFAULT_REGION and the profile. Throws EndpointError that says where from, if an option, a
/// variable or a profile has a text that is no region. Metadata that can't be used are complained
/// of and passed over.
[[nodiscard]] RegionChoice choose_region(const RegionInputs& inputs);

/// `--region`, `AWS_REGION`, ...: for the log.
[[nodiscard]] std::string_view to_string(RegionSource source);

/// What the log says if there is no region; scripts know these words.
inline constexpr std::string_view no_region_message =
    "Cannot fetch region variable from config file, environment variables, ecs metadata, or ec2 "
    "metadata. Use local-mode to use the local config region.";

}  // namespace xrayd::aws
