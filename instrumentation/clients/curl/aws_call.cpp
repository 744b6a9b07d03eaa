#include "clients/curl/aws_call.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstring>
#include <exception>
#include <new>
#include <utility>

#include "aws/record_call.hpp"
#include "aws/retry_joiner.hpp"
#include "clients/curl/answer.hpp"
#include "clients/curl/easy.hpp"
#include "clients/handle_map.hpp"
#include "clients/never_destroyed.hpp"
#include "clients/settings.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients {
namespace curl {
namespace {

using instrumentation::HeaderView;
using instrumentation::RecognisedCall;
using instrumentation::RequestKind;

constexpr std::size_t most_headers = 64;
constexpr std::size_t longest_body = 4096;

/// The program's lines, as names and values.
std::size_t read_headers(const Slist* list,
                         std::array<HeaderView, most_headers>& headers) noexcept {
  std::size_t count = 0;
  for (; list != nullptr && count < headers.size(); list = list->next) {
    if (list->data == nullptr) continue;
    std::string_view value(list->data);
    const std::string_view name = instrumentation::take_until(value, ':');
    headers[count++] = {name, value};
  }
  return count;
}

void add_body(const Options& options, instrumentation::RequestView& request) noexcept {
  if (std::strcmp(options.method, "POST") != 0) return;
  if (options.has_copied_body) {
    request.body = options.copied_body;
    request.body_complete = options.copied_body.size() < longest_body;
    return;
  }
  if (options.body == nullptr) return;
  const std::size_t size = options.body_size >= 0 ? static_cast<std::size_t>(options.body_size)
                                                  : strnlen(options.body, longest_body + 1);
  request.body = {options.body, size < longest_body ? size : longest_body};
  request.body_complete = size <= longest_body;
}

/// Whether this may be an address, `host` or `host:port`: it begins as that does. The URL may lack
/// its port; others at the same host (loopback, often) are told apart here.
bool may_be_at(const CalledUrl& where, std::string_view address) noexcept {
  return !address.empty() &&
         (address.front() == '[' ||
          instrumentation::equal_ignoring_case(address.substr(0, where.host.size()), where.host));
}

bool has_authorization(const Slist* list) noexcept {
  for (; list != nullptr; list = list->next) {
    if (list->data == nullptr || instrumentation::lower(list->data[0]) != 'a') continue;
    const std::string_view line(list->data);
    const std::string_view name = "authorization";
    if (instrumentation::equal_ignoring_case(line.substr(0, name.size()), name)) return true;
  }
  return false;
}

/// Whether a request can be anything but a call like others: most can be told from those quickly.
bool may_be_special(const Easy* known, const CalledUrl& where, const Settings& settings) noexcept {
  if (may_be_at(where, settings.daemon) || may_be_at(where, settings.lambda_runtime_api)) {
    return true;
  }
  if (where.query.find("X-Amz-") != std::string_view::npos) return true;
  return known != nullptr &&
         (!known->options().aws_signing.empty() || has_authorization(known->options().headers));
}

}  // namespace

std::string_view method_of(const Easy& easy) noexcept {
  const Options& options = easy.options();
  return options.custom_method.empty() ? std::string_view(options.method)
                                       : std::string_view(options.custom_method);
}

instrumentation::RequestKind kind_of_request(const Easy* easy, std::string_view url,
                                             const CalledUrl& where,
                                             std::unique_ptr<RecognisedCall>& call) noexcept {
  const Settings& settings = clients::settings();
  const Easy* const known = easy != nullptr && easy->knows_all() ? easy : nullptr;
  if (!may_be_special(known, where, settings)) return RequestKind::other;
  try {
    call = std::make_unique<RecognisedCall>();
  } catch (const std::exception&) {
    return RequestKind::other;
  }
  std::array<HeaderView, most_headers> headers;
  instrumentation::RequestView request;
  request.url = url;
  if (known != nullptr) {
    request.method = method_of(*known);
    request.headers = {headers.data(), read_headers(known->options().headers, headers)};
    request.curl_signing = known->options().aws_signing;
    add_body(known->options(), request);
  }
  const RequestKind kind =
      instrumentation::recognise(request, {settings.lambda_runtime_api, settings.daemon}, *call);
  if (kind != RequestKind::aws) call.reset();
  return kind;
}

void read_answer(void* handle, const Easy* easy, const Functions& functions,
                 RecognisedCall& call) noexcept {
  std::array<HeaderView, most_headers> headers;
  std::size_t count = 0;
  if (functions.next_header != nullptr) {
    Header* header = nullptr;
    while (count < headers.size() &&
           (header = functions.next_header(handle, of_the_answer, -1, header)) != nullptr) {
      headers[count++] = {header->name, header->value};
    }
  }
  instrumentation::ResponseView response;
  response.status = status_of(handle, functions);
  response.headers = {headers.data(), count};
  response.content_length = length_of(handle, functions);
  if (easy != nullptr) {
    response.body = easy->body();
    response.body_complete = easy->body_is_complete();
  }
  instrumentation::read_response(response, call);
}

namespace attempts {
namespace {

struct Held {
  Subsegment subsegment;
  std::unique_ptr<RecognisedCall> call;
  int code;             ///< of the last attempt
  FixedText<96> error;  ///< libcurl's words for it: libcurl may be gone by the end

  void end() noexcept {
    instrumentation::record(*call, subsegment);
    if (call->status == 0) add_failure(code, error, subsegment);
    subsegment.end();
  }
};

struct Waiting {
  ForkSafeLock lock;
  instrumentation::RetryJoiner<Held> joiner;
  std::atomic<std::size_t> count{0};
};

Waiting& waiting() noexcept {
  static NeverDestroyed<Waiting> all;
  return *all;
}

auto now() noexcept {
  return std::chrono::steady_clock::now();
}

}  // namespace

std::optional<Subsegment> resume(const RecognisedCall& call) noexcept {
  Waiting& all = waiting();
  if (all.count.load(std::memory_order_acquire) == 0) return std::nullopt;
  std::optional<Held> held;
  {
    const HeldLock lock(all.lock);
    held = all.joiner.resume(call.invocation_id.view(), now());
    all.count.store(all.joiner.size(), std::memory_order_release);
  }
  if (!held) return std::nullopt;
  return std::move(held->subsegment);
}

void over(Subsegment&& subsegment, std::unique_ptr<RecognisedCall> call, int code,
          const Functions& functions) noexcept {
  Held held{std::move(subsegment), std::move(call), code, {}};
  if (held.call->status == 0) held.error.append(error_text(code, functions));
  if (held.call->invocation_id.empty()) return held.end();
  Waiting& all = waiting();
  std::optional<Held> over;
  {
    const RecognisedCall& known = *held.call;
    const HeldLock lock(all.lock);
    over = all.joiner.attempt_over(known, std::move(held), now());
    all.count.store(all.joiner.size(), std::memory_order_release);
  }
  if (over) over->end();
}

void release_expired() noexcept {
  Waiting& all = waiting();
  if (all.count.load(std::memory_order_acquire) == 0) return;
  std::array<std::optional<Held>, 32> expired;
  std::size_t count = 0;
  {
    const HeldLock lock(all.lock);
    all.joiner.release_expired(now(), [&expired, &count](Held held) {
      if (count < expired.size()) expired[count++].emplace(std::move(held));
    });
    all.count.store(all.joiner.size(), std::memory_order_release);
  }
  for (std::size_t i = 0; i < count; ++i) expired[i]->end();
}

}  // namespace attempts
}  // namespace curl
}  // namespace clients
XRAY_NAMESPACE_END
