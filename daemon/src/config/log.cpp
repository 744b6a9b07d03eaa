#include "config/log.hpp"

#include <spdlog/formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <mutex>
#include <utility>

#include "config/log_file.hpp"
#include "config/log_line.hpp"

namespace xrayd::log {
namespace {

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::trace:
      return spdlog::level::trace;
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warn:
      return spdlog::level::warn;
    case Level::error:
      break;
  }
  return spdlog::level::err;
}

Level from_spdlog(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::trace:
      return Level::trace;
    case spdlog::level::debug:
      return Level::debug;
    case spdlog::level::info:
      return Level::info;
    case spdlog::level::warn:
      return Level::warn;
    default:
      return Level::error;
  }
}

/// Sinks call it under their lock.
class LineFormatter final : public spdlog::formatter {
 public:
  explicit LineFormatter(Format format) : format_(format) {}

  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    line_.clear();
    append_line(line_, format_, time_.at(message.time), from_spdlog(message.level),
                {message.payload.data(), message.payload.size()});
    out.append(line_.data(), line_.data() + line_.size());
  }
  [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<LineFormatter>(format_);
  }

 private:
  Format format_;
  TimeText time_;
  std::string line_;
};

class FileSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit FileSink(const Settings& settings)
      : file_(settings.file, settings.rotation ? LogFile::full : 0) {}

  bool reopen() {
    const std::lock_guard lock(mutex_);
    return file_.reopen();
  }

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    if (const std::uint64_t left_out = file_.left_out(); left_out > 0) {
      const std::string text =
          std::to_string(left_out) + " lines of this log could not be written before this one";
      spdlog::details::log_msg note("xrayd", spdlog::level::warn, text);
      note.time = message.time;
      formatter_->format(note, line);
    }
    formatter_->format(message, line);
    file_.write({line.data(), line.size()});
  }
  void flush_() override {}

  LogFile file_;
};

struct Log {
  std::shared_ptr<spdlog::logger> logger;
  /// Nothing where the log goes to standard output.
  std::shared_ptr<FileSink> file;
};

Log make_log(const Settings& settings) {
  Log log;
  spdlog::sink_ptr sink;
  if (settings.file.empty() && settings.standard_error) {
    sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  } else if (settings.file.empty()) {
    sink = std::make_shared<spdlog::sinks::stdout_sink_mt>();
  } else {
    sink = log.file = std::make_shared<FileSink>(settings);
  }
  log.logger = std::make_shared<spdlog::logger>("xrayd", std::move(sink));
  log.logger->set_formatter(std::make_unique<LineFormatter>(settings.format));
  log.logger->set_level(to_spdlog(settings.level));
  log.logger->flush_on(spdlog::level::trace);
  return log;
}

/// Made on first use; replaced by configure() only, before there are other threads.
Log& current() {
  static Log log = make_log({});
  return log;
}

}  // namespace

void write(Level level, std::string_view message) {
  spdlog::logger& logger = *current().logger;
  const spdlog::level::level_enum as_number = to_spdlog(level);
  if (logger.should_log(as_number)) {
    logger.log(as_number, spdlog::string_view_t(message.data(), message.size()));
  }
}

void debug(std::string_view message) {
  write(Level::debug, message);
}
void info(std::string_view message) {
  write(Level::info, message);
}
void warn(std::string_view message) {
  write(Level::warn, message);
}
void error(std::string_view message) {
  write(Level::error, message);
}

void configure(const Settings& settings) {
  current() = make_log(settings);
}

void set_level(Level level) {
  current().logger->set_level(to_spdlog(level));
}

void reopen() {
  if (!current().file) return;
  if (!current().file->reopen()) {
    warn("the log file could not be opened anew: the log goes on where it was");
  }
}

}  // namespace xrayd::log
