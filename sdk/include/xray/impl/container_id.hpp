// Which container a process runs in, as the kernel's view of it tells.
#pragma once

#include <cstddef>
#include <string_view>

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

inline constexpr std::size_t container_id_size = 64;

/// The next word of exactly 64 lower-case hex digits from `from` on, its place; npos if there is
/// none.
inline std::size_t find_container_id(std::string_view text, std::size_t from) noexcept {
  std::size_t begin = from;
  for (std::size_t i = from; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : '\0';
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')) continue;
    // What letters surround is not a word: an id ends at punctuation.
    const bool letter = (c >= 'g' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (i - begin == container_id_size && !letter) return begin;
    begin = i + 1;
    if (!letter) continue;
    while (i + 1 < text.size() && ((text[i + 1] >= '0' && text[i + 1] <= '9') ||
                                   (text[i + 1] >= 'a' && text[i + 1] <= 'z') ||
                                   (text[i + 1] >= 'A' && text[i + 1] <= 'Z'))) {
      ++i;
    }
    begin = i + 1;
  }
  return std::string_view::npos;
}

/// From /proc/self/cgroup: the last such word of a line's path, as in
/// `/kubepods/pod.../<id>` or `.../cri-containerd-<id>.scope`. Empty if no line has one.
inline std::string_view container_id_in_cgroup(std::string_view text) noexcept {
  std::string_view found;
  while (!text.empty() && found.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    for (std::size_t at = find_container_id(line, 0); at != std::string_view::npos;
         at = find_container_id(line, at + container_id_size)) {
      found = line.substr(at, container_id_size);
    }
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return found;
}

/// From /proc/self/mountinfo, for version 2 of cgroups, whose file may say only "/". Mounts name
/// other things by such words too (image layers, a pod's sandbox): only files that an engine keeps
/// for the container itself count, `.../containers/<id>/hostname`, and `...-<id>.scope`.
inline std::string_view container_id_in_mounts(std::string_view text) noexcept {
  constexpr std::string_view folder = "containers/";
  constexpr std::string_view scope = ".scope";
  for (std::size_t at = find_container_id(text, 0); at != std::string_view::npos;
       at = find_container_id(text, at + container_id_size)) {
    const std::string_view before = text.substr(0, at);
    const std::string_view after = text.substr(at + container_id_size);
    const bool in_folder = before.size() >= folder.size() &&
                           before.substr(before.size() - folder.size()) == folder &&
                           after.substr(0, 1) == "/";
    if (in_folder || after.substr(0, scope.size()) == scope) {
      return text.substr(at, container_id_size);
    }
  }
  return {};
}

}  // namespace detail
XRAY_NAMESPACE_END
