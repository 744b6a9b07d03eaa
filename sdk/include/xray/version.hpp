// The version of the SDK that a program runs with.
#if defined(XRAY_HEADER_ONLY)
#include <xray/impl/header_only.hpp>
#endif
#ifndef XRAY_VERSION_HPP
#define XRAY_VERSION_HPP

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN

/// The version of the SDK's code in this process, such as "0.1.0". A static string.
XRAY_DECL const char* version() noexcept;

XRAY_NAMESPACE_END

#endif  // XRAY_VERSION_HPP
