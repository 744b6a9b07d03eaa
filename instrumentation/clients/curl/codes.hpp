// libcurl's names of its errors.
#pragma once

#include <xray/config.hpp>
#include <xray/fixed_text.hpp>

XRAY_NAMESPACE_BEGIN
namespace clients {
namespace curl {

/// "CURLE_COULDNT_CONNECT" for 7; "CURLE_112" where we know no name.
FixedText<48> name_of_code(int code) noexcept;

}  // namespace curl
}  // namespace clients
XRAY_NAMESPACE_END
