// Sandboxes: makes the sandboxes of this server, and says whether the machine lets it.
//
// Place: sandbox; one for the whole program, handed to every service that runs programs of users.
// Threads: start() and close() on the control strand, start() before all else; the rest is safe
// from any thread; open() and give() block for milliseconds: on Tasks::offload.
//
//   auto box = sandboxes.open(request);              // folders, /etc, a user, control groups
//   processes.spawn(sandboxes.enclosed(*box, spec)); // as often as wanted, also at the same time
//   co_await sandboxes.close(*box);                  // when all of them have ended
#pragma once

#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/task.h"
#include "platform/platform.h"
#include "sandbox/control_groups.h"
#include "sandbox/sandbox.h"

namespace tarn::sandbox {

enum class Mode {
  kBubblewrap,
  kNone,  // programs of users run as the server's own user and see what it sees
};

struct Settings {
  Mode mode = Mode::kBubblewrap;
  bool as_root = false;   // the server is root
  int server = 0;         // its process
  std::string directory;  // of the server, for the trial; emptied at start
  std::string programs;   // the folder of programs/
  ControlGroups::Places places;
};

// What one asks for.
struct Request {
  std::string name;       // one of a kind among the sandboxes that are open: "livy-driver-3"
  std::string directory;  // a folder of its own: `home`, `tmp`, `etc` and the file `user` are made
                          // in it; what else lies there is not seen inside
  std::vector<std::string> readable;  // files and folders; those that are not there are left out
  std::vector<std::string>
      writable;  // folders of the host besides the home; they stay whose they are
  Limits limits;
};

class Sandboxes {
 public:
  Sandboxes(platform::Platform platform, Settings settings);
  Sandboxes(const Sandboxes&) = delete;
  Sandboxes& operator=(const Sandboxes&) = delete;
  ~Sandboxes();

  // Tries a sandbox and looks for control groups; usable() tells how it went.
  [[nodiscard]] Task<void> start();
  // Errors (kInvalid): why programs of users cannot be run, and what to change.
  [[nodiscard]] const Status& usable() const { return usable_; }
  [[nodiscard]] Mode mode() const { return settings_.mode; }

  // The sandbox in `directory` will be opened again: its user of the host is given to no other.
  // Blocks.
  void reserve(const std::string& directory);
  // Makes the folders of `directory`, or takes them as they are (a cluster's
  // after the server's restart), and what else the sandbox needs. Errors: kIo, kDiskFull, kInvalid
  // (as many are open as there are users).
  [[nodiscard]] Result<Sandbox> open(const Request& request);
  // `spec` inside `sandbox`; as it is in Mode::kNone.
  [[nodiscard]] platform::ProcessSpec enclosed(const Sandbox& sandbox,
                                               platform::ProcessSpec spec) const;
  // Gives files outside of the home to the user of `sandbox`, so that a program that has one open
  // may open it anew (/dev/stderr). Errors: kIo, kNotFound.
  [[nodiscard]] Status give(const Sandbox& sandbox, const std::vector<std::string>& paths);
  // How the program of an enclosed() spec ended.
  [[nodiscard]] platform::ExitStatus ended(platform::ExitStatus status) const;
  // Why a program in it may have been killed, for a person; empty where nothing is known.
  [[nodiscard]] std::string why_killed(const Sandbox& sandbox) const;
  // Gives back what open() took, but for the folders. After the last process in it has ended.
  [[nodiscard]] Task<void> close(Sandbox sandbox);

 private:
  [[nodiscard]] Task<Status> try_one();
  // The user of the host that is noted in the file, or a new one, noted there.
  [[nodiscard]] Result<unsigned> choose_user(const std::string& path);
  // The user that is noted in the file; nullopt where none is.
  [[nodiscard]] std::optional<unsigned> noted_user(const std::string& path);
  [[nodiscard]] std::vector<Readable> resolve(const std::vector<std::string>& paths);

  platform::Platform platform_;
  const Settings settings_;
  Status usable_;
  std::optional<ControlGroups> groups_;
  std::vector<std::string> etc_folders_;
  bool host_has_sudo_ = false;
  std::mutex mutex_;
  std::set<unsigned> users_;  // of the host, that sandboxes have
  unsigned next_user_ = 0;    // by mutex_, as users_
};

}  // namespace tarn::sandbox
