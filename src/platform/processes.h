// Processes: the only way to start a child.
//
// Place: platform; the real one stands in platform/real, scripted ones in sim.
// Threads: Processes is safe from any thread; a Process belongs to the coroutine that uses it,
// except kill().
//
// Every child has an owner: it is started in a process group of its own, is killed with its whole
// group when its Process is destroyed, and dies with the server (PR_SET_PDEATHSIG). Nothing of the
// server's environment or file descriptors reaches it but what the spec names. Its id stays its own
// until its Process goes.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/task.h"

namespace tarn::platform {

struct ProcessSpec {
  std::vector<std::string> arguments;  // [0] is the program's path, or a name found on PATH
  std::map<std::string, std::string> environment;  // the whole environment of the child
  std::string directory;                           // working directory; empty: the server's
  std::string output_path;  // stdout and stderr are appended here; empty: /dev/null
  bool with_pipes = false;  // true: stdin is written and stdout is read by line through Process;
                            // stderr to output_path
  // Appended to by descriptors 3, 4, … of the child, in this order: outputs that it cannot move.
  std::vector<std::string> more_outputs;
};

struct ExitStatus {
  int code = 0;    // exit code when signal is 0
  int signal = 0;  // signal that ended it

  [[nodiscard]] bool success() const { return code == 0 && signal == 0; }
  [[nodiscard]] std::string text() const;  // "exit code 1", "killed by signal 9"
};

class Process {
 public:
  virtual ~Process() = default;

  [[nodiscard]] virtual int pid() const = 0;
  // Sends a signal to the process itself, or to its whole group. No error when it is gone.
  virtual void signal(int number) = 0;
  virtual void signal_group(int number) = 0;
  // Ends when the child has ended. May be awaited by one coroutine at a time.
  [[nodiscard]] virtual Task<ExitStatus> wait() = 0;
  // The status if it has ended.
  [[nodiscard]] virtual std::optional<ExitStatus> exited() const = 0;

  // with_pipes only. write: kCancelled when the child closed its end. read_line: without the
  // newline; nullopt at the end of the stream; kInvalid for a line over `max_bytes`.
  virtual Task<Status> write(std::string data) = 0;
  virtual Task<Result<std::optional<std::string>>> read_line(std::size_t max_bytes) = 0;
};

class Processes {
 public:
  virtual ~Processes() = default;
  // Errors: kNotFound (no such program), kIo.
  [[nodiscard]] virtual Result<std::unique_ptr<Process>> spawn(ProcessSpec spec) = 0;
};

}  // namespace tarn::platform
