// Goes on patching by itself when modules are loaded later.
#pragma once

#include "patching/hook_table.hpp"

XRAY_NAMESPACE_BEGIN
namespace patching {

/// The internal client that hooks dlsym for process_patcher(): nothing new is of use to a program
/// before it has asked for a function in it, so that is when we look. dlopen itself is left alone:
/// it goes by its caller's search path, and must see it.
Client follow_client();

/// The name of that client.
inline constexpr const char* follow_name = "(dlsym)";

}  // namespace patching
XRAY_NAMESPACE_END
