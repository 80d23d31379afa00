#include "sandbox/sandbox.h"

#include <algorithm>
#include <set>
#include <string_view>

#include <fmt/format.h>

namespace tarn::sandbox {

namespace {

using Words = std::vector<std::string>;

void add(Words& line, std::initializer_list<std::string> words) {
  line.insert(line.end(), words);
}

bool is_below(std::string_view path, std::string_view folder) {
  return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
}

// The mounts, in their order; each later one may lie within an earlier one.
class Mounts {
 public:
  explicit Mounts(Words& line) : line_(line) {}

  void read_only(const std::string& real) {
    if (is_there(real)) return;
    make_parents(real);
    add(line_, {"--ro-bind", real, real});
    bound_.push_back(real);
  }
  void link(const std::string& path, const std::string& target) {
    if (is_there(path)) return;
    make_parents(path);
    // In a folder that is kept, the link would be there already the next time.
    if (is_below(path, "/tmp") || is_below(path, "/var/tmp")) {
      add(line_, {"--ro-bind", target, path});
    } else {
      add(line_, {"--symlink", target, path});
    }
  }
  void writable(const std::string& source, const std::string& path) {
    make_parents(path);
    add(line_, {"--bind", source, path});
  }
  void bound_already(std::string path) { bound_.push_back(std::move(path)); }

 private:
  [[nodiscard]] bool is_there(const std::string& path) const {
    return std::any_of(bound_.begin(), bound_.end(), [&](const std::string& folder) {
      return path == folder || is_below(path, folder);
    });
  }
  // Folders that others may enter, where bubblewrap's own would take after the host's.
  void make_parents(const std::string& path) {
    for (std::size_t end = path.find('/', 1); end != std::string::npos;
         end = path.find('/', end + 1)) {
      std::string parent = path.substr(0, end);
      if (is_there(parent) || !made_.insert(parent).second) continue;
      add(line_, {"--dir", std::move(parent)});
    }
  }

