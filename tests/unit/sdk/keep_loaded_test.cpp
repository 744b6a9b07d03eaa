#include <xray/impl/keep_loaded.hpp>

#include <dlfcn.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>

#include <xray/xray.hpp>
#include "support/process.hpp"
#include "support/sockets.hpp"

using support::SocketPath;
using support::UdpDaemon;

TEST(KeepLoaded, a_forked_child_does_not_wait_for_what_another_thread_was_loading) {
  IN_A_FRESH_PROCESS({
    const UdpDaemon daemon;
    xray::Configuration configuration;
    configuration.daemon_address = daemon.host() + ":" + std::to_string(daemon.port());
    ASSERT_FALSE(xray::configure(configuration));
    const xray::TraceHeader sampled = xray::TraceHeader::parse("Sampled=1");
    { const xray::Segment segment("parent", sampled); }
    ASSERT_TRUE(xray::flush(std::chrono::seconds(10)));

    // A copy that finds, in place of what it needs, a pipe: the loader has taken in the one and
    // waits for the other.
    namespace fs = std::filesystem;
    const SocketPath place;
    const fs::path library = place.path();
    const fs::path needed = library.parent_path() / XRAY_NEEDED_LIBRARY;
    fs::copy_file(XRAY_NEEDING_LIBRARY, library);
    ASSERT_EQ(mkfifo(needed.c_str(), 0600), 0);
    std::thread loading([&] { EXPECT_EQ(dlopen(library.c_str(), RTLD_NOW), nullptr); });
    const int writer = open(needed.c_str(), O_WRONLY | O_CLOEXEC);
    const pid_t child = fork();
    if (child == 0) {
      alarm(20);
      { const xray::Segment segment("child", sampled); }
      _exit(xray::flush(std::chrono::seconds(10)) ? 0 : 1);
    }
    int status = -1;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    close(writer);
    loading.join();
    fs::remove(needed);
    EXPECT_NE(daemon.receive().find("parent"), std::string::npos);
    EXPECT_NE(daemon.receive().find("child"), std::string::npos);
  });
}
