#include "backlog/lanes.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace xrayd::backlog {
namespace {

using namespace std::chrono_literals;

/// A lane that gets so many documents a second is full after a quarter of it.
constexpr std::uint64_t lane_rate = 4 * most_documents;

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

void skip_blanks(std::string_view& text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
}

}  // namespace

std::string_view find_trace_id(std::string_view document) noexcept {
  constexpr std::string_view key = "\"trace_id\"";
  constexpr std::size_t reach = 512;
  std::string_view text = document.substr(0, reach);
  const void* found = ::memmem(text.data(), text.size(), key.data(), key.size());
  if (found == nullptr) return {};
  text.remove_prefix(static_cast<std::size_t>(static_cast<const char*>(found) - text.data()) +
                     key.size());
  skip_blanks(text);
  if (!text.starts_with(':')) return {};
  text.remove_prefix(1);
  skip_blanks(text);
  if (!text.starts_with('"')) return {};
  text.remove_prefix(1);
  const std::size_t end = text.find('"');
  return end == std::string_view::npos ? std::string_view() : text.substr(0, end);
}

void Lanes::note(std::size_t documents, Clock::time_point now) noexcept {
  in_window_ += documents;
  const auto elapsed = now - window_;
  if (elapsed < 1s) return;
  const double seconds = std::chrono::duration<double>(elapsed).count();
  const double rate = static_cast<double>(in_window_) / std::max(1.0, seconds);
  const auto wanted = static_cast<std::uint64_t>(rate) / lane_rate;
  used_ = std::bit_floor(static_cast<std::size_t>(std::clamp<std::uint64_t>(wanted, 1, most)));
  in_window_ = 0;
  window_ = now;
}

std::size_t Lanes::lane_of(std::string_view document) const noexcept {
  if (used_ == 1) return 0;
  const std::string_view id = find_trace_id(document);
  // The last characters of an id are random; one without an id goes with the first lane's.
  std::uint64_t tail = 0;
  if (id.size() < sizeof tail) return 0;
  std::memcpy(&tail, id.data() + id.size() - sizeof tail, sizeof tail);
  constexpr std::uint64_t mixer = 0x9e3779b97f4a7c15;
  return static_cast<std::size_t>((tail * mixer) >> 60U) & (used_ - 1);
}

OpenBatch* Lanes::oldest() noexcept {
  OpenBatch* first = nullptr;
  for (OpenBatch& lane : lanes_) {
    if (!lane.empty() && (first == nullptr || lane.begun() < first->begun())) first = &lane;
  }
  return first;
}

}  // namespace xrayd::backlog
