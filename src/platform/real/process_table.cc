#include "platform/real/process_table.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include <fcntl.h>
#include <spawn.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <fmt/format.h>

#include "platform/real/child.h"
#include "platform/real/descriptor.h"

namespace tarn::platform::real {

namespace {

constexpr std::string_view kListening = "0A";  // TCP_LISTEN in /proc/net/tcp

std::vector<std::string> joined(const std::map<std::string, std::string>& environment) {
  std::vector<std::string> out;
  out.reserve(environment.size());
  for (const auto& [name, value] : environment) out.push_back(fmt::format("{}={}", name, value));
  return out;
}

Error start_error(const std::string& program, int error) {
  return {error == ENOENT ? code::kNotFound : code::kIo,
          fmt::format("cannot start {}: {}", program, std::strerror(error))};
}

// Socket inodes that listen on `port`, from one of /proc/net/tcp and tcp6
// (https://www.kernel.org/doc/html/latest/networking/proc_net_tcp.html).
void find_listeners(const char* table, std::uint16_t port, std::vector<std::string>& inodes) {
  std::ifstream lines(table);
  std::string line;
  const std::string suffix = fmt::format(":{:04X}", port);
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::array<std::string, 10> field;
    for (std::string& word : field) words >> word;
    if (field[1].ends_with(suffix) && field[3] == kListening)
      inodes.push_back(fmt::format("socket:[{}]", field[9]));
  }
}

bool holds(const std::filesystem::path& process, const std::vector<std::string>& sockets) {
  std::error_code error;
  for (std::filesystem::directory_iterator entry(process / "fd", error), end;
       !error && entry != end; entry.increment(error)) {
    std::error_code unreadable;
    const std::string target = std::filesystem::read_symlink(entry->path(), unreadable).string();
    if (std::find(sockets.begin(), sockets.end(), target) != sockets.end()) return true;
  }
  return false;
}

std::string command_of(int pid) {
  std::ifstream file(fmt::format("/proc/{}/cmdline", pid), std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  while (!text.empty() && text.back() == '\0') text.pop_back();
  std::replace(text.begin(), text.end(), '\0', ' ');
  return text.substr(0, 200);
}

std::optional<int> to_pid(std::string_view text) {
  int pid = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), pid);
  if (error != std::errc() || pid <= 0) return std::nullopt;
  return pid;
}

sigset_t stop_set() {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) ::sigaddset(&set, number);
  return set;
}

}  // namespace

std::optional<int> lock_holder(const std::string& path) {
  const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return std::nullopt;
  // Held for microseconds; Files::lock tries more than once.
  if (::flock(fd.get(), LOCK_SH | LOCK_NB) == 0) return std::nullopt;
  std::array<char, 32> text{};
  const ssize_t got = ::pread(fd.get(), text.data(), text.size(), 0);
  return to_pid({text.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0))});
}

Status send_signal(int pid, int number) {
  if (::kill(pid, number) == 0) return {};
  return Error(errno == ESRCH ? code::kNotFound : code::kIo,
               fmt::format("cannot signal process {}: {}", pid, std::strerror(errno)));
}

std::optional<Listener> listener_on(std::uint16_t port) {
  std::vector<std::string> sockets;
  find_listeners("/proc/net/tcp", port, sockets);
  find_listeners("/proc/net/tcp6", port, sockets);
  if (sockets.empty()) return std::nullopt;
  std::error_code error;
  for (std::filesystem::directory_iterator entry("/proc", error), end; !error && entry != end;
       entry.increment(error)) {
    const std::optional<int> pid = to_pid(entry->path().filename().string());
    if (pid && holds(entry->path(), sockets)) return Listener{*pid, command_of(*pid)};
  }
  return std::nullopt;
}

Result<std::uint16_t> free_port(const std::string& host) {
  using boost::asio::ip::tcp;
  boost::asio::io_context context;
  boost::system::error_code error;
  tcp::resolver resolver(context);
  const auto found = resolver.resolve(host, "0", error);
  tcp::acceptor acceptor(context);
  if (!error) acceptor.open(found.begin()->endpoint().protocol(), error);
  if (!error) acceptor.bind(found.begin()->endpoint(), error);
  if (error) {
    return Error(code::kInvalid,
                 fmt::format("'{}' is no address of this machine: {}", host, error.message()));
  }
  return acceptor.local_endpoint().port();
}

void keep_files_private() {
  ::umask(0077);
}

void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

Result<int> start_background(const BackgroundSpec& spec) {
  const std::vector<std::string> environment = joined(spec.environment);
  const std::string& program = spec.arguments.at(0);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions, 1, spec.output_path.c_str(),
                                     O_WRONLY | O_CREAT | O_TRUNC, 0600);
  ::posix_spawn_file_actions_adddup2(&actions, 1, 2);
  ::posix_spawn_file_actions_addclosefrom_np(&actions, 3);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
  pid_t pid = 0;
  const int error = ::posix_spawn(&pid, program.c_str(), &actions, &attributes,
                                  pointers(spec.arguments).data(), pointers(environment).data());
  ::posix_spawn_file_actions_destroy(&actions);
  ::posix_spawnattr_destroy(&attributes);
  if (error != 0) return start_error(program, error);
  return pid;
}

std::optional<ExitStatus> background_end(int pid) {
  int status = 0;
  if (::waitpid(pid, &status, WNOHANG) != pid) return std::nullopt;
  ExitStatus ended;
  if (WIFSIGNALED(status)) ended.signal = WTERMSIG(status);
  if (WIFEXITED(status)) ended.code = WEXITSTATUS(status);
  return ended;
}

Error become_program(const std::vector<std::string>& arguments,
                     const std::map<std::string, std::string>& environment) {
  const std::vector<std::string> texts = joined(environment);
  ::execve(arguments.at(0).c_str(), pointers(arguments).data(), pointers(texts).data());
  return start_error(arguments.at(0), errno);
}

StopSignals::StopSignals() {
  const sigset_t set = stop_set();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

int StopSignals::wait() {
  const sigset_t set = stop_set();
  int number = 0;
  while (::sigwait(&set, &number) != 0) {
  }
  ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  return number;
}

std::optional<int> StopSignals::wait_for(std::chrono::milliseconds duration) {
  const sigset_t set = stop_set();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(duration);
  const std::chrono::nanoseconds rest = duration - seconds;
  timespec limit{};
  limit.tv_sec = static_cast<time_t>(seconds.count());
  limit.tv_nsec = static_cast<decltype(limit.tv_nsec)>(rest.count());
  const int number = ::sigtimedwait(&set, nullptr, &limit);
  return number > 0 ? std::optional(number) : std::nullopt;
}

std::string program_path() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).string();
}

void pause_thread(std::chrono::milliseconds duration) {
  std::this_thread::sleep_for(duration);
}

}  // namespace tarn::platform::real
