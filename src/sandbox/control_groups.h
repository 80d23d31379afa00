// ControlGroups: bounds of memory and processes that the kernel keeps over all of a sandbox.
//
// Place: sandbox. Threads: safe from any thread after find(). Everything blocks for microseconds.
//
// One folder `tarn-PID` of the server in the group it runs in, one group in it for each sandbox.
// Both versions of the interface are used, whichever the machine has (cgroups(7)): of version 1 the
// hierarchies `memory` and `pids`, of version 2 the one there is, where the server may make groups
// that bound (a group of version 2 that holds processes itself bounds no children).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "platform/files.h"
#include "sandbox/sandbox.h"

namespace tarn::sandbox {

class ControlGroups {
 public:
  // Where the kernel's files are, for tests.
  struct Places {
    std::string control_groups = "/sys/fs/cgroup";
    std::string processes = "/proc";
  };

  // Looks for what this machine offers to the process `server`, makes the server's folders and
  // removes those of servers that are gone. Never fails: bounds_memory() and bounds_processes()
  // tell.
  [[nodiscard]] static ControlGroups find(platform::Files& files, int server, Places places);

  [[nodiscard]] bool bounds_memory() const { return memory_.has_value(); }
  [[nodiscard]] bool bounds_processes() const { return processes_.has_value(); }

  // Makes the groups of `sandbox` with its limits and notes them in it. Errors: kIo.
  [[nodiscard]] Status make(Sandbox& sandbox) const;
  // Whether the kernel ended a process of the sandbox for its memory.
  [[nodiscard]] bool ran_out_of_memory(const Sandbox& sandbox) const;
  // Removes the groups; once no process is in them. Errors: kIo.
  [[nodiscard]] Status remove(const Sandbox& sandbox) const;
  // Removes the server's folders.
  void remove_all() const;

 private:
  struct Hierarchy {
    std::string folder;  // the server's own, in which sandboxes' groups are made
    int version = 2;
  };

  ControlGroups(platform::Files& files, int server, Places places);
  void look();
  // nullopt where no group of `base` can bound `controller`.
  [[nodiscard]] std::optional<Hierarchy> prepare(const std::string& base, int version,
                                                 const std::string& controller);
  void remove_stale(const std::string& base) const;
  [[nodiscard]] Status write(const std::string& path, const std::string& value) const;
  [[nodiscard]] std::vector<std::string> folders() const;

  platform::Files* files_;
  int server_;
  Places places_;
  std::optional<Hierarchy> memory_;
  std::optional<Hierarchy> processes_;
};

}  // namespace tarn::sandbox
