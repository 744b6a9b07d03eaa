// What finds out where a program runs, so that its segments say so.
#pragma once

#include <cstdint>
#include <initializer_list>

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN

/// A part of AWS that a program may run in. Where several apply, a segment's origin is that of the
/// most specific one: Elastic Beanstalk, then EKS, ECS, EC2. The fields of all of them are told.
enum class Plugin : std::uint8_t {
  ec2,                ///< instance id, zone, size and image; log groups of the CloudWatch agent
  ecs,                ///< container name, id and ARN; log group of the awslogs driver
  eks,                ///< pod and container id; cluster name and its log group with xray/eks.hpp
  elastic_beanstalk,  ///< environment, version label, deployment id
};

/// Which of them to ask: `configuration.plugins = {xray::Plugin::ec2, xray::Plugin::ecs}`. A value.
class Plugins {
 public:
  constexpr Plugins() noexcept = default;
  constexpr Plugins(std::initializer_list<Plugin> plugins) noexcept {
    for (const Plugin plugin : plugins) add(plugin);
  }
  /// Every one, for programs that don't know where they will run: those that don't apply are
  /// silent.
  static constexpr Plugins all() noexcept {
    return {Plugin::ec2, Plugin::ecs, Plugin::eks, Plugin::elastic_beanstalk};
  }

  constexpr void add(Plugin plugin) noexcept {
    bits_ = static_cast<std::uint8_t>(bits_ | bit(plugin));
  }
  [[nodiscard]] constexpr bool contains(Plugin plugin) const noexcept {
    return (bits_ & bit(plugin)) != 0;
  }
  [[nodiscard]] constexpr bool empty() const noexcept { return bits_ == 0; }
  friend constexpr bool operator==(Plugins left, Plugins right) noexcept {
    return left.bits_ == right.bits_;
  }
  friend constexpr bool operator!=(Plugins left, Plugins right) noexcept {
    return left.bits_ != right.bits_;
  }

 private:
  static constexpr std::uint8_t bit(Plugin plugin) noexcept {
    return static_cast<std::uint8_t>(1U << static_cast<unsigned>(plugin));
  }
  std::uint8_t bits_ = 0;
};

XRAY_NAMESPACE_END
