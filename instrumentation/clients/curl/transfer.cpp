#include "clients/curl/transfer.hpp"

#include <utility>

#include <xray/http.hpp>
#include <xray/instrumentation/http_parts.hpp>

#include "aws/record_call.hpp"
#include "clients/curl/answer.hpp"
#include "clients/curl/aws_call.hpp"
#include "clients/curl/called_url.hpp"
#include "clients/curl/easy.hpp"
#include "clients/curl/excluded.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients {
namespace curl {
namespace {

using instrumentation::RecognisedCall;
using instrumentation::RequestKind;

/// The URL that a handle is set up for, while this lives.
class UrlOfHandle {
 public:
  UrlOfHandle(void* handle, const Easy* easy, const Functions& functions) noexcept
      : free_(functions.free) {
    const Options* const options =
        easy != nullptr && easy->knows_all() ? &easy->options() : nullptr;
    if (options == nullptr) {
      text_ = text_info(handle, info::effective_url, functions);
    } else if (options->url_handle == nullptr) {
      text_ = options->url;
    } else if (functions.url_get != nullptr && free_ != nullptr &&
               functions.url_get(options->url_handle, whole_url, &owned_, 0) == ok) {
      text_ = owned_;
    }
  }
  UrlOfHandle(const UrlOfHandle&) = delete;
  UrlOfHandle& operator=(const UrlOfHandle&) = delete;
  ~UrlOfHandle() {
    if (owned_ != nullptr) free_(owned_);
  }

  [[nodiscard]] std::string_view text() const noexcept { return text_; }

 private:
  void (*free_)(void*);
  char* owned_ = nullptr;
  std::string_view text_;
};

/// Of a handle that we know little of, libcurl tells the method afterwards, with the URL that
/// answered.
void add_unknown_request(void* handle, Subsegment& subsegment,
                         const Functions& functions) noexcept {
  if (number_info(handle, info::redirect_count, functions) != 0) return;
  const CalledUrl where = called_url(text_info(handle, info::effective_url, functions));
  const detail::HttpUrl url = detail::http_url(http_scheme(where, {}), where.host, where.path);
  HttpRequest request;
  request.method = text_info(handle, info::effective_method, functions);
  request.url = url.view();
  subsegment.set_http_request(request);
}

std::optional<Subsegment> begin_subsegment(std::string_view name, Namespace name_space,
                                           Lasting lasting) noexcept {
  return lasting == Lasting::this_call ? begin_call(name, name_space)
                                       : begin_lasting_call(name, name_space);
}

}  // namespace

void Transfer::set_request(const CalledUrl& where, std::string_view protocol,
                           const Easy* easy) noexcept {
  const long port = easy != nullptr && easy->knows_all() ? easy->options().port : 0;
  const HostText other = port > 0 ? with_port(where.host, port) : HostText();
  const std::string_view host = port > 0 ? other.view() : where.host;
  const detail::HttpUrl url = detail::http_url(http_scheme(where, protocol), host, where.path);
  HttpRequest request;
  request.url = url.view();
  if (easy != nullptr && easy->knows_all()) request.method = method_of(*easy);
  subsegment_->set_http_request(request);
}

void Transfer::begin(void* handle, Easy* easy, Tracing tracing, Lasting lasting,
                     const Functions& functions) noexcept {
  attempts::release_expired();
  if (easy != nullptr && easy->options().connect_only) return;
  const UrlOfHandle url(handle, easy, functions);
  const std::string_view protocol =
      easy != nullptr ? std::string_view(easy->options().default_protocol) : std::string_view();
  const CalledUrl where = called_url(url.text());
  if (!is_http(where, protocol) || is_excluded(where)) return;
  std::unique_ptr<RecognisedCall> call;
  const RequestKind kind = kind_of_request(easy, url.text(), where, call);
  if (kind == RequestKind::never_trace) return;
  if (tracing != Tracing::sampled) {
    if (easy != nullptr) easy->lend(handle, header_here(), functions);
    return;
  }
  if (kind == RequestKind::aws) {
    aws_ = std::move(call);
    subsegment_ = attempts::resume(*aws_);
    // One that may have to wait for the next attempt can't be this thread's current one.
    if (!aws_->invocation_id.empty()) lasting = Lasting::longer;
    if (!subsegment_) {
      subsegment_ = begin_subsegment(aws_->service.view(), Namespace::aws, lasting);
    }
  } else {
    subsegment_ = begin_subsegment(where.name, Namespace::remote, lasting);
    if (subsegment_) set_request(where, protocol, easy);
  }
  if (!subsegment_) return;
  if (easy == nullptr) return;
  easy->lend(handle, subsegment_->trace_header(), functions);
  if (aws_) easy->tap_body(handle, functions);
}

void Transfer::record(void* handle, const Easy* easy, int code,
                      const Functions& functions) noexcept {
  if (aws_) {
    read_answer(handle, easy, functions, *aws_);
    add_timings(handle, *subsegment_, functions);
    return;
  }
  if (easy == nullptr || !easy->knows_all()) add_unknown_request(handle, *subsegment_, functions);
  const int status = status_of(handle, functions);
  if (status != 0) subsegment_->set_http_response(status, length_of(handle, functions));
  // CURLOPT_FAILONERROR makes failures of statuses, which say it better.
  if (code != ok && (code != http_returned_error || status == 0)) {
    add_failure(code, error_text(code, functions), *subsegment_);
  }
  add_timings(handle, *subsegment_, functions);
}

void Transfer::end(void* handle, const Easy* easy, int code, const Functions& functions) noexcept {
  if (!subsegment_) return;
  record(handle, easy, code, functions);
  if (aws_) attempts::over(std::move(*subsegment_), std::move(aws_), code, functions);
  drop();
}

void Transfer::give_up(void* handle, const Easy* easy, const Functions& functions) noexcept {
  if (!subsegment_) return;
  const std::int64_t told = number64_info(handle, info::content_length, functions, -1);
  const std::int64_t came = number64_info(handle, info::size_download, functions);
  // Programs that count running transfers never ask how each of them ended.
  if (status_of(handle, functions) >= 200 && came >= told) return end(handle, easy, ok, functions);
  record(handle, easy, ok, functions);
  if (aws_) instrumentation::record(*aws_, *subsegment_);
  subsegment_->add_remote_exception("curl_multi_remove_handle", "removed before it was done");
  drop();
}

void Transfer::interrupted() noexcept {
  if (subsegment_) subsegment_->set_fault();
  drop();
}

void Transfer::drop() noexcept {
  aws_.reset();
  subsegment_.reset();
}

}  // namespace curl
}  // namespace clients
XRAY_NAMESPACE_END
