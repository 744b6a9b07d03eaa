// The record of one call, from its beginning to its end.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include <xray/subsegment.hpp>

#include "aws/recognised_call.hpp"
#include "clients/call.hpp"
#include "clients/curl/called_url.hpp"
#include "clients/curl/library.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients {
namespace curl {

class Easy;

enum class Lasting : unsigned char {
  this_call,  ///< over when the wrapper returns: see begin_call()
  longer,     ///< see begin_lasting_call()
};

/// A call by HTTP that is under way, or none.
class Transfer {
 public:
  /// Begins the record of what the handle is set up for, and lends libcurl the trace header.
  /// Nothing happens for what is neither recorded nor traced: other protocols, excluded hosts and
  /// paths, X-Ray's own calls. `easy`: what is known of the handle, or null. Never throws.
  void begin(void* handle, Easy* easy, Tracing tracing, Lasting lasting,
             const Functions& functions) noexcept;

  /// Whether there is something to end.
  [[nodiscard]] bool is_recorded() const noexcept { return subsegment_.has_value(); }

  /// The call is over with this CURLcode. Nothing may be lent any more. Never throws.
  void end(void* handle, const Easy* easy, int code, const Functions& functions) noexcept;

  /// It was given up: taken out of its multi handle, or closed. If an answer has come, then as
  /// over.
  void give_up(void* handle, const Easy* easy, const Functions& functions) noexcept;

  /// An exception or the thread's cancellation has ended it, unless it was over: a fault.
  void interrupted() noexcept;

  /// Ends the record as it is: nothing may be asked of libcurl any more.
  void drop() noexcept;

 private:
  void set_request(const CalledUrl& where, std::string_view protocol, const Easy* easy) noexcept;
  void record(void* handle, const Easy* easy, int code, const Functions& functions) noexcept;

  std::optional<Subsegment> subsegment_;
  std::unique_ptr<instrumentation::RecognisedCall> aws_;
};

}  // namespace curl
}  // namespace clients
XRAY_NAMESPACE_END
