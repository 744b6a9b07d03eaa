#include "config/memory_limit.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <string>
#include <string_view>

namespace xrayd::config {
namespace {

namespace fs = std::filesystem;

/// These files are short; whatever else is there is not read to its end.
std::string beginning_of(const fs::path& path) {
  constexpr std::size_t enough = std::size_t{64} << 10U;
  std::string text(enough, '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  return text;
}

/// The number that a text begins with, blanks aside; nothing for `max`.
std::optional<std::uint64_t> leading_number(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  std::uint64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc{}) return std::nullopt;
  return number;
}

std::optional<std::uint64_t> host_memory(const fs::path& root) {
  constexpr std::string_view name = "MemTotal:";
  const std::string text = beginning_of(root / "proc/meminfo");
  const std::size_t at = text.find(name);
  if (at == text.npos) return std::nullopt;
  const auto kilobytes = leading_number(std::string_view(text).substr(at + name.size()));
  if (!kilobytes || *kilobytes > std::uint64_t{1} << 50U) return std::nullopt;
  return *kilobytes << 10U;
}

void take_smaller(std::optional<std::uint64_t>& limit, std::optional<std::uint64_t> other) {
  if (other && *other > 0 && (!limit || *other < *limit)) limit = other;
}

/// The limits of a group and of those around it. In a container the group's path may be one that
/// only the host can see: what exists on the way up counts.
void look_upwards(std::optional<std::uint64_t>& limit, const fs::path& mount,
                  std::string_view group, const char* file) {
  constexpr int deepest = 64;
  while (group.starts_with('/')) group.remove_prefix(1);
  fs::path path(group);
  const bool leads_out = std::find(path.begin(), path.end(), fs::path("..")) != path.end();
  if (leads_out) path.clear();
  for (int level = 0; level < deepest; ++level) {
    take_smaller(limit, leading_number(beginning_of(mount / path / file)));
    if (path.empty()) return;
    path = path.parent_path();
  }
}

/// Whether `memory` is one of the names that commas join.
bool has_memory(std::string_view controllers) {
  while (!controllers.empty()) {
    const std::size_t comma = std::min(controllers.find(','), controllers.size());
    if (controllers.substr(0, comma) == "memory") return true;
    controllers.remove_prefix(std::min(comma + 1, controllers.size()));
  }
  return false;
}

}  // namespace

std::optional<std::uint64_t> memory_limit(const fs::path& root) {
  std::optional<std::uint64_t> limit = host_memory(root);
  const fs::path mount = root / "sys/fs/cgroup";
  const std::string groups = beginning_of(root / "proc/self/cgroup");
  std::string_view rest = groups;
  // Each line is `number:controllers:path`; version 2 has number 0 and no controllers.
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const std::size_t first = line.find(':');
    const std::size_t second = first == line.npos ? line.npos : line.find(':', first + 1);
    if (second == line.npos) continue;
    const std::string_view controllers = line.substr(first + 1, second - first - 1);
    const std::string_view group = line.substr(second + 1);
    if (controllers.empty()) {
      look_upwards(limit, mount, group, "memory.max");
      look_upwards(limit, mount / "unified", group, "memory.max");
    } else if (has_memory(controllers)) {
      look_upwards(limit, mount / "memory", group, "memory.limit_in_bytes");
    }
  }
  return limit;
}

std::uint64_t default_buffer_bytes(std::optional<std::uint64_t> limit) {
  constexpr std::uint64_t least_mb = 16;
  constexpr std::uint64_t part = 100;
  const std::uint64_t total_mb = limit.value_or(0) >> 20U;
  return std::max(total_mb / part, least_mb) << 20U;
}

}  // namespace xrayd::config
