// The SDK, compiled once: the same bodies that header-only programs include.
#include <xray/impl/header_only.hpp>

#if defined(XRAY_THROW_HOOK)
#include "throw_hook.hpp"
#endif
