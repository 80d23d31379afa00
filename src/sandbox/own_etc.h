// own_etc: the /etc of a sandbox: accounts of its own, the host's settings that programs need.
//
// Place: sandbox. Threads: pure, but for make_etc, which blocks.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "platform/files.h"

namespace tarn::sandbox {

// Files that are not the host's, by name: passwd, group, shadow, gshadow, hosts, hostname and
// nsswitch.conf. No account has a password. `hosts` is the host's file, which stays; the sandbox's
// own name is added to it.
[[nodiscard]] std::map<std::string, std::string> own_etc(const std::string& home,
                                                         const std::string& host_name,
                                                         std::string hosts);

// Fills the folder `etc`, which is there, with those and with copies of the host's public settings;
// what is there already stays as it is. Gives the paths of the files it made. Errors: kIo,
// kDiskFull.
[[nodiscard]] Result<std::vector<std::string>> make_etc(platform::Files& files,
                                                        const std::string& etc,
                                                        const std::string& home,
                                                        const std::string& host_name);

// The folders of the host's /etc that may be seen inside, those that there are: certificates, what
// links to programs, Java's settings.
[[nodiscard]] std::vector<std::string> public_etc_folders(platform::Files& files);

}  // namespace tarn::sandbox
