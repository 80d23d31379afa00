// Real sandboxes: small programs of the system, enclosed. Where the tests run as root, they also
// become an ordinary user, as whom most people run tarn.
#include "sandbox/sandboxes.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "platform/real/clock.h"
#include "platform/real/files.h"
#include "platform/real/processes.h"
#include "platform/real/random.h"
#include "platform/real/threads.h"

namespace tarn::sandbox {
namespace {

namespace real = platform::real;

constexpr unsigned kOrdinaryUser = 64999;

class SandboxesTest : public testing::Test {
 protected:
  SandboxesTest() {
    std::string pattern = testing::TempDir() + "tarn-sandbox-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    std::filesystem::permissions(folder_, std::filesystem::perms(0755));
    // The sources may lie where an ordinary user cannot read.
    std::filesystem::copy(TARN_SANDBOX_PROGRAMS, folder_ + "/programs");
    std::ofstream(folder_ + "/secret") << "of the server";
  }
  ~SandboxesTest() override {
    for (const Sandbox& box : opened_) real::run_on(threads_.control(), sandboxes_->close(box));
    sandboxes_.reset();
    threads_.stop();
    std::filesystem::remove_all(folder_);
  }

  Sandboxes& sandboxes(bool as_root = ::geteuid() == 0) {
    Settings settings;
    settings.as_root = as_root;
    settings.server = ::getpid();
    settings.directory = folder_ + "/trial";
    settings.programs = folder_ + "/programs";
    sandboxes_ = std::make_unique<Sandboxes>(platform_, settings);
    real::run_on(threads_.control(), sandboxes_->start());
    return *sandboxes_;
  }

  Sandbox open(const std::string& name, Limits limits = {}) {
    Request request;
    request.name = name;
    request.directory = folder_ + "/" + name;
    request.limits = limits;
    opened_.push_back(sandboxes_->open(request).value());
    return opened_.back();
  }

  // What a shell inside prints.
  std::string run(const Sandbox& box, const std::string& script,
                  const std::vector<std::string>& launcher = {}) {
    platform::ProcessSpec spec;
    spec.arguments = {"/bin/sh", "-c", script};
    spec.output_path = folder_ + "/output";
    std::filesystem::remove(spec.output_path);
    spec = sandboxes_->enclosed(box, std::move(spec));
    spec.arguments.insert(spec.arguments.begin(), launcher.begin(), launcher.end());
    auto process = processes_.spawn(std::move(spec)).value();
    end_ = sandboxes_->ended(real::run_on(threads_.control(), process->wait()));
    std::stringstream out;
    out << std::ifstream(folder_ + "/output").rdbuf();
    return out.str();
  }

