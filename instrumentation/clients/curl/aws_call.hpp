// AWS calls over libcurl.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include <xray/subsegment.hpp>

#include "aws/recogniser.hpp"
#include "clients/curl/called_url.hpp"
#include "clients/curl/library.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients {
namespace curl {

class Easy;

/// What a request is. `easy`: what is known of the handle, or null: then it can only be told
/// whether it is for one who is never traced. An AWS call is described in `call`. Never throws; out
/// of memory no AWS call is recognised.
instrumentation::RequestKind kind_of_request(
    const Easy* easy, std::string_view url, const CalledUrl& where,
    std::unique_ptr<instrumentation::RecognisedCall>& call) noexcept;

/// The method that a handle is set up for.
std::string_view method_of(const Easy& easy) noexcept;

/// Adds what the answer says to the call.
void read_answer(void* handle, const Easy* easy, const Functions& functions,
                 instrumentation::RecognisedCall& call) noexcept;

/// Attempts at one call become one subsegment, which waits between them.
namespace attempts {

/// The subsegment of an earlier attempt at this call, if there was one.
std::optional<Subsegment> resume(const instrumentation::RecognisedCall& call) noexcept;

/// An attempt is over: its subsegment is recorded and ends, now, or when no other attempt comes.
/// `code` tells of an attempt without an answer why.
void over(Subsegment&& subsegment, std::unique_ptr<instrumentation::RecognisedCall> call, int code,
          const Functions& functions) noexcept;

/// Ends what has waited in vain. A nanosecond if nothing waits.
void release_expired() noexcept;

}  // namespace attempts
}  // namespace curl
}  // namespace clients
XRAY_NAMESPACE_END
