// What libcurl tells of a call that is over.
#pragma once

#include <cstdint>
#include <string_view>

#include <xray/subsegment.hpp>

#include "clients/curl/library.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients {
namespace curl {

/// Asks libcurl for a string, a long or a 64-bit number; what it does not know is empty or
/// `otherwise`.
std::string_view text_info(void* handle, int info, const Functions& functions) noexcept;
long number_info(void* handle, int info, const Functions& functions, long otherwise = 0) noexcept;
std::int64_t number64_info(void* handle, int info, const Functions& functions,
                           std::int64_t otherwise = 0) noexcept;

/// Status of the answer; 0: there is none.
int status_of(void* handle, const Functions& functions) noexcept;

/// Bytes of the answer's body: what it says itself, or what came.
std::int64_t length_of(void* handle, const Functions& functions) noexcept;

/// Metadata in the namespace "http". Of steps how long each took, in milliseconds: `dns_ms`,
/// `connect_ms`, `tls_ms` (none of them on a connection that was there: `reused_connection`); from
/// the beginning: `first_byte_ms`, `total_ms`. `remote_ip`; after redirects their number and the
/// URL that answered, without query and userinfo, if it is not excluded: `redirects`,
/// `effective_url`.
void add_timings(void* handle, Subsegment& subsegment, const Functions& functions) noexcept;

/// libcurl's words for an error; as long as libcurl is loaded.
std::string_view error_text(int code, const Functions& functions) noexcept;

/// A call that failed in libcurl: a fault, with libcurl's name and words for the error. Those of
/// the program's error buffer may tell more than is anybody's business.
void add_failure(int code, std::string_view text, Subsegment& subsegment) noexcept;

}  // namespace curl
}  // namespace clients
XRAY_NAMESPACE_END
