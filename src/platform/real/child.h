// start_child: fork and exec, done so that a server with many threads may do it.
//
// Place: platform/real, under processes.cc. Threads: safe from any thread; the child is bound to
// the calling thread: the kernel kills it when that thread ends (PR_SET_PDEATHSIG).
//
// The child shares the memory of the parent until it executes (clone(2) with CLONE_VM and
// CLONE_VFORK, as posix_spawn does), so nothing is copied and nothing between clone and exec may
// allocate or lock.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "platform/real/descriptor.h"

namespace tarn::platform::real {

struct ChildPlan {
  std::string program;                   // path
  std::vector<std::string> arguments;    // [0] as the program sees it
  std::vector<std::string> environment;  // "NAME=value"
  std::string directory;                 // empty: the parent's
  std::vector<int> descriptors;          // become 0, 1, 2, …; all open
};

// `texts` as execve takes them, for as long as they live: pointers to each, then a null one.
[[nodiscard]] std::vector<char*> pointers(const std::vector<std::string>& texts);

struct StartedChild {
  int pid = 0;
  Descriptor pidfd;  // readable once the child has ended
};

// The child leads a process group of its own, has default signal handling, and no descriptors but
// those of the plan. Errors: kNotFound (no such program or directory), kIo.
[[nodiscard]] Result<StartedChild> start_child(const ChildPlan& plan);

// The program that `name` stands for: itself where it has a slash, else the first executable file
// of that name in the folders of `search_path` (separated by colons). Errors: kNotFound.
[[nodiscard]] Result<std::string> find_program(const std::string& name,
                                               const std::string& search_path);

}  // namespace tarn::platform::real
