// Sandbox: what a program of a user sees of this machine, and how bubblewrap is told so.
//
// Place: sandbox, over platform. Services describe what their users' programs need (a Livy
// session's driver, a step of a cluster) and start what enclose() gives. Threads: pure functions.
//
// A program inside has a process table, host name, /etc, /tmp and home of its own; of the disk it
// sees the system's programs and what the description names, and no process outside. It is an
// ordinary user, `hadoop` as on a node of EMR, and on the host nobody with a privilege; `sudo`
// makes it root of its own sandbox alone (programs/sudo). The network is the host's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "platform/processes.h"

namespace tarn::sandbox {

// The user inside, and its number there. Clusters of EMR run steps and notebooks as this user
// (https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-connect-master-node-ssh.html).
inline constexpr const char* kUser = "hadoop";
inline constexpr unsigned kUserId = 1000;

// Where programs/ is seen inside, before all else on PATH.
inline constexpr const char* kProgramsInside = "/opt/tarn/bin";

// A file or folder that can be read under its path; `real` is the same without symbolic links.
struct Readable {
  std::string path;
  std::string real;
};

struct Limits {
  std::uint64_t memory_bytes = 0;  // of all processes together; 0: none
  std::uint32_t processes = 0;     // and threads, all together; 0: none
};

struct Sandbox {
  std::string name;                   // also of its control groups
  std::string host_name = "sandbox";  // as programs inside see it
  // Writable; paths of the host, and the same inside but for /etc and /tmp.
  std::string home;
  std::string temporary;  // becomes /tmp and /var/tmp; not in the home, where it could be replaced
  std::string etc;        // becomes /etc
  std::vector<std::string> writable;
  // Besides the system's own (/usr, /bin, /lib…).
  std::vector<Readable> readable;
  // Parts of the host's /etc that are seen in the one inside, read-only: "ssl", "alternatives", ….
  std::vector<std::string> etc_folders;
  std::string programs;        // the folder that becomes kProgramsInside; empty: none
  bool replaces_sudo = false;  // the host has a /usr/bin/sudo, which could not work inside
  // Set where the server is root: who the program is for the host, a user that nobody else is. Not
  // set: the program is the server's own user, in a user namespace.
  std::optional<unsigned> host_user;
  Limits limits;
  // cgroup.procs files of the control groups that hold it; without one for memory, each process is
  // bounded by its data segment instead (setrlimit(2), RLIMIT_DATA).
  std::vector<std::string> groups;
  bool memory_by_group = false;
};

// `spec` with its program inside `sandbox`. Its arguments and directory are paths inside; its
// output stays the host's. Programs inside get USER, LOGNAME, SHELL, HOME and TMPDIR.
[[nodiscard]] platform::ProcessSpec enclose(const Sandbox& sandbox, platform::ProcessSpec spec);

// How the program inside ended, from how its enclosure did: bubblewrap passes a signal's number on
// as 128 and more, as shells do.
[[nodiscard]] platform::ExitStatus ended_inside(platform::ExitStatus outside);

}  // namespace tarn::sandbox
