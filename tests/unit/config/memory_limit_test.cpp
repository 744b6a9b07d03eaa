#include "config/memory_limit.hpp"

#include <gtest/gtest.h>

#include "temporary_directory.hpp"

namespace xrayd::config {
namespace {

constexpr std::uint64_t mib = 1U << 20U;

class MemoryLimit : public testing::Test {
 protected:
  void file(const char* name, std::string_view content) const {
    static_cast<void>(root_.file(name, content));
  }
  [[nodiscard]] std::optional<std::uint64_t> limit() const { return memory_limit(root_.path()); }

 private:
  TemporaryDirectory root_;
};

TEST_F(MemoryLimit, where_nothing_can_be_read_there_is_none) {
  EXPECT_EQ(limit(), std::nullopt);
  file("proc/meminfo", "nonsense\n");
  file("proc/self/cgroup", "::::\n0\n\n7:memory\n");
  EXPECT_EQ(limit(), std::nullopt);
}

TEST_F(MemoryLimit, without_groups_it_is_the_hosts_memory) {
  file("proc/meminfo", "MemFree: 5 kB\nMemTotal:       16384000 kB\nMemAvailable: 1 kB\n");
  EXPECT_EQ(limit(), 16000 * mib);
}

TEST_F(MemoryLimit, version_2_the_smallest_of_all_groups_around_counts) {
  file("proc/meminfo", "MemTotal: 16384000 kB\n");
  file("proc/self/cgroup", "0::/kubepods/pod7/main\n");
  file("sys/fs/cgroup/kubepods/pod7/main/memory.max", "max\n");
  EXPECT_EQ(limit(), 16000 * mib);
  file("sys/fs/cgroup/kubepods/memory.max", "8388608000\n");
  EXPECT_EQ(limit(), 8000 * mib);
  file("sys/fs/cgroup/kubepods/pod7/memory.max", "268435456\n");
  EXPECT_EQ(limit(), 256 * mib);
  file("sys/fs/cgroup/kubepods/pod7/main/memory.max", "536870912\n");
  EXPECT_EQ(limit(), 256 * mib);
}

TEST_F(MemoryLimit, a_group_with_a_namespace_of_its_own_sees_its_limit_at_the_top) {
  file("proc/meminfo", "MemTotal: 16384000 kB\n");
  file("proc/self/cgroup", "0::/\n");
  file("sys/fs/cgroup/memory.max", "134217728\n");
  EXPECT_EQ(limit(), 128 * mib);
}

TEST_F(MemoryLimit, version_1_is_read_in_its_own_place) {
  file("proc/meminfo", "MemTotal: 16384000 kB\n");
  file("proc/self/cgroup", "12:cpu,cpuacct:/docker/c\n9:memory:/docker/c\n1:name=systemd:/x\n");
  file("sys/fs/cgroup/memory/docker/c/memory.limit_in_bytes", "9223372036854771712\n");
  EXPECT_EQ(limit(), 16000 * mib);
  file("sys/fs/cgroup/memory/docker/c/memory.limit_in_bytes", "104857600\n");
  EXPECT_EQ(limit(), 100 * mib);
}

TEST_F(MemoryLimit, version_1_in_a_container_names_a_group_that_only_the_host_sees) {
  file("proc/meminfo", "MemTotal: 16384000 kB\n");
  file("proc/self/cgroup", "9:hugetlb,memory:/docker/of-the-host\n");
  file("sys/fs/cgroup/memory/memory.limit_in_bytes", "104857600\n");
  EXPECT_EQ(limit(), 100 * mib);
}

TEST_F(MemoryLimit, both_versions_at_once) {
  file("proc/self/cgroup", "9:memory:/a\n0::/b\n");
  file("sys/fs/cgroup/memory/a/memory.limit_in_bytes", "209715200\n");
  EXPECT_EQ(limit(), 200 * mib);
  file("sys/fs/cgroup/unified/b/memory.max", "104857600\n");
  EXPECT_EQ(limit(), 100 * mib);
}

TEST_F(MemoryLimit, a_path_never_leads_out_of_the_groups) {
  file("proc/self/cgroup", "0::/../../../secret\n");
  file("secret/memory.max", "1048576\n");
  file("sys/fs/cgroup/memory.max", "104857600\n");
  EXPECT_EQ(limit(), 100 * mib);
}

TEST(DefaultBuffer, is_a_hundredth_in_whole_mib_and_at_least_16) {
  EXPECT_EQ(default_buffer_bytes(std::nullopt), 16 * mib);
  EXPECT_EQ(default_buffer_bytes(128 * mib), 16 * mib);
  EXPECT_EQ(default_buffer_bytes(1700 * mib), 17 * mib);
  EXPECT_EQ(default_buffer_bytes(24199 * mib), 241 * mib);
}

}  // namespace
}  // namespace xrayd::config
