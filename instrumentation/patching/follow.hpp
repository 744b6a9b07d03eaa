// Goes on patching by itself when modules are loaded later.
#pragma once

#include "patching/hook_table.hpp"

extern "C" {
/// Patches what came since it was called last; false: there is no client, and so no wrapper to be
/// given. A library that has one of its own uses that.
[[gnu::visibility("hidden")]] bool xray_patching_newcomers();
/// What dlsym is led to. The preload library leads its own there.
[[gnu::visibility("hidden")]] void* xray_patching_hooked_dlsym(void* handle, const char* symbol);
}

XRAY_NAMESPACE_BEGIN
namespace patching {

/// The internal client that hooks dlsym for process_patcher(): nothing new is of use to a program
/// before it has asked for a function in it, so that is when we look. dlopen itself is left alone:
/// it goes by its caller's search path, and must see it.
Client follow_client();

/// Before, dlsym is only passed on: sanitizers ask by it for the C library's functions before they,
/// or anything that calls them, can be called.
void follow_from_now_on() noexcept;

/// The name of that client.
inline constexpr const char* follow_name = "(dlsym)";

}  // namespace patching
XRAY_NAMESPACE_END
