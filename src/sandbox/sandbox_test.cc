// The command line that a description becomes.
#include "sandbox/sandbox.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "sandbox/own_etc.h"

namespace tarn::sandbox {
namespace {

using Words = std::vector<std::string>;

Sandbox session() {
  Sandbox box;
  box.name = "livy-driver-3";
  box.host_name = "livy-driver-3";
  box.home = "/data/livy/driver-3/home";
  box.temporary = "/data/livy/driver-3/tmp";
  box.etc = "/data/livy/driver-3/etc";
  box.programs = "/share/sandbox";
  return box;
}

Words line_of(const Sandbox& box) {
  platform::ProcessSpec spec;
  spec.arguments = {"python", "-m", "tarn_session"};
  return enclose(box, spec).arguments;
}

// Where `part` begins in `line`; the size of `line` where it is not in it.
std::size_t place_of(const Words& line, const Words& part) {
  return static_cast<std::size_t>(std::search(line.begin(), line.end(), part.begin(), part.end()) -
                                  line.begin());
}

bool has(const Words& line, const Words& part) {
  return place_of(line, part) < line.size();
}

TEST(Enclose, TheProgramComesLastAndSeesFoldersOfItsOwn) {
  const Words line = line_of(session());
  EXPECT_TRUE(has(line, {"sh", "--", "/usr/bin/bwrap"}));
  EXPECT_EQ(Words(line.end() - 3, line.end()), (Words{"python", "-m", "tarn_session"}));
  EXPECT_TRUE(has(line, {"--bind", "/data/livy/driver-3/home", "/data/livy/driver-3/home"}));
  EXPECT_TRUE(has(line, {"--bind", "/data/livy/driver-3/tmp", "/tmp"}));
  EXPECT_TRUE(has(line, {"--bind", "/data/livy/driver-3/etc", "/etc"}));
  EXPECT_TRUE(has(line, {"--ro-bind", "/usr", "/usr"}));
  EXPECT_TRUE(has(line, {"--chdir", "/data/livy/driver-3/home"}));
  for (const char* option :
       {"--unshare-pid", "--unshare-ipc", "--unshare-uts", "--die-with-parent", "--new-session"}) {
    EXPECT_TRUE(has(line, {option})) << option;
  }
  // Nothing of the server's data but the home.
  EXPECT_FALSE(has(line, {"--ro-bind", "/data", "/data"}));
}

TEST(Enclose, AnOrdinaryServerUsesAUserNamespace) {
  const Words line = line_of(session());
  EXPECT_TRUE(has(line, {"--unshare-user", "--uid", "1000", "--gid", "1000"}));
  EXPECT_FALSE(has(line, {"/usr/bin/setpriv"}));
}

TEST(Enclose, AServerThatIsRootGoesDownToAUserWithoutCapabilitiesFirst) {
  Sandbox box = session();
  box.host_user = 65003;
  const Words line = line_of(box);
  EXPECT_FALSE(has(line, {"--unshare-user"}));
  const std::size_t descent =
      place_of(line, {"/usr/bin/setpriv", "--reuid=65003", "--regid=65003", "--clear-groups",
                      "--inh-caps=-all", "--bounding-set=-all", "--no-new-privs", "--"});
  const std::size_t inner =
      place_of(line, {"/usr/bin/unshare", "--map-user=1000", "--map-group=1000", "--"});
  EXPECT_LT(descent, inner);
  EXPECT_LT(inner, line.size());
}

TEST(Enclose, WhatIsReadableKeepsItsPathAndItsLinks) {
  Sandbox box = session();
  box.readable = {{"/build/runtime/jars", "/cache/runtime/jars"},
                  {"/usr/lib/jvm/java-17", "/usr/lib/jvm/java-17-openjdk"},
                  {"/data/tls/bundle.pem", "/data/tls/bundle.pem"}};
  const Words line = line_of(box);
  EXPECT_TRUE(has(line, {"--ro-bind", "/cache/runtime/jars", "/cache/runtime/jars"}));
  EXPECT_TRUE(has(line, {"--symlink", "/cache/runtime/jars", "/build/runtime/jars"}));
  EXPECT_TRUE(has(line, {"--ro-bind", "/data/tls/bundle.pem", "/data/tls/bundle.pem"}));
  // /usr is there as a whole, with the link.
  EXPECT_FALSE(has(line, {"/usr/lib/jvm/java-17"}));
  // Folders on the way are made before, so that others than root may pass.
  EXPECT_LT(place_of(line, {"--dir", "/cache"}),
            place_of(line, {"--ro-bind", "/cache/runtime/jars"}));
}

TEST(Enclose, TheRootIsClosedAfterTheLastMount) {
  Sandbox box = session();
  box.writable = {"/data/emr/shared"};
  const Words line = line_of(box);
  EXPECT_LT(place_of(line, {"--bind", "/data/emr/shared", "/data/emr/shared"}),
            place_of(line, {"--remount-ro", "/"}));
}

TEST(Enclose, LimitsAreSetInsideAndGroupsEnteredBefore) {
  Sandbox box = session();
  box.limits = {std::uint64_t{1} << 30, 2048};
  EXPECT_TRUE(has(line_of(box), {"/usr/bin/prlimit", "--core=0", "--nproc=2048:2048",
                                 "--data=1073741824:1073741824", "--"}));
  box.groups = {"/sys/fs/cgroup/memory/tarn-7/livy-driver-3/cgroup.procs"};
  box.memory_by_group = true;
  const Words line = line_of(box);
  EXPECT_TRUE(has(line, {"sh", box.groups[0], "--", "/usr/bin/bwrap"}));
  EXPECT_TRUE(has(line, {"--nproc=2048:2048", "--"}));
}

TEST(Enclose, TheEnvironmentNamesTheUserAndItsPrograms) {
  platform::ProcessSpec spec;
  spec.arguments = {"true"};
  spec.environment = {{"PATH", "/runtime/bin:/usr/bin"}, {"HOME", "/h"}, {"USER", "root"}};
  const auto environment = enclose(session(), spec).environment;
  EXPECT_EQ(environment.at("USER"), "hadoop");
  EXPECT_EQ(environment.at("HOME"), "/h");
  EXPECT_EQ(environment.at("PATH"), "/opt/tarn/bin:/runtime/bin:/usr/bin:/usr/sbin:/sbin");
}

TEST(EndedInside, ASignalOfTheProgramIsTakenForOne) {
  EXPECT_EQ(ended_inside({137, 0}).text(), "killed by signal 9");
  EXPECT_EQ(ended_inside({3, 0}).text(), "exit code 3");
  EXPECT_EQ(ended_inside({0, 9}).text(), "killed by signal 9");
  EXPECT_EQ(ended_inside({128, 0}).text(), "exit code 128");
  EXPECT_EQ(ended_inside({193, 0}).text(), "exit code 193");
}

TEST(OwnEtc, HasAccountsOfItsOwnWithoutPasswords) {
  const auto etc = own_etc("/h", "box", "127.0.0.1 localhost\n10.0.0.1 db");
  EXPECT_NE(etc.at("passwd").find("hadoop:x:1000:1000::/h:/bin/bash\n"), std::string::npos);
  EXPECT_NE(etc.at("shadow").find("hadoop:*:"), std::string::npos);
  EXPECT_NE(etc.at("group").find("hdfsadmingroup:x:"), std::string::npos);
  EXPECT_EQ(etc.at("hosts"), "127.0.0.1 localhost\n10.0.0.1 db\n127.0.0.1 box\n");
}

}  // namespace
}  // namespace tarn::sandbox
