// Control groups over a folder that looks like the kernel's. It makes no files by itself, so that
// the tests lay out those of groups to come.
#include "sandbox/control_groups.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "platform/real/files.h"

namespace tarn::sandbox {
namespace {

class ControlGroupsTest : public testing::Test {
 protected:
  ControlGroupsTest() {
    std::string pattern = testing::TempDir() + "tarn-groups-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    box_.name = "livy-driver-0";
    box_.limits = {std::uint64_t{4} << 30, 2048};
  }
  ~ControlGroupsTest() override { std::filesystem::remove_all(folder_); }

  void lay(const std::string& path, const std::string& text = "") const {
    const std::filesystem::path whole = folder_ + path;
    std::filesystem::create_directories(whole.parent_path());
    std::ofstream(whole) << text;
  }
  [[nodiscard]] std::string text(const std::string& path) const {
    std::stringstream out;
    out << std::ifstream(folder_ + path).rdbuf();
    return out.str();
  }
  ControlGroups find() {
    return ControlGroups::find(files_, 7, {folder_ + "/cgroup", folder_ + "/proc"});
  }
  void lay_version_1() const {
    lay("/proc/self/cgroup", "8:pids:/\n4:memory:/app\n0::/\n");
    lay("/cgroup/memory/app/cgroup.procs");
    lay("/cgroup/pids/cgroup.procs");
    for (const char* group : {"", "/livy-driver-0"}) {
      lay("/cgroup/memory/app/tarn-7" + std::string(group) + "/memory.limit_in_bytes");
      lay("/cgroup/pids/tarn-7" + std::string(group) + "/pids.max");
    }
  }

  std::string folder_;
  platform::real::Files files_;
  Sandbox box_;
};

TEST_F(ControlGroupsTest, OfVersion1BothHierarchiesBound) {
  lay_version_1();
  const ControlGroups groups = find();
  EXPECT_TRUE(groups.bounds_memory());
  EXPECT_TRUE(groups.bounds_processes());
  ASSERT_TRUE(groups.make(box_).ok());
  EXPECT_EQ(text("/cgroup/memory/app/tarn-7/livy-driver-0/memory.limit_in_bytes"), "4294967296");
  EXPECT_EQ(text("/cgroup/pids/tarn-7/livy-driver-0/pids.max"), "2048");
  EXPECT_TRUE(box_.memory_by_group);
  EXPECT_EQ(box_.groups, (std::vector<std::string>{
                             folder_ + "/cgroup/memory/app/tarn-7/livy-driver-0/cgroup.procs",
                             folder_ + "/cgroup/pids/tarn-7/livy-driver-0/cgroup.procs"}));
}

TEST_F(ControlGroupsTest, OfVersion2OneGroupBoundsBoth) {
  lay("/proc/self/cgroup", "0::/user/app\n");
  lay("/cgroup/user/app/cgroup.procs");
  lay("/cgroup/user/app/cgroup.subtree_control");
  for (const char* group : {"", "/livy-driver-0"}) {
    const std::string path = "/cgroup/user/app/tarn-7" + std::string(group);
    for (const char* file : {"/memory.max", "/pids.max", "/memory.swap.max"}) lay(path + file);
  }
  const ControlGroups groups = find();
  ASSERT_TRUE(groups.make(box_).ok());
  EXPECT_EQ(box_.groups.size(), 1U);
  EXPECT_EQ(text("/cgroup/user/app/tarn-7/livy-driver-0/memory.max"), "4294967296");
  EXPECT_EQ(text("/cgroup/user/app/tarn-7/livy-driver-0/memory.swap.max"), "0");
}

TEST_F(ControlGroupsTest, WhereNoGroupCanBoundNothingIsLeftBehind) {
  lay("/proc/self/cgroup", "0::/user/app\n");
  lay("/cgroup/user/app/cgroup.procs");
  const ControlGroups groups = find();
  EXPECT_FALSE(groups.bounds_memory());
  EXPECT_FALSE(groups.bounds_processes());
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/cgroup/user/app/tarn-7"));
  ASSERT_TRUE(groups.make(box_).ok());
  EXPECT_TRUE(box_.groups.empty());
  EXPECT_FALSE(box_.memory_by_group);
}

TEST_F(ControlGroupsTest, AContainerSeesItsOwnGroupAsTheRoot) {
  lay("/proc/self/cgroup", "8:pids:/docker/0a1b\n");
  lay("/cgroup/pids/cgroup.procs");
  lay("/cgroup/pids/tarn-7/pids.max");
  EXPECT_TRUE(find().bounds_processes());
}

TEST_F(ControlGroupsTest, GroupsOfServersThatAreGoneAreRemoved) {
  lay_version_1();
  std::filesystem::create_directories(folder_ + "/cgroup/pids/tarn-5/livy-driver-1");
  std::filesystem::create_directories(folder_ + "/cgroup/pids/tarn-6");
  lay("/proc/6/stat");
  find();
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/cgroup/pids/tarn-5"));
  EXPECT_TRUE(std::filesystem::exists(folder_ + "/cgroup/pids/tarn-6"));
}

TEST_F(ControlGroupsTest, AKillForMemoryIsFound) {
  lay_version_1();
  const ControlGroups groups = find();
  ASSERT_TRUE(groups.make(box_).ok());
  const std::string control = "/cgroup/memory/app/tarn-7/livy-driver-0/memory.oom_control";
  lay(control, "oom_kill_disable 0\nunder_oom 0\noom_kill 0\n");
  EXPECT_FALSE(groups.ran_out_of_memory(box_));
  lay(control, "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n");
  EXPECT_TRUE(groups.ran_out_of_memory(box_));
}

}  // namespace
}  // namespace tarn::sandbox
