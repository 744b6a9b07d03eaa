// Threads that can wait a little.
#pragma once

namespace xrayd::local {

/// The calling thread leaves processors to those that somebody waits for. Where the system doesn't
/// let it, nothing changes.
void let_others_go_first() noexcept;

}  // namespace xrayd::local
