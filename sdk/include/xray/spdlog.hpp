// spdlog lines with the trace they belong to. Needs spdlog 1.10 or newer, with its own or an
// external {fmt}.
#if defined(XRAY_HEADER_ONLY)
#include <xray/impl/header_only.hpp>
#endif
#ifndef XRAY_SPDLOG_HPP
#define XRAY_SPDLOG_HPP

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/sink.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <xray/log.hpp>

XRAY_NAMESPACE_BEGIN

namespace detail {

inline void append_to_log(spdlog::memory_buf_t& line, std::string_view text) {
  line.append(text.data(), text.data() + text.size());
}

class LogFieldsFlag final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& /*message*/, const std::tm& /*time*/,
              spdlog::memory_buf_t& line) override {
    append_to_log(line, log_fields());
  }
  [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<LogFieldsFlag>();
  }
};

class TraceIdFlag final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& /*message*/, const std::tm& /*time*/,
              spdlog::memory_buf_t& line) override {
    append_to_log(line, log_id().view().substr(0, 35));
  }
  [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<TraceIdFlag>();
  }
};

class SegmentIdFlag final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& /*message*/, const std::tm& /*time*/,
              spdlog::memory_buf_t& line) override {
    const LogId id = log_id();
    if (!id.empty()) append_to_log(line, id.view().substr(36));
  }
  [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<SegmentIdFlag>();
  }
};

/// On the thread that logs: puts the fields in front of the message and passes it on.
class LogFieldsSink final : public spdlog::sinks::sink {
 public:
  explicit LogFieldsSink(std::shared_ptr<spdlog::logger> target) : target_(std::move(target)) {}

  void log(const spdlog::details::log_msg& message) override {
    const LogFields fields = log_fields();
    spdlog::string_view_t text = message.payload;
    spdlog::memory_buf_t line;
    if (!fields.empty()) {
      append_to_log(line, fields);
      line.push_back(' ');
      line.append(text.data(), text.data() + text.size());
      text = spdlog::string_view_t(line.data(), line.size());
    }
    target_->log(message.time, message.source, message.level, text);
  }
  void flush() override { target_->flush(); }
  void set_pattern(const std::string& pattern) override { target_->set_pattern(pattern); }
  void set_formatter(std::unique_ptr<spdlog::formatter> formatter) override {
    target_->set_formatter(std::move(formatter));
  }

 private:
  std::shared_ptr<spdlog::logger> target_;
};

}  // namespace detail

/// Adds three flags to a formatter of yours; call its set_pattern() afterwards:
///   %J  `AWS-XRAY-TRACE-ID: 1-5759e988-bd862e3fe1be46a994272793@53995c3f42cd8ad8`
///   %K  the trace id alone
///   %Q  the id of the current (sub)segment alone
/// All of them empty without a current segment. They tell the context of the thread that formats:
/// that is the one that logs, but for asynchronous loggers, see with_log_fields().
inline void add_log_flags(spdlog::pattern_formatter& formatter) {
  formatter.add_flag<detail::LogFieldsFlag>('J');
  formatter.add_flag<detail::TraceIdFlag>('K');
  formatter.add_flag<detail::SegmentIdFlag>('Q');
}

/// A formatter with the flags of add_log_flags(), ready for set_formatter() of a logger or a sink:
///     spdlog::set_formatter(xray::make_log_formatter("%Y-%m-%d %T.%e %l %J %v"));
inline std::unique_ptr<spdlog::pattern_formatter> make_log_formatter(
    std::string pattern, spdlog::pattern_time_type time_type = spdlog::pattern_time_type::local) {
  auto formatter = std::make_unique<spdlog::pattern_formatter>(time_type);
  add_log_flags(*formatter);
  formatter->set_pattern(std::move(pattern));
  return formatter;
}

/// For asynchronous loggers, whose sinks format on a thread of spdlog's, where no segment is
/// current: a logger of the same name and level to log to instead. It begins each message with
/// log_fields() on the thread that logs, and passes it on to `target` with time, level and source.
inline std::shared_ptr<spdlog::logger> with_log_fields(
    const std::shared_ptr<spdlog::logger>& target) {
  auto logger = std::make_shared<spdlog::logger>(target->name(),
                                                 std::make_shared<detail::LogFieldsSink>(target));
  logger->set_level(target->level());
  logger->flush_on(target->flush_level());
  return logger;
}

XRAY_NAMESPACE_END

#endif  // XRAY_SPDLOG_HPP
