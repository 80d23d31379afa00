#include "platform/real/processes.h"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "platform/real/clock.h"

namespace tarn::platform::real {
namespace {

using std::chrono::milliseconds;

class ProcessesTest : public testing::Test {
 protected:
  ProcessesTest() {
    std::string pattern = testing::TempDir() + "tarn-processes-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  ~ProcessesTest() override { std::filesystem::remove_all(folder_); }

  ProcessSpec shell(const std::string& script) const {
    ProcessSpec spec;
    spec.arguments = {"sh", "-c", script};
    spec.environment = {{"PATH", "/usr/bin:/bin"}};
    spec.output_path = folder_ + "/out";
    return spec;
  }

  ExitStatus finish(Process& process) { return run_on(threads_.io(0), process.wait()); }

  std::string run(const std::string& script) {
    auto process = processes_.spawn(shell(script)).value();
    EXPECT_TRUE(finish(*process).success()) << output();
    return output();
  }

  std::string output() const {
    std::stringstream text;
    text << std::ifstream(folder_ + "/out").rdbuf();
    return text.str();
  }

  std::string folder_;
  Threads threads_{{.io_threads = 1, .blocking_threads = 1}};
  Processes processes_{threads_};
};

// True once no such process is left (a zombie counts as gone).
bool gone(int pid) {
  for (int i = 0; i < 500; ++i) {
    std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
    std::string id;
    std::string name;
    std::string state;
    if (!(stat >> id >> name >> state) || state == "Z") return true;
    ::usleep(10'000);
  }
  return false;
}

TEST_F(ProcessesTest, TellsHowTheChildEnded) {
  auto good = processes_.spawn(shell("exit 0")).value();
  EXPECT_TRUE(finish(*good).success());
  auto bad = processes_.spawn(shell("exit 7")).value();
  EXPECT_EQ(finish(*bad).text(), "exit code 7");
  auto killed = processes_.spawn(shell("kill -TERM $$")).value();
  EXPECT_EQ(finish(*killed).text(), "killed by signal 15");
  EXPECT_EQ(finish(*killed).signal, SIGTERM);  // asked again
  EXPECT_TRUE(killed->exited().has_value());
}

TEST_F(ProcessesTest, AProgramThatIsNotThereIsNotFound) {
  ProcessSpec spec;
  spec.arguments = {"no-such-program-of-tarn"};
  EXPECT_EQ(processes_.spawn(spec).error().code, code::kNotFound);
  spec.arguments = {"/no/such/program"};
  const auto absent = processes_.spawn(spec);
  EXPECT_EQ(absent.error().code, code::kNotFound);
  EXPECT_EQ(absent.error().message,
            "cannot start /no/such/program: it could not execute: No such file or directory");
  ProcessSpec nowhere = shell("true");
  nowhere.directory = "/no/such/folder";
  EXPECT_EQ(processes_.spawn(nowhere).error().code, code::kNotFound);
}

TEST_F(ProcessesTest, TheChildSeesOnlyTheEnvironmentOfItsSpec) {
  ::setenv("TARN_TEST_LEAK", "1", 1);
  ProcessSpec spec;
  spec.arguments = {"/usr/bin/env"};
  spec.environment = {{"A", "1"}, {"B", "two words"}};
  spec.output_path = folder_ + "/out";
  auto process = processes_.spawn(spec).value();
  EXPECT_TRUE(finish(*process).success());
  EXPECT_EQ(output(), "A=1\nB=two words\n");
}

TEST_F(ProcessesTest, TheChildInheritsNoDescriptorOfTheServer) {
  // Left open on purpose without close-on-exec.
  const int leak = ::open("/dev/null", O_RDONLY);  // NOLINT(android-cloexec-open)
  // 3 is the folder that ls itself has open.
  EXPECT_EQ(run("ls /proc/self/fd | tr '\\n' ' '"), "0 1 2 3 ");
  ::close(leak);
}

TEST_F(ProcessesTest, TheChildHasStandardSignalsAndLeadsItsGroup) {
  const std::string ignored = run("grep SigIgn /proc/self/status");
  EXPECT_EQ(ignored, "SigIgn:\t0000000000000000\n");
  auto process = processes_.spawn(shell("sleep 100")).value();
  EXPECT_EQ(::getpgid(process->pid()), process->pid());
}

TEST_F(ProcessesTest, WorksInItsDirectory) {
  ProcessSpec spec = shell("pwd -P");
  spec.directory = "/usr";
  auto process = processes_.spawn(spec).value();
  EXPECT_TRUE(finish(*process).success());
  EXPECT_EQ(output(), "/usr\n");
}

TEST_F(ProcessesTest, TheWholeGroupGoesWithItsProcess) {
  auto process = processes_.spawn(shell("sleep 100 & echo $!; wait")).value();
  const int leader = process->pid();
  while (output().find('\n') == std::string::npos) ::usleep(1000);
  const int grandchild = std::stoi(output());
  ASSERT_EQ(::kill(grandchild, 0), 0);
  process.reset();
  EXPECT_TRUE(gone(leader));
  EXPECT_TRUE(gone(grandchild));
}

TEST_F(ProcessesTest, WhatALeaderLeavesBehindGoesWithItsProcessToo) {
  auto process = processes_.spawn(shell("sleep 100 >/dev/null & echo $!")).value();
  EXPECT_TRUE(finish(*process).success());
  const int left = std::stoi(output());
  ASSERT_EQ(::kill(left, 0), 0);
  process.reset();
  EXPECT_TRUE(gone(left));
}

TEST_F(ProcessesTest, AnAbandonedChildIsReaped) {
  auto process = processes_.spawn(shell("sleep 100")).value();
  const int pid = process->pid();
  process.reset();
  for (int i = 0; i < 500 && ::kill(pid, 0) == 0; ++i) ::usleep(10'000);
  EXPECT_EQ(::kill(pid, 0), -1);  // not even a zombie
}

TEST_F(ProcessesTest, ChildrenDieWithTheServer) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const int server = ::fork();
  if (server == 0) {
    Threads threads({.io_threads = 1});
    Processes processes(threads);
    auto process = processes.spawn(shell("sleep 100")).value();
    const int pid = process->pid();
    if (::write(ends[1], &pid, sizeof(pid)) != sizeof(pid)) ::_exit(1);
    ::raise(SIGKILL);
  }
  int pid = 0;
  ASSERT_EQ(::read(ends[0], &pid, sizeof(pid)), ssize_t{sizeof(pid)});
  ::close(ends[0]);
  ::close(ends[1]);
  int status = 0;
  ::waitpid(server, &status, 0);
  EXPECT_EQ(WTERMSIG(status), SIGKILL);
  EXPECT_TRUE(gone(pid));
}

Task<Status> send(Process& process, std::string text) {
  co_return co_await process.write(std::move(text));
}

Task<std::vector<std::string>> read_all(Process& process, std::size_t max_bytes) {
  std::vector<std::string> lines;
  for (;;) {
    Result<std::optional<std::string>> line = co_await process.read_line(max_bytes);
    if (!line.ok()) {
      lines.push_back("(" + line.error().code + ")");
      if (line.error().is(code::kCancelled)) co_return lines;
      continue;
    }
    if (!line->has_value()) co_return lines;
    lines.push_back(**line);
  }
}

TEST_F(ProcessesTest, TalksByLinesThroughPipes) {
  ProcessSpec spec =
      shell("while read -r line; do echo \"<$line>\"; [ $line = end ] && exit; done");
  spec.with_pipes = true;
  auto process = processes_.spawn(spec).value();
  EXPECT_TRUE(run_on(threads_.io(0), send(*process, "one\ntwo\n\nend\n")).ok());
  const auto lines = run_on(threads_.io(0), read_all(*process, 100));
  EXPECT_EQ(lines, (std::vector<std::string>{"<one>", "<two>", "<>", "<end>"}));
  // Standard error goes to the file.
  EXPECT_EQ(output().find('<'), std::string::npos);
}

TEST_F(ProcessesTest, FurtherOutputsAreAppendedToByTheirDescriptors) {
  ProcessSpec spec = shell("echo first >&3; echo second >&4; echo mine; ls /proc/self/fd | wc -l");
  spec.more_outputs = {folder_ + "/three", folder_ + "/four"};
  std::ofstream(spec.more_outputs[0]) << "before\n";
  auto process = processes_.spawn(spec).value();
  EXPECT_TRUE(finish(*process).success());
  const auto read = [](const std::string& path) {
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  };
  EXPECT_EQ(read(spec.more_outputs[0]), "before\nfirst\n");
  EXPECT_EQ(read(spec.more_outputs[1]), "second\n");
  // Five, and the one that ls reads the folder by.
  EXPECT_EQ(output(), "mine\n6\n");
}

TEST_F(ProcessesTest, ALineTooLongIsRefusedAndTheNextOnesAreRead) {
  ProcessSpec spec =
      shell("echo short; head -c 200000 /dev/zero | tr '\\0' x; echo; echo after; printf rest");
  spec.with_pipes = true;
  auto process = processes_.spawn(spec).value();
  const auto lines = run_on(threads_.control(), read_all(*process, 1000));
  EXPECT_EQ(lines, (std::vector<std::string>{"short", "(Tarn.Invalid)", "after", "rest"}));
}

TEST_F(ProcessesTest, WritingToAChildThatHasGoneIsAnErrorNotASignal) {
  ProcessSpec spec = shell("exit 0");
  spec.with_pipes = true;
  auto process = processes_.spawn(spec).value();
  EXPECT_TRUE(finish(*process).success());
  EXPECT_EQ(run_on(threads_.io(0), send(*process, "x\n")).error().code, code::kCancelled);
}

TEST_F(ProcessesTest, AReaderLearnsThatItsProcessWasGivenUp) {
  ProcessSpec spec = shell("sleep 100");
  spec.with_pipes = true;
  auto process = processes_.spawn(spec).value();
  std::promise<std::vector<std::string>> lines;
  threads_.io(0).post([&] {
    start(read_all(*process, 100),
          [&](std::vector<std::string> read) { lines.set_value(std::move(read)); });
  });
  ::usleep(50'000);
  process.reset();
  auto read = lines.get_future();
  ASSERT_EQ(read.wait_for(std::chrono::seconds(10)), std::future_status::ready);
  EXPECT_LE(read.get().size(), 1U);
}

TEST_F(ProcessesTest, StartsManyChildrenFromManyThreads) {
  std::vector<std::thread> threads;
  std::atomic<int> good = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 10; ++i) {
        ProcessSpec spec;
        spec.arguments = {"true"};
        auto process = processes_.spawn(spec).value();
        std::promise<ExitStatus> ended;
        start(process->wait(), [&](ExitStatus status) { ended.set_value(status); });
        if (ended.get_future().get().success()) ++good;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(good, 40);
}

}  // namespace
}  // namespace tarn::platform::real
