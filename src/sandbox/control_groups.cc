#include "sandbox/control_groups.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

namespace tarn::sandbox {

namespace {

constexpr std::string_view kOurs = "tarn-";

// The lines "N:CONTROLLERS:PATH" of /proc/PID/cgroup; the controllers of version 2 are empty.
struct Membership {
  std::string controllers;
  std::string path;
};

std::vector<Membership> parse_memberships(std::string_view text) {
  std::vector<Membership> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (first == std::string_view::npos || second == std::string_view::npos) continue;
    Membership found{std::string(line.substr(first + 1, second - first - 1)),
                     std::string(line.substr(second + 1))};
    if (found.path == "/") found.path.clear();
    out.push_back(std::move(found));
  }
  return out;
}

}  // namespace

ControlGroups::ControlGroups(platform::Files& files, int server, Places places)
    : files_(&files), server_(server), places_(std::move(places)) {}

ControlGroups ControlGroups::find(platform::Files& files, int server, Places places) {
  ControlGroups out(files, server, std::move(places));
  out.look();
  return out;
}

void ControlGroups::look() {
  const auto text = files_->read(places_.processes + "/self/cgroup");
  if (!text.ok()) return;
  for (const Membership& membership : parse_memberships(*text)) {
    const bool second = membership.controllers.empty();
    // Where both versions are mounted, the second is a folder of its own.
    std::string root = places_.control_groups;
    if (!second) root += "/" + membership.controllers;
    if (second && files_->exists(root + "/unified")) root += "/unified";
    // A container sees its own group as the root, and a path that is the host's.
    std::string base = root + membership.path;
    if (!files_->exists(base)) base = root;
    if (!files_->exists(base + "/cgroup.procs")) continue;
    if (!memory_ && (second || membership.controllers == "memory"))
      memory_ = prepare(base, second ? 2 : 1, "memory");
    if (!processes_ && (second || membership.controllers == "pids"))
      processes_ = prepare(base, second ? 2 : 1, "pids");
  }
}

std::optional<ControlGroups::Hierarchy> ControlGroups::prepare(const std::string& base, int version,
                                                               const std::string& controller) {
  remove_stale(base);
  Hierarchy made{fmt::format("{}/{}{}", base, kOurs, server_), version};
  std::string bound = made.folder;
  if (version == 2) {
    // Refused where it is on already for others, or where processes are in the group.
    [[maybe_unused]] const Status asked = write(base + "/cgroup.subtree_control", "+" + controller);
  }
  if (!files_->make_directories(made.folder).ok()) return std::nullopt;
  if (version == 2) {
    [[maybe_unused]] const Status asked =
        write(made.folder + "/cgroup.subtree_control", "+" + controller);
  }
  bound += controller == "pids" ? "/pids.max"
           : version == 1       ? "/memory.limit_in_bytes"
                                : "/memory.max";
  if (files_->exists(bound)) return made;
  if (!memory_ || memory_->folder != made.folder) {
    [[maybe_unused]] const Status removed = files_->remove(made.folder);
  }
  return std::nullopt;
}

void ControlGroups::remove_stale(const std::string& base) const {
  const auto entries = files_->list(base);
  if (!entries.ok()) return;
  for (const auto& entry : *entries) {
    if (!entry.is_directory || !entry.name.starts_with(kOurs)) continue;
    const std::string process = entry.name.substr(kOurs.size());
    if (files_->exists(places_.processes + "/" + process)) continue;
    const std::string folder = base + "/" + entry.name;
    const auto children = files_->list(folder);
    if (!children.ok()) continue;
    for (const auto& child : *children) {
      if (!child.is_directory) continue;
      [[maybe_unused]] const Status removed = files_->remove(folder + "/" + child.name);
    }
    [[maybe_unused]] const Status removed = files_->remove(folder);
  }
}

Status ControlGroups::write(const std::string& path, const std::string& value) const {
  TARN_TRY(const auto file, files_->open(path, platform::OpenMode::kReadWrite));
  return file->write_at(0, value);
}

std::vector<std::string> ControlGroups::folders() const {
  std::vector<std::string> out;
  if (memory_) out.push_back(memory_->folder);
  if (processes_ && (!memory_ || processes_->folder != memory_->folder))
    out.push_back(processes_->folder);
  return out;
}

Status ControlGroups::make(Sandbox& sandbox) const {
  for (const std::string& folder : folders()) {
    const std::string group = folder + "/" + sandbox.name;
    TARN_CHECK(files_->make_directories(group));
    sandbox.groups.push_back(group + "/cgroup.procs");
  }
  if (processes_ && sandbox.limits.processes > 0) {
    TARN_CHECK(write(fmt::format("{}/{}/pids.max", processes_->folder, sandbox.name),
                     std::to_string(sandbox.limits.processes)));
  }
  if (!memory_ || sandbox.limits.memory_bytes == 0) return {};
  const std::string group = memory_->folder + "/" + sandbox.name;
  const std::string most = std::to_string(sandbox.limits.memory_bytes);
  const bool first = memory_->version == 1;
  TARN_CHECK(write(group + (first ? "/memory.limit_in_bytes" : "/memory.max"), most));
  // No swapping out of the bound, where the kernel counts swap.
  const std::string swap = group + (first ? "/memory.memsw.limit_in_bytes" : "/memory.swap.max");
  if (files_->exists(swap)) TARN_CHECK(write(swap, first ? most : "0"));
  sandbox.memory_by_group = true;
  return {};
}

bool ControlGroups::ran_out_of_memory(const Sandbox& sandbox) const {
  if (!memory_ || !sandbox.memory_by_group) return false;
  const std::string group = memory_->folder + "/" + sandbox.name;
  const auto text =
      files_->read(group + (memory_->version == 1 ? "/memory.oom_control" : "/memory.events"));
  if (!text.ok()) return false;
  const std::string word = "oom_kill ";
  const std::size_t at = text->find(word);
  return at != std::string::npos && text->substr(at + word.size(), 2) != "0\n";
}

Status ControlGroups::remove(const Sandbox& sandbox) const {
  Status out;
  for (const std::string& folder : folders()) {
    Status removed = files_->remove(folder + "/" + sandbox.name);
    if (!removed.ok() && !removed.error().is(code::kNotFound)) out = std::move(removed);
  }
  return out;
}

void ControlGroups::remove_all() const {
  for (const std::string& folder : folders()) {
    [[maybe_unused]] const Status removed = files_->remove(folder);
  }
}

}  // namespace tarn::sandbox
