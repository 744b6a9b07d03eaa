#include "config/log.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <cstddef>
#include <memory>
#include <utility>

#include "startup_error.hpp"

namespace xrayd::log {
namespace {

/// The level's name in the words that scripts know from the X-Ray daemon.
class LevelName final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm& /*when*/,
              spdlog::memory_buf_t& out) override {
    constexpr std::array<std::string_view, 6> names = {"Trace", "Debug", "Info",
                                                       "Warn",  "Error", "Error"};
    const auto level = static_cast<std::size_t>(message.level);
    const std::string_view name = level < names.size() ? names[level] : names.back();
    out.append(name.data(), name.data() + name.size());
  }
  [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<LevelName>();
  }
};

std::shared_ptr<spdlog::logger> make_logger(spdlog::sink_ptr sink,
                                            spdlog::level::level_enum level) {
  auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
  formatter->add_flag<LevelName>('*').set_pattern("%Y-%m-%dT%H:%M:%SZ [%*] %v");
  auto logger = std::make_shared<spdlog::logger>("xrayd", std::move(sink));
  logger->set_formatter(std::move(formatter));
  logger->set_level(level);
  logger->flush_on(spdlog::level::trace);
  return logger;
}

/// Made on first use; replaced by open_file() only, before there are other threads.
std::shared_ptr<spdlog::logger>& current() {
  static auto logger =
      make_logger(std::make_shared<spdlog::sinks::stdout_sink_mt>(), spdlog::level::info);
  return logger;
}

void write(spdlog::level::level_enum level, std::string_view message) {
  spdlog::logger& logger = *current();
  if (logger.should_log(level)) logger.log(level, spdlog::string_view_t(printable(message)));
}

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

}  // namespace

void debug(std::string_view message) {
  write(spdlog::level::debug, message);
}
void info(std::string_view message) {
  write(spdlog::level::info, message);
}
void warn(std::string_view message) {
  write(spdlog::level::warn, message);
}
void error(std::string_view message) {
  write(spdlog::level::err, message);
}

void set_level(Level level) {
  current()->set_level(to_spdlog(level));
}

void open_file(const std::filesystem::path& path) {
  try {
    current() = make_logger(std::make_shared<spdlog::sinks::basic_file_sink_mt>(path.string()),
                            current()->level());
  } catch (const spdlog::spdlog_ex& problem) {
    throw StartupError("log file " + path.string() + " can't be opened: " + problem.what());
  }
}

std::string printable(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20 || byte == 0x7f) {
      out += "\\x";
      out += digits[byte >> 4U];
      out += digits[byte & 0xfU];
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace xrayd::log