  std::string folder_;
  real::Threads threads_{{.io_threads = 1, .blocking_threads = 2}};
  real::Files files_;
  real::Clock clock_{threads_};
  real::Random random_;
  real::Processes processes_{threads_};
  platform::Platform platform_{clock_, random_, threads_, files_, processes_};
  std::unique_ptr<Sandboxes> sandboxes_;
  std::vector<Sandbox> opened_;
  platform::ExitStatus end_;
};

TEST_F(SandboxesTest, AProgramInsideIsAnOrdinaryUserWithoutPrivileges) {
  ASSERT_TRUE(sandboxes().usable().ok()) << sandboxes_->usable().error().message;
  const Sandbox box = open("one");
  EXPECT_EQ(run(box, "id -un; id -u"), "hadoop\n1000\n");
  EXPECT_EQ(run(box, "grep -E 'CapEff|NoNewPrivs' /proc/self/status"),
            "CapEff:\t0000000000000000\nNoNewPrivs:\t1\n");
  EXPECT_EQ(run(box, "cat " + folder_ + "/secret 2>&1; ls " + folder_),
            "cat: " + folder_ + "/secret: No such file or directory\none\n");
  EXPECT_EQ(run(box, "ls -d /proc/[0-9]* | wc -l; hostname").substr(1), "\none\n");
  EXPECT_NE(run(box, "touch /usr/x /x 2>&1").find("Read-only file system"), std::string::npos);
}

TEST_F(SandboxesTest, ForTheHostItIsNobodyWhoOwnsAnything) {
  sandboxes();
  const Sandbox box = open("one");
  run(box, "echo mine > $HOME/file; echo mine > /tmp/file");
  if (::geteuid() == 0) {
    struct stat info{};
    ASSERT_EQ(::stat((box.home + "/file").c_str(), &info), 0);
    EXPECT_EQ(info.st_uid, *box.host_user);
    EXPECT_GE(info.st_uid, 65000U);
  }
  EXPECT_TRUE(std::filesystem::exists(box.temporary + "/file"));
}

TEST_F(SandboxesTest, ASandboxThatIsOpenedAgainKeepsItsUserWhichNoOtherGets) {
  sandboxes();
  const Sandbox before = open("one");
  run(before, "echo mine > $HOME/file; chmod 600 $HOME/file");
  opened_.clear();
  real::run_on(threads_.control(), sandboxes_->close(before));
  // As of the next server, which reserves before it opens any.
  sandboxes().reserve(folder_ + "/one");
  const Sandbox other = open("two");
  const Sandbox again = open("one");
  EXPECT_EQ(run(again, "cat $HOME/file"), "mine\n");
  if (::geteuid() == 0) {
    EXPECT_NE(*again.host_user, *other.host_user);
  }
}

TEST_F(SandboxesTest, SeveralProgramsShareOneSandboxWhereverItsFilesLie) {
  sandboxes();
  std::filesystem::create_directory(folder_ + "/runtime");
  std::ofstream(folder_ + "/runtime/file") << "seen";
  std::filesystem::create_directory_symlink(folder_ + "/runtime", folder_ + "/link");
  Request request;
  request.name = "one";
  request.directory = folder_ + "/one";
  request.readable = {folder_ + "/link"};
  const Sandbox box = sandboxes_->open(request).value();
  opened_.push_back(box);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(run(box, "cat " + folder_ + "/link/file; echo $TMPDIR; touch /tmp/mine"),
              "seen/tmp\n");
  }
  // What is mounted below /tmp stays in its place; the home's files are the user's.
  const std::string top = folder_.substr(0, folder_.find('/', 5));
  EXPECT_NE(run(box, "mv " + top + " /tmp/other 2>&1; ls /tmp").find("mine\n"), std::string::npos);
  EXPECT_TRUE(std::filesystem::exists(box.temporary + top.substr(4)) ||
              !folder_.starts_with("/tmp/"));
}

TEST_F(SandboxesTest, AGivenFileThatIsOpenCanBeOpenedAnew) {
  sandboxes();
  const Sandbox box = open("one");
  const std::string log = folder_ + "/log";
  std::ofstream(log) << "before\n";
  ASSERT_TRUE(sandboxes_->give(box, {log}).ok());
  platform::ProcessSpec spec;
  spec.arguments = {"/bin/sh", "-c", "echo once >&3; echo again >>/proc/self/fd/3; ls " + log};
  spec.more_outputs = {log};
  const auto process = processes_.spawn(sandboxes_->enclosed(box, std::move(spec))).value();
  EXPECT_FALSE(real::run_on(threads_.control(), process->wait()).success());
  std::stringstream text;
  text << std::ifstream(log).rdbuf();
  EXPECT_EQ(text.str(), "before\nonce\nagain\n");
}

TEST_F(SandboxesTest, SudoMakesAccountsInsideAndChangesNothingOutside) {
  sandboxes();
  const Sandbox box = open("one");
  std::stringstream before;
  before << std::ifstream("/etc/group").rdbuf();
  EXPECT_EQ(run(box,
                "sudo groupadd analysts && sudo -n usermod -aG analysts $USER && sudo id -u && "
                "getent group analysts | cut -d: -f 1,4"),
            "0\nanalysts:hadoop\n");
  EXPECT_TRUE(end_.success());
  std::stringstream after;
  after << std::ifstream("/etc/group").rdbuf();
  EXPECT_EQ(after.str(), before.str());
  // Root inside is not root of the machine.
  EXPECT_NE(run(box, "sudo mount -t tmpfs none /mnt 2>&1 || sudo touch /usr/x 2>&1").find("x'"),
            std::string::npos);
  EXPECT_NE(run(box, "sudo -u livy true 2>&1").find("the user livy has no processes here"),
            std::string::npos);
}

TEST_F(SandboxesTest, ProgramsOfOneSandboxShareItsFilesAndSeeNoOthers) {
  sandboxes();
  const Sandbox one = open("one");
  const Sandbox two = open("two");
  run(one, "echo a > ~/file; sudo groupadd of-one");
  EXPECT_EQ(run(one, "cat ~/file; getent group of-one | cut -d: -f 1"), "a\nof-one\n");
  EXPECT_EQ(run(two, "ls " + one.home + " " + folder_ + " 2>/dev/null; getent group of-one"),
            folder_ + ":\ntwo\n");
}

TEST_F(SandboxesTest, ASignalAndAnExitCodeComeOut) {
  sandboxes();
  const Sandbox box = open("one");
  run(box, "exit 3");
  EXPECT_EQ(end_.text(), "exit code 3");
  run(box, "kill -9 $$");
  EXPECT_EQ(end_.text(), "killed by signal 9");
}

TEST_F(SandboxesTest, ProcessesAreBounded) {
  sandboxes();
  const Sandbox box = open("one", {0, 50});
  const std::string said =
      run(box, "i=0; while [ $i -lt 100 ]; do sleep 5 & i=$((i+1)); done 2>&1; echo all");
  EXPECT_EQ(said.find("all"), std::string::npos) << said;
  EXPECT_NE(said.find("ork"), std::string::npos) << said;
}

TEST_F(SandboxesTest, AnOrdinaryUserOfTheMachineMakesThemToo) {
  if (::geteuid() != 0) {
    EXPECT_TRUE(sandboxes().usable().ok());
    return;
  }
  sandboxes(false);
  Sandbox box = open("one", {0, 50});
  box.groups.clear();  // an ordinary user may make none
  const std::string who = std::to_string(kOrdinaryUser);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_ + "/one"))
    ASSERT_TRUE(files_.change_owner(entry.path(), kOrdinaryUser, kOrdinaryUser).ok());
  ASSERT_TRUE(files_.change_owner(folder_ + "/one", kOrdinaryUser, kOrdinaryUser).ok());
  const std::vector<std::string> become = {"/usr/bin/setpriv",
                                           "--reuid=" + who,
                                           "--regid=" + who,
                                           "--clear-groups",
                                           "--bounding-set=-all",
                                           "--inh-caps=-all",
                                           "--"};
  EXPECT_EQ(
      run(box, "id -un; sudo groupadd x && sudo usermod -aG x hadoop && id -Gn hadoop", become),
      "hadoop\nhadoop x\n");
  EXPECT_EQ(run(box, "ls " + folder_ + "; grep CapEff /proc/self/status", become),
            "one\nCapEff:\t0000000000000000\n");
  const std::string said =
      run(box, "i=0; while [ $i -lt 100 ]; do sleep 5 & i=$((i+1)); done 2>&1; echo all", become);
  EXPECT_EQ(said.find("all"), std::string::npos) << said;
}

TEST_F(SandboxesTest, WithoutASandboxProgramsRunAsTheyAre) {
  Settings settings;
  settings.mode = Mode::kNone;
  sandboxes_ = std::make_unique<Sandboxes>(platform_, settings);
  EXPECT_TRUE(sandboxes_->usable().ok());
  const Sandbox box = open("one");
  EXPECT_EQ(run(box, "cat " + folder_ + "/secret"), "of the server");
  run(box, "exit 137");
  EXPECT_EQ(end_.text(), "exit code 137");
}

}  // namespace
}  // namespace tarn::sandbox
