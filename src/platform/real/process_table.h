// The machine's other processes, as far as a command line looks at them: is a server up, who has
// the port, start one in the background, become another program.
//
// Place: platform/real, used by src/tarn's commands only; children of the server are processes.h's.
// Threads: safe from any thread; become_program and start_background belong to single-threaded
// command lines.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "platform/processes.h"

namespace tarn::platform::real {

// The process that holds Files::lock on `path`; nullopt when nobody does.
[[nodiscard]] std::optional<int> lock_holder(const std::string& path);

// Errors: kNotFound, kIo (not allowed).
Status send_signal(int pid, int number);

struct Listener {
  int pid = 0;
  std::string command;  // its command line, words separated by spaces
};
// Who listens on a TCP port, where /proc tells (not for other users' processes, unless asked by
// root).
[[nodiscard]] std::optional<Listener> listener_on(std::uint16_t port);

// A port of this address that nobody listens on now. Errors: kInvalid (no address of this machine),
// kIo.
[[nodiscard]] Result<std::uint16_t> free_port(const std::string& host);

// What this program and its children make from now on is for their own user alone, unless they say
// otherwise.
void keep_files_private();

// Lets this program have as many descriptors as the machine allows it.
void raise_descriptor_limit();

struct BackgroundSpec {
  std::vector<std::string> arguments;  // [0] is the program's path
  std::map<std::string, std::string> environment;
  std::string output_path;  // replaced; gets standard output and error
};
// Starts a program that outlives this one: in a session of its own, without a terminal. Errors:
// kNotFound, kIo.
[[nodiscard]] Result<int> start_background(const BackgroundSpec& spec);
// The status of such a child if it has ended.
[[nodiscard]] std::optional<ExitStatus> background_end(int pid);

// Replaces this program by another; comes back only with an error: kNotFound, kIo.
[[nodiscard]] Error become_program(const std::vector<std::string>& arguments,
                                   const std::map<std::string, std::string>& environment);

// SIGTERM, SIGINT and SIGHUP, kept from all threads that start after it was made, until wait()
// takes one. After that they are themselves again: a second Ctrl-C ends a program that does not
// stop.
class StopSignals {
 public:
  StopSignals();
  // Blocks until one comes; gives its number.
  int wait();
  // The next one within that time; they stay kept. nullopt: none came.
  std::optional<int> wait_for(std::chrono::milliseconds duration);
};

// Path of the program that runs.
[[nodiscard]] std::string program_path();

// Blocks the calling thread.
void pause_thread(std::chrono::milliseconds duration);

}  // namespace tarn::platform::real
