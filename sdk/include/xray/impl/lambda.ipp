#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <utility>

#include <xray/impl/environment.hpp>
#include <xray/impl/exceptions.hpp>
#include <xray/impl/recorder.hpp>
#include <xray/impl/runtime.ipp>
#include <xray/impl/statistics.ipp>
#include <xray/lambda.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// Makes a file that the user names, and the folder it is in, or sets its time to now. Through no
/// link: /tmp is everybody's.
inline bool touch_file(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash != std::string::npos && slash != 0) ::mkdir(path.substr(0, slash).c_str(), 0755);
  constexpr int flags = O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
  const int file = ::open(path.c_str(), flags, 0644);
  if (file < 0) return false;
  const bool touched = ::futimens(file, nullptr) == 0;
  ::close(file);
  return touched;
}

/// `host:port` out of a URL, or what is one already.
inline std::string_view authority_of(std::string_view url) noexcept {
  const std::size_t scheme = url.find("://");
  if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find_first_of("/?#"));
  const std::size_t user = url.rfind('@');
  if (user != std::string_view::npos) url.remove_prefix(user + 1);
  return url;
}

}  // namespace detail

namespace lambda {

XRAY_DECL bool is_lambda() noexcept {
  return !detail::environment(detail::Variable::LAMBDA_TASK_ROOT).empty();
}

XRAY_DECL bool start(const Options& options) noexcept {
  const detail::Runtime* const run = detail::runtime();
  if (!is_lambda() || options.initialized_file.empty()) return true;
  if (run == nullptr || !run->settings().enabled) return true;
  XRAY_TRY {
    return detail::touch_file(options.initialized_file);
  }
  XRAY_CATCH_BAD_ALLOC {
    return false;
  }
}

XRAY_DECL TraceHeader environment_header() noexcept {
  return TraceHeader::parse(detail::environment(detail::Variable::_X_AMZN_TRACE_ID));
}

XRAY_DECL bool is_runtime_api(std::string_view url) noexcept {
  const std::string_view api = detail::environment(detail::Variable::AWS_LAMBDA_RUNTIME_API);
  return !api.empty() && detail::authority_of(url) == detail::authority_of(api);
}

XRAY_DECL Invocation::Invocation(const TraceHeader& header,
                                 std::chrono::milliseconds flush_timeout) noexcept
    : record_(detail::begin_facade(header)), flush_timeout_(flush_timeout) {
}

XRAY_DECL Invocation::~Invocation() {
  end();
}

XRAY_DECL bool Invocation::end() noexcept {
  if (record_ == nullptr) return true;
  detail::end_segment(std::exchange(record_, nullptr), false);
  return flush(flush_timeout_);
}

XRAY_DECL bool Invocation::sampled() const noexcept {
  return record_ != nullptr && record_->sampled;
}

}  // namespace lambda
XRAY_NAMESPACE_END
