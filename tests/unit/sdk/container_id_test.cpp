#include <xray/impl/container_id.hpp>

#include <gtest/gtest.h>

#include <string>

using xray::detail::container_id_in_cgroup;
using xray::detail::container_id_in_mounts;

namespace {
const std::string id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const std::string other = std::string(64, 'f');
}  // namespace

TEST(ContainerId, is_found_in_the_ways_that_engines_write_it) {
  EXPECT_EQ(container_id_in_cgroup("12:pids:/docker/" + id + "\n"), id);
  EXPECT_EQ(container_id_in_cgroup("1:name=systemd:/\n9:cpu:/ecs/task-1/" + id), id);
  EXPECT_EQ(container_id_in_cgroup("0::/kubepods/burstable/pod12ab-34/" + id + "\n"), id);
  EXPECT_EQ(container_id_in_cgroup("0::/kubepods.slice/kubepods-pod12_34.slice/cri-containerd-" +
                                   id + ".scope\n"),
            id);
}

TEST(ContainerId, is_the_innermost_of_a_path) {
  EXPECT_EQ(container_id_in_cgroup("0::/docker/" + other + "/docker/" + id + "\n"), id);
}

TEST(ContainerId, is_not_what_merely_looks_like_one) {
  EXPECT_EQ(container_id_in_cgroup(""), "");
  EXPECT_EQ(container_id_in_cgroup("0::/\n"), "");
  EXPECT_EQ(container_id_in_cgroup("0::/user.slice/session-1.scope\n"), "");
  EXPECT_EQ(container_id_in_cgroup("0::/docker/" + id.substr(1) + "\n"), "");
  EXPECT_EQ(container_id_in_cgroup("0::/docker/" + id + "0\n"), "");
  EXPECT_EQ(container_id_in_cgroup("0::/docker/" + id + "z\n"), "");
  EXPECT_EQ(container_id_in_cgroup("0::/docker/z" + id + "\n"), "");
  EXPECT_EQ(container_id_in_cgroup("0::/docker/zz" + id + "\n"), "");
  EXPECT_EQ(container_id_in_cgroup("0::/docker/" + std::string(64, 'F') + "\n"), "");
}

TEST(ContainerId, is_taken_from_mounts_that_belong_to_the_container_only) {
  const std::string layer =
      "500 400 0:50 / / rw - overlay overlay rw,upperdir=/var/lib/docker/overlay2/" + other +
      "/diff\n";
  EXPECT_EQ(container_id_in_mounts(layer), "");
  EXPECT_EQ(
      container_id_in_mounts("9 8 0:1 /var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/" +
                             other + "/hostname /etc/hostname rw - ext4 /dev/vda1 rw\n"),
      "");
  EXPECT_EQ(container_id_in_mounts(layer + "9 8 0:1 /var/lib/docker/containers/" + id +
                                   "/hostname /etc/hostname rw - ext4 /dev/vda1 rw\n"),
            id);
  EXPECT_EQ(container_id_in_mounts("9 8 0:1 /x/overlay-containers/" + id + "/userdata/hostname"),
            id);
  EXPECT_EQ(container_id_in_mounts("9 8 0:1 /../cri-containerd-" + id + ".scope /sys/fs/cgroup"),
            id);
}
