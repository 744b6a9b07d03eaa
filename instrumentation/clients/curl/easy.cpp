#include "clients/curl/easy.hpp"

#include <atomic>
#include <cstdio>
#include <cstring>
#include <exception>

#include "clients/handle_map.hpp"
#include "clients/never_destroyed.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients {
namespace curl {
namespace {

constexpr std::size_t longest_body = 4096;

/// libcurl still has pointers to it, and hooks were taken away meanwhile: nobody can tell until
/// when. A few for each time a program unpatches.
template <typename Lent>
void keep_for_ever(std::unique_ptr<Lent> lent) noexcept {
  static std::atomic<Lent*> all{nullptr};
  Lent* const kept = lent.release();
  kept->next_kept = all.load(std::memory_order_relaxed);
  while (!all.compare_exchange_weak(kept->next_kept, kept, std::memory_order_acq_rel)) {
  }
}

void assign(std::string& text, const void* value) {
  if (value == nullptr) {
    text.clear();
  } else {
    text = static_cast<const char*>(value);
  }
}

}  // namespace

bool is_noted(int option) noexcept {
  switch (option) {
    case option::port:
    case option::write_data:
    case option::url:
    case option::post_fields:
    case option::http_header:
    case option::http_post:
    case option::header_data:
    case option::custom_request:
    case option::no_body:
    case option::upload:
    case option::post:
    case option::put:
    case option::post_field_size:
    case option::http_get:
    case option::connect_only:
    case option::copy_post_fields:
    case option::default_protocol:
    case option::mime_post:
    case option::url_handle:
    case option::aws_sigv4:
    case option::write_function:
    case option::header_function:
    case option::post_field_size_large:
      return true;
    default:
      return false;
  }
}

Easy::Easy(patching::SeenSince since) noexcept : since_(since), headers_since_(since) {
  options_.write.data = stdout;
}

Easy::~Easy() {
  // Where the handle was closed nothing is lent; this one was not, so far as we know.
  if (lent_) keep_for_ever(std::move(headers_));
  if (tapped_) keep_for_ever(std::move(tap_));
}

std::unique_ptr<Easy> Easy::duplicate() const {
  auto copy = std::make_unique<Easy>(since_);
  copy->headers_since_ = headers_since_;
  copy->options_ = options_;
  return copy;
}

void Easy::reset() noexcept {
  options_ = Options();
  options_.write.data = stdout;
  // libcurl has let go of what was lent; a copy of the handle that was made unseen has not.
  if (lent_ && !knows(lent_since_)) keep_for_ever(std::move(headers_));
  if (tapped_ && !knows_all()) keep_for_ever(std::move(tap_));
  lent_ = tapped_ = false;
  since_ = headers_since_ = patching::HookChanges::now();
}

void Easy::note_body(const char* body) noexcept {
  options_.body = body;
  options_.has_copied_body = false;
  options_.method = "POST";
}

void Easy::note_copied_body(const char* body) {
  options_.method = "POST";
  options_.body = nullptr;
  options_.has_copied_body = body != nullptr;
  if (body == nullptr) return;
  const std::size_t size = options_.body_size >= 0 ? static_cast<std::size_t>(options_.body_size)
                                                   : strnlen(body, longest_body + 1);
  options_.copied_body.assign(body, size < longest_body ? size : longest_body);
}

void Easy::note(int option, OptionValue value) noexcept {
  const bool is_on = value.number != 0;
  const auto method = [this, is_on](const char* name) {
    if (is_on) options_.method = name;
  };
  try {
    switch (option) {
      case option::url:
        return assign(options_.url, value.pointer);
      case option::url_handle:
        options_.url_handle = value.pointer;
        return;
      case option::default_protocol:
        return assign(options_.default_protocol, value.pointer);
      case option::custom_request:
        return assign(options_.custom_method, value.pointer);
      case option::aws_sigv4:
        assign(options_.aws_signing, value.pointer);
        if (value.pointer != nullptr && options_.aws_signing.empty()) {
          options_.aws_signing = "aws:amz";
        }
        return;
      case option::http_header:
        options_.headers = static_cast<Slist*>(value.pointer);
        headers_since_ = patching::HookChanges::now();
        return;
      case option::no_body:
        if (!is_on && std::strcmp(options_.method, "HEAD") == 0) options_.method = "GET";
        return method("HEAD");
      case option::http_get:
        return method("GET");
      case option::post:
        options_.method = is_on ? "POST" : "GET";
        return;
      case option::http_post:
      case option::mime_post:
        // A body that was set before isn't sent, and may be gone.
        note_body(nullptr);
        return;
      case option::upload:
      case option::put:
        options_.method = is_on ? "PUT" : "GET";
        return;
      case option::post_fields:
        return note_body(static_cast<const char*>(value.pointer));
      case option::copy_post_fields:
        return note_copied_body(static_cast<const char*>(value.pointer));
      case option::post_field_size:
        options_.body_size = value.number;
        return;
      case option::post_field_size_large:
        options_.body_size = value.number64;
        return;
      case option::connect_only:
        options_.connect_only = is_on;
        return;
      case option::port:
        options_.port = value.number;
        return;
      case option::write_function:
        options_.write.function = reinterpret_cast<WriteFunction>(value.pointer);
        return;
      case option::write_data:
        options_.write.data = value.pointer;
        return;
      case option::header_function:
        options_.write_headers.function = reinterpret_cast<WriteFunction>(value.pointer);
        return;
      case option::header_data:
        options_.write_headers.data = value.pointer;
        return;
      default:
        return;
    }
  } catch (const std::exception&) {
    since_ = 0;
  }
}

bool Easy::set_instead(void* handle, int option, OptionValue value, const Functions& functions,
                       int& code) noexcept {
  code = ok;
  if (lent_ && option == option::http_header) {
    note(option, value);
    code = functions.setopt(handle, option, headers_->in_front_of(options_.headers));
    return true;
  }
  if (!tapped_) return false;
  if (option == option::header_data || option == option::header_function) {
    untap(handle, functions);  // headers may go to the write function, with data of their own
    return false;
  }
  if (option != option::write_function && option != option::write_data) return false;
  note(option, value);
  tap_->target = options_.write;
  return true;
}

void Easy::lend(void* handle, const TraceHeader& header, const Functions& functions) noexcept {
  if (lent_ || !knows_headers() || has_trace_header(options_.headers)) return;
  // libcurl would sign it with the rest, but load balancers and API Gateway write into this header
  // on its way: the service would refuse the request.
  if (!options_.aws_signing.empty()) return;
  try {
    if (!headers_) headers_ = std::make_unique<TraceHeaders>();
  } catch (const std::exception&) {
    return;
  }
  if (!headers_->write(header)) return;
  lent_since_ = headers_since_;
  lent_ =
      functions.setopt(handle, option::http_header, headers_->in_front_of(options_.headers)) == ok;
}

void Easy::tap_body(void* handle, const Functions& functions) noexcept {
  if (tapped_ || !knows_all()) return;
  // Without a function for them, headers go to the write function if they have data of their own.
  if (options_.write_headers.data != nullptr && options_.write_headers.function == nullptr) return;
  try {
    if (!tap_) tap_ = std::make_unique<BodyTap>();
  } catch (const std::exception&) {
    return;
  }
  tap_->begin(options_.write);
  if (functions.setopt(handle, option::write_data, tap_.get()) != ok) return;
  tapped_ = true;
  if (functions.setopt(handle, option::write_function, &BodyTap::write) != ok) {
    untap(handle, functions);
  }
}

std::string_view Easy::body() const noexcept {
  return tap_ ? tap_->kept() : std::string_view();
}

bool Easy::body_is_complete() const noexcept {
  return tap_ && tap_->is_complete();
}

void Easy::untap(void* handle, const Functions& functions) noexcept {
  if (!tapped_) return;
  tapped_ = false;
  if (!knows_all()) return keep_for_ever(std::move(tap_));
  functions.setopt(handle, option::write_function, options_.write.function);
  functions.setopt(handle, option::write_data, options_.write.data);
}

void Easy::take_back(void* handle, const Functions& functions) noexcept {
  untap(handle, functions);
  if (!lent_) return;
  lent_ = false;
  // Else the program may have set another list, which we must not replace,
  if (knows_headers()) functions.setopt(handle, option::http_header, options_.headers);
  if (knows(lent_since_)) return;
  // and there may be a copy of the handle that has ours.
  headers_->silence();
  keep_for_ever(std::move(headers_));
}

void Easy::give_own(void* copy, const Functions& functions) const noexcept {
  if (lent_ && knows_headers()) functions.setopt(copy, option::http_header, options_.headers);
  if (!tapped_ || !knows_all()) return;
  functions.setopt(copy, option::write_function, options_.write.function);
  functions.setopt(copy, option::write_data, options_.write.data);
}

namespace handles {
namespace {

/// What was lent to a handle is to be taken back after unhooking, too.
using Handles = HandleMap<std::unique_ptr<Easy>, OnceUnhooked::kept>;

Handles& all() noexcept {
  static NeverDestroyed<Handles> map;
  return *map;
}

}  // namespace

Easy* find(const void* handle) noexcept {
  Easy* found = nullptr;
  all().with(handle, [&found](const std::unique_ptr<Easy>& easy) { found = easy.get(); });
  return found;
}

Easy* remember(const void* handle, std::unique_ptr<Easy> easy) noexcept {
  if (!easy) return nullptr;
  Easy* const known = easy.get();
  try {
    // What it replaces ends here, outside the lock.
    const auto replaced = all().put(handle, std::move(easy));
  } catch (const std::exception&) {
    forget(handle);
    return nullptr;
  }
  return known;
}

std::unique_ptr<Easy> forget(const void* handle) noexcept {
  auto known = all().take(handle);
  return known ? std::move(*known) : nullptr;
}

std::unique_ptr<Easy> make(patching::SeenSince since) noexcept {
  try {
    auto easy = std::make_unique<Easy>(since);
    return easy;
  } catch (const std::exception&) {
    return nullptr;
  }
}

}  // namespace handles
}  // namespace curl
}  // namespace clients
XRAY_NAMESPACE_END
