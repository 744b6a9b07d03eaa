#include "local/store/trouble.hpp"

#include <utility>

#include "config/log.hpp"

namespace xrayd::local {

std::string Trouble::text() const {
  const std::lock_guard lock(mutex_);
  return text_;
}

void Trouble::set(std::string text, const std::string& details) {
  bool was_well = false;
  const bool is_well = text.empty();
  {
    const std::lock_guard lock(mutex_);
    was_well = text_.empty();
    text_ = std::move(text);
  }
  if (was_well && !is_well) log::error("the store takes no writes: " + details);
  if (!was_well && is_well) log::info("the store takes writes again");
}

}  // namespace xrayd::local
