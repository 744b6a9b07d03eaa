#pragma once

#include <xray/version.hpp>

#define XRAY_TEXT_OF_(number) #number
#define XRAY_TEXT_OF(number) XRAY_TEXT_OF_(number)

XRAY_NAMESPACE_BEGIN

XRAY_DECL const char* version() noexcept {
  return XRAY_TEXT_OF(XRAY_VERSION_MAJOR) "." XRAY_TEXT_OF(XRAY_VERSION_MINOR) "." XRAY_TEXT_OF(
      XRAY_VERSION_PATCH);
}

XRAY_NAMESPACE_END

#undef XRAY_TEXT_OF
#undef XRAY_TEXT_OF_
