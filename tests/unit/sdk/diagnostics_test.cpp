#include <xray/impl/diagnostics.hpp>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include <xray/xray.hpp>
#include "support/process.hpp"

namespace {

/// Standard error is a pipe from here on; its other end.
int pipe_standard_error() {
  int ends[2] = {-1, -1};
  EXPECT_EQ(::pipe(ends), 0);
  EXPECT_EQ(::dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
  ::close(ends[1]);
  return ends[0];
}

}  // namespace

TEST(Diagnostics, a_line_goes_to_standard_error) {
  IN_A_FRESH_PROCESS({
    const int other_end = pipe_standard_error();
    { const xray::Subsegment without_segment("s"); }
    char text[1000];
    const ssize_t size = ::read(other_end, text, sizeof text);
    ASSERT_GT(size, 0);
    EXPECT_EQ(std::string(text, 6), "xray: ");
    EXPECT_EQ(text[size - 1], '\n');
  });
}

TEST(Diagnostics, where_nobody_is_at_standard_errors_other_end_no_signal_is_raised) {
  IN_A_FRESH_PROCESS({
    ::close(pipe_standard_error());
    { const xray::Subsegment without_segment("s"); }
    EXPECT_EQ(xray::statistics().context_missing, 1U);
  });
}

TEST(Diagnostics, where_standard_error_is_full_a_line_is_not_waited_for) {
  IN_A_FRESH_PROCESS({
    ::alarm(30);
    pipe_standard_error();
    const int flags = ::fcntl(STDERR_FILENO, F_GETFL);
    ASSERT_EQ(::fcntl(STDERR_FILENO, F_SETFL, flags | O_NONBLOCK), 0);
    const std::string text(4096, 'x');
    while (::write(STDERR_FILENO, text.data(), text.size()) > 0) {
    }
    ASSERT_EQ(errno, EAGAIN);
    ASSERT_EQ(::fcntl(STDERR_FILENO, F_SETFL, flags), 0);
    { const xray::Subsegment without_segment("s"); }
    EXPECT_EQ(xray::statistics().context_missing, 1U);
  });
}