  Words& line_;
  Words bound_;
  std::set<std::string> made_ = {"/tmp", "/etc", "/var", "/var/tmp", "/opt", "/proc", "/dev"};
};

void add_system(Words& line, Mounts& mounts) {
  add(line, {"--ro-bind", "/usr", "/usr"});
  mounts.bound_already("/usr");
  for (const char* folder : {"/bin", "/sbin", "/lib", "/lib32", "/lib64"}) {
    add(line, {"--ro-bind-try", folder, folder});
    mounts.bound_already(folder);
  }
  for (const char* folder : {"/var", "/opt", "/opt/tarn", "/run"}) add(line, {"--dir", folder});
  add(line, {"--proc", "/proc", "--dev", "/dev"});
}

void add_own(Words& line, Mounts& mounts, const Sandbox& box) {
  // Sticky: what is mounted below it cannot be taken away by the user.
  add(line, {"--bind", box.temporary, "/tmp", "--bind", box.temporary, "/var/tmp"});
  add(line, {"--chmod", "1777", "/tmp"});
  add(line, {"--bind", box.etc, "/etc"});
  for (const std::string& name : box.etc_folders)
    add(line, {"--ro-bind", "/etc/" + name, "/etc/" + name});
  if (!box.programs.empty()) {
    add(line, {"--ro-bind", box.programs, kProgramsInside});
    if (box.replaces_sudo) add(line, {"--ro-bind", box.programs + "/sudo", "/usr/bin/sudo"});
  }
  for (const Readable& readable : box.readable) {
    mounts.read_only(readable.real);
    if (readable.path != readable.real) mounts.link(readable.path, readable.real);
  }
  mounts.writable(box.home, box.home);
  for (const std::string& path : box.writable) mounts.writable(path, path);
}

Words bubblewrap(const Sandbox& box, const std::string& directory) {
  Words line = {"/usr/bin/bwrap",    "--unshare-pid", "--unshare-ipc",
                "--unshare-uts",     "--hostname",    box.host_name,
                "--die-with-parent", "--new-session", "--unshare-cgroup-try"};
  if (!box.host_user) {
    const std::string id = std::to_string(kUserId);
    add(line, {"--unshare-user", "--uid", id, "--gid", id});
  }
  Mounts mounts(line);
  add_system(line, mounts);
  add_own(line, mounts, box);
  // What is left of the root is a file system in memory: nothing may be put there.
  add(line, {"--remount-ro", "/", "--chdir", directory.empty() ? box.home : directory, "--"});
  return line;
}

// From root to a user of the host without any capability, and from there into a user namespace.
void add_descent(Words& line, unsigned host_user) {
  const std::string id = std::to_string(host_user);
  add(line, {"/usr/bin/setpriv", "--reuid=" + id, "--regid=" + id, "--clear-groups",
             "--inh-caps=-all", "--bounding-set=-all", "--no-new-privs", "--"});
  add(line, {"/usr/bin/unshare", fmt::format("--map-user={}", kUserId),
             fmt::format("--map-group={}", kUserId), "--"});
}

// Inside the user namespace, where the kernel counts this sandbox's processes alone (since Linux
// 5.14, https://lore.kernel.org/all/cover.1619094428.git.legion@kernel.org/).
void add_resource_limits(Words& line, const Sandbox& box) {
  add(line, {"/usr/bin/prlimit", "--core=0"});
  if (box.limits.processes > 0) {
    const std::string most = std::to_string(box.limits.processes);
    line.push_back(fmt::format("--nproc={}:{}", most, most));
  }
  if (box.limits.memory_bytes > 0 && !box.memory_by_group) {
    const std::string most = std::to_string(box.limits.memory_bytes);
    line.push_back(fmt::format("--data={}:{}", most, most));
  }
  line.emplace_back("--");
}

// Enters the groups before anything of the sandbox runs; $$ stays the process that the server
// knows. Where the machine itself runs out of memory, programs of users end before the server does
// (proc(5), oom_score_adj); who has a higher score already keeps it.
constexpr const char* kEnter =
    "echo 500 2>/dev/null >/proc/self/oom_score_adj; "
    "while [ \"$1\" != -- ]; do echo $$ >\"$1\" || exit 125; shift; done; shift; exec \"$@\"";

Words whole_line(const Sandbox& box, const platform::ProcessSpec& spec) {
  Words line = {"/bin/sh", "-c", kEnter, "sh"};
  line.insert(line.end(), box.groups.begin(), box.groups.end());
  line.emplace_back("--");
  const Words enclosure = bubblewrap(box, spec.directory);
  line.insert(line.end(), enclosure.begin(), enclosure.end());
  if (box.host_user) add_descent(line, *box.host_user);
  add_resource_limits(line, box);
  line.insert(line.end(), spec.arguments.begin(), spec.arguments.end());
  return line;
}

}  // namespace

platform::ProcessSpec enclose(const Sandbox& sandbox, platform::ProcessSpec spec) {
  spec.arguments = whole_line(sandbox, spec);
  spec.directory = "/";
  auto& environment = spec.environment;
  environment["USER"] = environment["LOGNAME"] = kUser;
  environment["TMPDIR"] = "/tmp";
  environment.emplace("SHELL", "/bin/bash");
  environment.emplace("HOME", sandbox.home);
  std::string& path = environment.emplace("PATH", "/usr/bin:/bin").first->second;
  path = fmt::format("{}:{}:/usr/sbin:/sbin", kProgramsInside, path);
  return spec;
}

platform::ExitStatus ended_inside(platform::ExitStatus outside) {
  // 64 signals: signal(7).
  if (outside.signal != 0 || outside.code <= 128 || outside.code > 128 + 64) return outside;
  return {0, outside.code - 128};
}

}  // namespace tarn::sandbox
