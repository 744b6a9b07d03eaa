// What the wrappers of libcurl's functions share.
#pragma once

#include "clients/call.hpp"
#include "clients/curl/easy.hpp"
#include "clients/curl/library.hpp"
#include "clients/curl/transfer.hpp"
#include "clients/keep_errno.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients {
namespace curl {

/// The handle that this thread is performing. libcurl performs by a multi handle of its own, and
/// calls its exported functions for that: those calls are none of the program's. A callback may
/// well perform another handle, and that is one.
class Performing {
 public:
  explicit Performing(const void* handle) noexcept : outer_(current) { current = handle; }
  Performing(const Performing&) = delete;
  Performing& operator=(const Performing&) = delete;
  ~Performing() { current = outer_; }

  static bool is(const void* handle) noexcept { return handle == current; }

 private:
  static inline thread_local const void* current = nullptr;
  const void* outer_;
};

/// One curl_easy_perform(). Where it ends by an exception or by the thread's cancellation, libcurl
/// is given back what was lent, and the subsegment ends as a fault.
class PerformedCall {
 public:
  PerformedCall(void* handle, Tracing tracing, const Functions& functions) noexcept;
  PerformedCall(const PerformedCall&) = delete;
  PerformedCall& operator=(const PerformedCall&) = delete;
  ~PerformedCall();

  void end(int code) noexcept;

 private:
  void take_back() noexcept;

  const Performing performing_;
  void* handle_;
  Easy* easy_;
  Transfer transfer_;
  const Functions functions_;
};

/// After what the name says has succeeded, or before it is tried; none throws.
void after_init(void* handle) noexcept;
void after_reset(void* handle) noexcept;
void after_duplicate(void* handle, void* copy, const Functions& functions) noexcept;
/// What was known of the handle; to be kept until libcurl has closed it.
std::unique_ptr<Easy> before_cleanup(void* handle, const Functions& functions) noexcept;
/// `easy`: what is known of the handle, or null.
void after_set(void* handle, Easy* easy, int option, OptionValue value) noexcept;

void after_add(void* multi, void* handle, const Functions& functions) noexcept;
void after_message(void* handle, int code, const Functions& functions) noexcept;
void after_remove(void* multi, void* handle, const Functions& functions) noexcept;
void before_multi_cleanup(void* multi, const Functions& functions) noexcept;

}  // namespace curl
}  // namespace clients
XRAY_NAMESPACE_END
