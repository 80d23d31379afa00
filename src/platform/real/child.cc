#include "platform/real/child.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstring>
#include <memory>

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

namespace tarn::platform::real {

namespace {

constexpr std::size_t kStackBytes = 64 * 1024;

// What the child needs between clone and exec, and what it leaves behind when it cannot execute.
struct Launch {
  const char* program;
  char* const* arguments;
  char* const* environment;
  const char* directory;
  int* descriptors;
  int descriptor_count;
  pid_t parent;
  sigset_t signals;
  const char* failed_step = nullptr;
  int error = 0;
};

int give_up(Launch& launch, const char* step) {
  launch.error = errno;
  launch.failed_step = step;
  return 127;
}

// Runs in the child, on a stack of its own in the parent's memory: system calls only.
int child_main(void* argument) {
  Launch& launch = *static_cast<Launch*>(argument);
  if (::setpgid(0, 0) != 0) return give_up(launch, "lead a process group");
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return give_up(launch, "be bound to its parent");
  // The parent may have died before the line above.
  if (::getppid() != launch.parent) return give_up(launch, "find its parent");
  struct sigaction standard{};
  standard.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) ::sigaction(number, &standard, nullptr);
  const int count = launch.descriptor_count;
  // First out of the way of those that they become.
  for (int target = 0; target < count; ++target) {
    int& source = launch.descriptors[target];
    source = ::fcntl(source, F_DUPFD, count);
    if (source < 0) return give_up(launch, "take its descriptors");
  }
  for (int target = 0; target < count; ++target) {
    if (::dup2(launch.descriptors[target], target) < 0)
      return give_up(launch, "take its descriptors");
  }
  if (::close_range(static_cast<unsigned>(count), ~0U, 0) != 0)
    return give_up(launch, "close other descriptors");
  if (launch.directory != nullptr && ::chdir(launch.directory) != 0)
    return give_up(launch, "enter its directory");
  ::sigprocmask(SIG_SETMASK, &launch.signals, nullptr);
  ::execve(launch.program, launch.arguments, launch.environment);
  return give_up(launch, "execute");
}

struct Unmap {
  void operator()(void* memory) const { ::munmap(memory, kStackBytes); }
};

}  // namespace

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> out;
  out.reserve(texts.size() + 1);
  for (const std::string& text : texts)
    out.push_back(const_cast<char*>(text.c_str()));  // NOLINT: execve's signature
  out.push_back(nullptr);
  return out;
}

Result<StartedChild> start_child(const ChildPlan& plan) {
  const std::vector<char*> arguments = pointers(plan.arguments);
  const std::vector<char*> environment = pointers(plan.environment);
  std::vector<int> descriptors = plan.descriptors;
  void* memory = ::mmap(nullptr, kStackBytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (memory == MAP_FAILED)
    return Error(code::kIo, fmt::format("no memory to start a process: {}", std::strerror(errno)));
  const std::unique_ptr<void, Unmap> stack(memory);

  Launch launch{};
  launch.program = plan.program.c_str();
  launch.arguments = arguments.data();
  launch.environment = environment.data();
  launch.directory = plan.directory.empty() ? nullptr : plan.directory.c_str();
  launch.descriptors = descriptors.data();
  launch.descriptor_count = static_cast<int>(descriptors.size());
  launch.parent = ::getpid();
  ::sigemptyset(&launch.signals);

  // No handler of the parent may run in the child, which shares its memory.
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  int pidfd = -1;
  const int pid = ::clone(child_main, static_cast<std::byte*>(memory) + kStackBytes,
                          CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, &launch, &pidfd);
  const int error = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);

  if (pid < 0)
    return Error(code::kIo, fmt::format("cannot start {}: {}", plan.program, std::strerror(error)));
  StartedChild child{pid, Descriptor(pidfd)};
  if (launch.failed_step == nullptr) return child;
  ::siginfo_t info{};
  ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED);
  const bool absent = launch.error == ENOENT || launch.error == ENOTDIR;
  return Error(absent ? code::kNotFound : code::kIo,
               fmt::format("cannot start {}: it could not {}: {}", plan.program, launch.failed_step,
                           std::strerror(launch.error)));
}

Result<std::string> find_program(const std::string& name, const std::string& search_path) {
  if (name.find('/') != std::string::npos) return name;
  std::size_t begin = 0;
  while (!name.empty() && begin <= search_path.size()) {
    const std::size_t end = std::min(search_path.find(':', begin), search_path.size());
    std::string candidate = search_path.substr(begin, end - begin) + "/" + name;
    struct stat info{};
    if (::access(candidate.c_str(), X_OK) == 0 && ::stat(candidate.c_str(), &info) == 0 &&
        S_ISREG(info.st_mode)) {
      return candidate;
    }
    begin = end + 1;
  }
  return Error(code::kNotFound, fmt::format("no program {} in {}", name, search_path));
}

}  // namespace tarn::platform::real
