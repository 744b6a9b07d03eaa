// What a command writes, for credential_process.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "aws/secret.hpp"
#include "credentials/inquiry.hpp"

namespace xrayd::credentials {

struct ProgramOutput {
  aws::Secret text;
  /// Empty after exit status 0; otherwise why there is no output, with nothing of the command and
  /// of what it wrote.
  std::string problem;
};

/// Runs a command by `/bin/sh -c`, with nothing on its standard input. It and its children are
/// killed after `limit`, when it writes more than `longest`, and when the inquiry is called off.
/// What it writes to standard error goes to the log at debug level, cut to 500 characters.
[[nodiscard]] ProgramOutput run_program(const std::string& command, std::chrono::milliseconds limit,
                                        std::size_t longest, const Inquiry& inquiry);

}  // namespace xrayd::credentials
