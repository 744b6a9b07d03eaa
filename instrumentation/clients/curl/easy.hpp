// What we know of an easy handle: the options by which a request is what it is, and what we have
// lent to libcurl for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <xray/trace_header.hpp>

#include "clients/curl/body_tap.hpp"
#include "clients/curl/library.hpp"
#include "clients/curl/trace_headers.hpp"
#include "clients/curl/transfer.hpp"
#include "patching/hook_changes.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients {
namespace curl {

/// The options, as libcurl keeps them: strings as copies, the rest as the pointers it was given.
struct Options {
  std::string url;
  std::string default_protocol;
  std::string custom_method;
  std::string aws_signing;  ///< CURLOPT_AWS_SIGV4
  void* url_handle = nullptr;
  Slist* headers = nullptr;
  const char* body = nullptr;
  std::string copied_body;  ///< the first bytes of CURLOPT_COPYPOSTFIELDS
  bool has_copied_body = false;
  std::int64_t body_size = -1;  ///< negative: up to its NUL
  const char* method = "GET";
  bool connect_only = false;
  long port = 0;  ///< in place of the URL's; 0: the URL's
  WriteTarget write;
  WriteTarget write_headers;
};

/// The value of an option on its way; by its number it is one of these.
union OptionValue {
  long number;
  std::int64_t number64;
  void* pointer;
};

/// One easy handle. Used, as the handle itself, by one thread at a time. Wherever hooks were taken
/// away since it was made, what we know is not trusted any more: see HookChanges.
class Easy {
 public:
  explicit Easy(patching::SeenSince since) noexcept;
  Easy(const Easy&) = delete;
  Easy& operator=(const Easy&) = delete;
  ~Easy();

  /// A copy for curl_easy_duphandle(). Throws std::bad_alloc.
  [[nodiscard]] std::unique_ptr<Easy> duplicate() const;

  /// Everything is at its default again: curl_easy_reset() was called.
  void reset() noexcept;

  /// Notes an option that libcurl has accepted. Throws nothing; out of memory, the handle is
  /// unknown from then on.
  void note(int option, OptionValue value) noexcept;

  /// For an option that is noted, before libcurl is told of it. True if the program changes what
  /// we have put something in the place of: then all is done, libcurl is not to be told, and `code`
  /// is the answer.
  bool set_instead(void* handle, int option, OptionValue value, const Functions& functions,
                   int& code) noexcept;

  [[nodiscard]] bool knows_all() const noexcept { return knows(since_); }
  [[nodiscard]] bool knows_headers() const noexcept { return knows(headers_since_); }
  [[nodiscard]] const Options& options() const noexcept { return options_; }

  /// Lends libcurl our headers, unless the program has its own, we don't know what it has, or
  /// libcurl signs the request for AWS, with all its headers. Throws nothing; out of memory nothing
  /// is lent.
  void lend(void* handle, const TraceHeader& header, const Functions& functions) noexcept;
  /// Lends libcurl a write function that keeps the first bytes of the answer's body.
  void tap_body(void* handle, const Functions& functions) noexcept;
  /// What the tap has kept.
  [[nodiscard]] std::string_view body() const noexcept;
  [[nodiscard]] bool body_is_complete() const noexcept;
  /// Gives the program's own back to libcurl: the call is over.
  void take_back(void* handle, const Functions& functions) noexcept;
  /// Gives a copy of the handle, made during the call, the program's own.
  void give_own(void* copy, const Functions& functions) const noexcept;

  /// The call that is under way by a multi handle.
  Transfer transfer;
  /// That multi handle, or null.
  void* multi = nullptr;
  patching::SeenSince added_since = 0;  ///< to the multi handle

 private:
  static bool knows(patching::SeenSince since) noexcept {
    return patching::HookChanges::saw_everything(since);
  }
  void untap(void* handle, const Functions& functions) noexcept;
  void note_body(const char* body) noexcept;
  void note_copied_body(const char* body);

  Options options_;
  patching::SeenSince since_;
  patching::SeenSince headers_since_;
  patching::SeenSince lent_since_ = 0;
  bool lent_ = false;
  bool tapped_ = false;
  std::unique_ptr<TraceHeaders> headers_;
  std::unique_ptr<BodyTap> tap_;
};

/// Whether note() wants to hear of an option: asked before anything is looked up.
bool is_noted(int option) noexcept;

/// All handles that we know.
namespace handles {
/// Null if nothing is known. Good until forgotten, for the thread that uses the handle.
Easy* find(const void* handle) noexcept;
/// Takes the place of what was known by this address. Out of memory, nothing is.
Easy* remember(const void* handle, std::unique_ptr<Easy> easy) noexcept;
/// What was known; is to be kept until libcurl has closed the handle.
std::unique_ptr<Easy> forget(const void* handle) noexcept;
/// Makes one; null out of memory.
std::unique_ptr<Easy> make(patching::SeenSince since) noexcept;
}  // namespace handles

}  // namespace curl
}  // namespace clients
XRAY_NAMESPACE_END
