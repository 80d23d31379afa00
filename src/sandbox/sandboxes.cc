#include "sandbox/sandboxes.h"

#include <charconv>
#include <chrono>

#include <fmt/format.h>

#include "platform/log.h"
#include "sandbox/own_etc.h"

namespace tarn::sandbox {

namespace {

// Numbers that Debian reserves and gives to nobody, so that no file or process of the host is
// theirs (https://www.debian.org/doc/debian-policy/ch-opersys.html#uid-and-gid-classes).
constexpr unsigned kFirstUser = 65000;
constexpr unsigned kUsers = 534;

constexpr std::chrono::milliseconds kTrialLimit{10'000};
constexpr std::chrono::milliseconds kTrialLook{2};
// A process that has ended leaves its control group a little later.
constexpr int kRemovals = 100;
constexpr std::chrono::milliseconds kRemovalPause{20};

constexpr const char* kRemedy =
    "Install bubblewrap (apt install bubblewrap) and allow user namespaces (sysctl "
    "user.max_user_namespaces, kernel.unprivileged_userns_clone=1 and "
    "kernel.apparmor_restrict_unprivileged_userns=0, where they exist; a container needs "
    "CAP_SYS_ADMIN and a seccomp profile that lets it unshare). Or start with --sandbox none: then "
    "what users run may read and do all that this server may.";

}  // namespace

Sandboxes::Sandboxes(platform::Platform platform, Settings settings)
    : platform_(platform),
      settings_(std::move(settings)),
      usable_(settings_.mode == Mode::kNone
                  ? Status()
                  : Status(Error(code::kInvalid, "the sandboxes are not started"))) {}

Sandboxes::~Sandboxes() {
  if (groups_) groups_->remove_all();
}

Task<void> Sandboxes::start() {
  usable_ = {};
  if (settings_.mode == Mode::kNone) {
    spdlog::warn(
        "sandbox: none: what users run may read and do all that this server may, by --sandbox "
        "none");
    co_return;
  }
  etc_folders_ = public_etc_folders(platform_.files);
  host_has_sudo_ = platform_.files.exists("/usr/bin/sudo");
  groups_ = ControlGroups::find(platform_.files, settings_.server, settings_.places);
  if (!groups_->bounds_memory()) {
    spdlog::warn(
        "sandbox: no control group for memory can be made here: each process is bounded, not all "
        "of a sandbox together");
  }
  if (!groups_->bounds_processes()) {
    spdlog::warn(
        "sandbox: no control group for processes can be made here: their number is bounded by a "
        "resource limit");
  }
  usable_ = co_await try_one();
}

Task<Status> Sandboxes::try_one() {
  if (platform_.files.exists(settings_.directory))
    TARN_CO_CHECK(platform_.files.remove_tree(settings_.directory));
  Request request;
  request.name = "trial";
  request.directory = settings_.directory + "/trial";
  TARN_CO_TRY(const Sandbox box, open(request));
  platform::ProcessSpec spec;
  spec.arguments = {"true"};
  spec.output_path = request.directory + "/log";
  auto process = platform_.processes.spawn(enclosed(box, std::move(spec)));
  std::string why;
  if (process.ok()) {
    const auto deadline = platform_.clock.monotonic() + kTrialLimit;
    while (!(*process)->exited() && platform_.clock.monotonic() < deadline)
      co_await platform_.clock.sleep(kTrialLook);
    const auto end = (*process)->exited();
    if (!end) why = fmt::format("it did not end within {} s", kTrialLimit.count() / 1000);
    if (end && !end->success()) {
      const auto said = platform_.files.read(request.directory + "/log");
      why = said.ok() && !said->empty() ? *said : end->text();
    }
  } else {
    why = process.error().message;
  }
  while (!why.empty() && why.back() == '\n') why.pop_back();
  Sandbox used = box;
  co_await close(std::move(used));
  TARN_CO_CHECK(platform_.files.remove_tree(settings_.directory));
  if (why.empty()) co_return Status();
  co_return Error(
      code::kInvalid,
      fmt::format("No sandbox can be made on this machine for what users run, so that it is "
                  "refused: {}. {}",
                  why, kRemedy));
}

Result<Sandbox> Sandboxes::open(const Request& request) {
  Sandbox box;
  box.name = request.name;
  box.host_name = request.name;
  box.home = request.directory + "/home";
  box.temporary = request.directory + "/tmp";
  box.etc = request.directory + "/etc";
  box.writable = request.writable;
  box.readable = resolve(request.readable);
  box.etc_folders = etc_folders_;
  box.programs = settings_.programs;
  box.replaces_sudo = host_has_sudo_;
  box.limits = request.limits;
  platform::Files& files = platform_.files;
  const bool fresh = !files.exists(box.home);
  TARN_CHECK(files.make_directories(settings_.mode == Mode::kNone ? box.home + "/tmp" : box.home));
  if (settings_.mode == Mode::kNone) return box;
  TARN_CHECK(files.make_directories(box.temporary));
  if (settings_.as_root) {
    TARN_TRY(box.host_user, choose_user(request.directory + "/user"));
  }
  TARN_CHECK(files.make_directories(box.etc));
  TARN_TRY(std::vector<std::string> made, make_etc(files, box.etc, box.home, box.host_name));
  if (fresh) made.push_back(box.home);
  made.push_back(box.etc);
  TARN_CHECK(give(box, made));
  if (groups_) TARN_CHECK(groups_->make(box));
  return box;
}

std::optional<unsigned> Sandboxes::noted_user(const std::string& path) {
  const auto noted = platform_.files.read(path);
  unsigned user = 0;
  if (!noted.ok()) return std::nullopt;
  const auto end = noted->data() + noted->size();
  if (std::from_chars(noted->data(), end, user).ec != std::errc()) return std::nullopt;
  if (user < kFirstUser || user >= kFirstUser + kUsers) return std::nullopt;
  return user;
}

void Sandboxes::reserve(const std::string& directory) {
  const auto user = noted_user(directory + "/user");
  if (!user) return;
  const std::lock_guard lock(mutex_);
  users_.insert(*user);
}

Result<unsigned> Sandboxes::choose_user(const std::string& path) {
  if (const auto noted = noted_user(path)) {
    const std::lock_guard lock(mutex_);
    users_.insert(*noted);
    return *noted;
  }
  unsigned user = 0;
  {
    const std::lock_guard lock(mutex_);
    if (users_.size() == kUsers) {
      return Error(code::kInvalid,
                   fmt::format("{} sandboxes are open, as many as there are users for.", kUsers));
    }
    do user = kFirstUser + next_user_++ % kUsers;
    while (!users_.insert(user).second);
  }
  TARN_TRY(const auto file, platform_.files.open(path, platform::OpenMode::kAppend));
  TARN_CHECK(file->write_at(0, std::to_string(user)));
  return user;
}

Status Sandboxes::give(const Sandbox& sandbox, const std::vector<std::string>& paths) {
  if (!sandbox.host_user) return {};
  for (const std::string& path : paths)
    TARN_CHECK(platform_.files.change_owner(path, *sandbox.host_user, *sandbox.host_user));
  return {};
}

std::vector<Readable> Sandboxes::resolve(const std::vector<std::string>& paths) {
  std::vector<Readable> out;
  for (const std::string& path : paths) {
    auto real = platform_.files.resolve(path);
    if (real.ok()) out.push_back({path, std::move(real).value()});
  }
  return out;
}

platform::ProcessSpec Sandboxes::enclosed(const Sandbox& sandbox,
                                          platform::ProcessSpec spec) const {
  if (settings_.mode == Mode::kNone) return spec;
  return enclose(sandbox, std::move(spec));
}

platform::ExitStatus Sandboxes::ended(platform::ExitStatus status) const {
  return settings_.mode == Mode::kNone ? status : ended_inside(status);
}

std::string Sandboxes::why_killed(const Sandbox& sandbox) const {
  if (!groups_ || !groups_->ran_out_of_memory(sandbox)) return {};
  return fmt::format("it needed more than the {} MiB of memory that it may have",
                     sandbox.limits.memory_bytes >> 20);
}

Task<void> Sandboxes::close(Sandbox sandbox) {
  if (sandbox.host_user) {
    const std::lock_guard lock(mutex_);
    users_.erase(*sandbox.host_user);
  }
  if (!groups_) co_return;
  const ControlGroups& groups = *groups_;
  for (int i = 0;; ++i) {
    const Status removed = co_await platform_.tasks.offload([&] { return groups.remove(sandbox); });
    if (removed.ok()) co_return;
    if (i == kRemovals) {
      spdlog::warn("sandbox: {}", removed.error().message);
      co_return;
    }
    co_await platform_.clock.sleep(kRemovalPause);
  }
}

}  // namespace tarn::sandbox
