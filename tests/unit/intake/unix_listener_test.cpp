#include "intake/unix_listener.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "startup_error.hpp"

namespace {
std::atomic<bool> takes_time{false};
}

/// What stands between a listener's bind() and its listen().
extern "C" int chmod(const char* path, mode_t mode) noexcept {
  if (takes_time) usleep(2000);
  return static_cast<int>(syscall(SYS_fchmodat, AT_FDCWD, path, mode));
}

namespace xrayd::intake {
namespace {

class Listener : public testing::Test {
 protected:
  Listener() {
    std::string name = (std::filesystem::temp_directory_path() / "xrayd-socket-XXXXXX").string();
    directory_ = mkdtemp(name.data());
    path_ = directory_ / "xrayd.sock";
  }
  ~Listener() override { std::filesystem::remove_all(directory_); }

  std::string refusal() const {
    try {
      const UnixListener listener(path_);
    } catch (const StartupError& problem) {
      return problem.what();
    }
    return "it was taken";
  }

  std::filesystem::path directory_;
  std::filesystem::path path_;
};

TEST_F(Listener, its_file_is_for_owner_and_group_whatever_the_umask_and_goes_with_it) {
  const mode_t before = umask(077);
  {
    const UnixListener listener(path_);
    struct stat file {};
    ASSERT_EQ(lstat(path_.c_str(), &file), 0);
    EXPECT_TRUE(S_ISSOCK(file.st_mode));
    EXPECT_EQ(file.st_mode & 0777U, 0660U);
  }
  umask(before);
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(Listener, a_file_that_nobody_answers_on_is_replaced) {
  {
    const UnixListener first(path_);
    std::filesystem::rename(path_, directory_ / "kept");  // so that it stays, as after SIGKILL
  }
  std::filesystem::rename(directory_ / "kept", path_);
  const UnixListener second(path_);
  EXPECT_GE(second.get(), 0);
}

TEST_F(Listener, a_socket_that_somebody_answers_on_is_left_to_them) {
  const UnixListener first(path_);
  EXPECT_THAT(refusal(), testing::AllOf(testing::HasSubstr(path_.string()),
                                        testing::HasSubstr("another process listens")));
  EXPECT_TRUE(std::filesystem::exists(path_));
}

TEST_F(Listener, a_file_of_another_kind_is_left_alone) {
  std::ofstream(path_) << "precious";
  EXPECT_THAT(refusal(), testing::HasSubstr("no socket"));
  EXPECT_EQ(std::filesystem::file_size(path_), 8U);
}

TEST_F(Listener, a_file_that_somebody_put_in_its_place_is_not_removed) {
  {
    const UnixListener listener(path_);
    std::filesystem::remove(path_);
    std::ofstream(path_) << "theirs";
  }
  EXPECT_TRUE(std::filesystem::exists(path_));
}

TEST_F(Listener, of_several_that_start_at_once_one_listens_and_can_be_reached) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path_.string().copy(address.sun_path, sizeof address.sun_path - 1);
  takes_time = true;
  for (int round = 0; round < 20; ++round) {
    std::atomic<int> ready{0};
    std::vector<std::optional<UnixListener>> listeners(3);
    std::vector<std::thread> threads;
    threads.reserve(listeners.size());
    for (auto& listener : listeners) {
      threads.emplace_back([&] {
        ++ready;
        while (ready < 3) continue;
        try {
          listener.emplace(path_);
        } catch (const StartupError&) {
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    int listening = 0;
    for (const auto& listener : listeners) listening += listener ? 1 : 0;
    ASSERT_EQ(listening, 1) << round;
    const FileDescriptor client(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0)
        << round;
  }
  takes_time = false;
}

TEST_F(Listener, a_missing_directory_and_an_endless_path_are_named) {
  path_ = directory_ / "missing" / "s";
  EXPECT_THAT(refusal(), testing::HasSubstr("No such file"));
  path_ = directory_ / std::string(120, 'x');
  EXPECT_THAT(refusal(), testing::HasSubstr("107"));
}

}  // namespace
}  // namespace xrayd::intake
