#include "sim/failing_files.h"

#include <algorithm>

namespace tarn::sim {

namespace {

Error no_such(const std::string& path) {
  return {code::kNotFound, path + ": no such file"};
}
Error failed(const std::string& path, std::string_view what) {
  return {code::kIo, path + ": " + std::string(what)};
}

std::string parent_of(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

bool is_below(const std::string& path, const std::string& directory) {
  return path.size() > directory.size() && path[directory.size()] == '/' &&
         path.starts_with(directory);
}

}  // namespace

class MemoryFile final : public platform::File {
 public:
  MemoryFile(FailingFiles& disk, std::shared_ptr<FailingFiles::Node> node, std::string path)
      : disk_(disk), node_(std::move(node)), path_(std::move(path)), life_(disk.life_) {}

  Status append(std::string_view data) override {
    const std::lock_guard lock(disk_.mutex_);
    TARN_CHECK(alive());
    return disk_.write(*node_, path_, node_->now.size(), data);
  }
  Status append_all(std::span<const std::string_view> parts) override {
    std::string all;
    for (const std::string_view part : parts) all.append(part);
    return append(all);
  }
  Status write_at(std::uint64_t offset, std::string_view data) override {
    const std::lock_guard lock(disk_.mutex_);
    TARN_CHECK(alive());
    return disk_.write(*node_, path_, offset, data);
  }
  Status read_at(std::uint64_t offset, std::size_t length, std::string& out) override {
    const std::lock_guard lock(disk_.mutex_);
    TARN_CHECK(alive());
    out.clear();
    if (offset < node_->now.size()) out.assign(node_->now, offset, length);
    disk_.bytes_read_ += out.size();
    return {};
  }
  Status sync() override {
    const std::lock_guard lock(disk_.mutex_);
    TARN_CHECK(alive());
    return disk_.sync(*node_, path_);
  }
  Status truncate(std::uint64_t size) override {
    const std::lock_guard lock(disk_.mutex_);
    TARN_CHECK(alive());
    return disk_.truncate(*node_, path_, size);
  }
  [[nodiscard]] Result<std::uint64_t> size() const override {
    const std::lock_guard lock(disk_.mutex_);
    return std::uint64_t{node_->now.size()};
  }

 private:
  [[nodiscard]] Status alive() const {
    if (disk_.powered_ && disk_.life_ == life_) return {};
    return failed(path_, "the power is off");
  }

  FailingFiles& disk_;
  std::shared_ptr<FailingFiles::Node> node_;
  std::string path_;
  std::uint64_t life_;
};

void FailingFiles::arm(Fault& fault, std::uint64_t count) {
  const std::lock_guard lock(mutex_);
  fault = {true, count};
}

bool FailingFiles::strikes(Fault& fault) {
  if (!fault.armed || fault.left-- > 0) return false;
  fault.armed = false;
  return true;
}

void FailingFiles::power_off() {
  const std::lock_guard lock(mutex_);
  powered_ = false;
}

bool FailingFiles::powered() const {
  const std::lock_guard lock(mutex_);
  return powered_;
}

void FailingFiles::disarm() {
  const std::lock_guard lock(mutex_);
  write_fault_ = sync_fault_ = truncate_fault_ = power_fault_ = {};
}

void FailingFiles::set_capacity(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  capacity_ = bytes;
}

std::uint64_t FailingFiles::draw(std::uint64_t up_to) {
  return std::uniform_int_distribution<std::uint64_t>(0, up_to)(random_);
}

// What a file is after the power came back: all that was synced, and by chance some of the rest.
void FailingFiles::settle(Node& node) {
  std::string after = node.durable;
  const std::string& seen = node.now;
  if (seen.size() > after.size() && draw(2) > 0) {
    const std::uint64_t kept = draw(seen.size() - after.size());
    const std::size_t tail_at = after.size();
    after.append(seen, tail_at, kept);
    constexpr std::size_t kPage = 512;
    for (std::size_t page = tail_at; page < after.size(); page += kPage) {
      if (draw(7) == 0)
        after.replace(page, std::min(kPage, after.size() - page),
                      std::min(kPage, after.size() - page), '\0');
    }
  } else if (seen.size() < after.size() && draw(1) == 0) {
    after.resize(seen.size());
  }
  node.now = after;
  node.durable = std::move(after);
}

void FailingFiles::crash() {
  const std::lock_guard lock(mutex_);
  Entries after = durable_;
  for (const auto& [path, node] : now_) {
    if (!after.contains(path) && draw(1) == 0) after.emplace(path, node);
  }
  for (const auto& [path, node] : durable_) {
    if (!now_.contains(path) && draw(1) == 0) after.erase(path);
  }
  for (auto& [path, node] : after) settle(*node);
  now_ = after;
  durable_ = std::move(after);
  write_fault_ = sync_fault_ = truncate_fault_ = power_fault_ = {};
  powered_ = true;
  ++life_;
}

void FailingFiles::spoil(const std::string& path, std::uint64_t offset) {
  const std::lock_guard lock(mutex_);
  Node& node = *now_.at(path);
  node.now.at(offset) = static_cast<char>(~node.now.at(offset));
  if (offset < node.durable.size()) node.durable[offset] = node.now[offset];
}

std::string FailingFiles::content(const std::string& path) {
  const std::lock_guard lock(mutex_);
  const auto found = now_.find(path);
  return found == now_.end() ? std::string() : found->second->now;
}

std::uint64_t FailingFiles::syncs() const {
  const std::lock_guard lock(mutex_);
  return syncs_;
}

std::uint64_t FailingFiles::bytes_read() const {
  const std::lock_guard lock(mutex_);
  return bytes_read_;
}

Status FailingFiles::before_change(const std::string& path) {
  if (!powered_) return failed(path, "the power is off");
  if (strikes(power_fault_)) {
    powered_ = false;
    return failed(path, "the power went off");
  }
  return {};
}

std::uint64_t FailingFiles::used() const {
  std::uint64_t sum = 0;
  for (const auto& [path, node] : now_) sum += node->now.size();
  return sum;
}

Status FailingFiles::write(Node& node, const std::string& path, std::uint64_t offset,
                           std::string_view data) {
  std::size_t length = data.size();
  Status outcome = before_change(path);
  if (!outcome.ok() || strikes(write_fault_)) {
    if (outcome.ok()) outcome = failed(path, "injected write failure");
    length = draw(length);
  } else if (const std::uint64_t held = capacity_ == UINT64_MAX ? 0 : used();
             held + length > capacity_) {
    outcome = Error(code::kDiskFull, path + ": no space left on device");
    length = capacity_ > held ? capacity_ - held : 0;
  }
  if (offset > node.now.size()) node.now.resize(offset);
  node.now.replace(offset, std::min(length, node.now.size() - offset), data.substr(0, length));
  return outcome;
}

Status FailingFiles::sync(Node& node, const std::string& path) {
  ++syncs_;
  TARN_CHECK(before_change(path));
  if (strikes(sync_fault_)) return failed(path, "injected sync failure");
  if (node.now.size() >= node.durable.size() && node.now.starts_with(node.durable)) {
    node.durable.append(node.now, node.durable.size());
  } else {
    node.durable = node.now;
  }
  return {};
}

Status FailingFiles::truncate(Node& node, const std::string& path, std::uint64_t size) {
  TARN_CHECK(before_change(path));
  if (strikes(truncate_fault_)) return failed(path, "injected truncate failure");
  node.now.resize(size);
  return {};
}

Result<std::unique_ptr<platform::File>> FailingFiles::open(const std::string& path,
                                                           platform::OpenMode mode) {
  using platform::OpenMode;
  const std::lock_guard lock(mutex_);
  if (!powered_) return failed(path, "the power is off");
  auto found = now_.find(path);
  if (mode == OpenMode::kCreateNew && found != now_.end()) {
    return Error(code::kExists, path + ": file exists");
  }
  if (found == now_.end()) {
    if (mode == OpenMode::kRead || mode == OpenMode::kReadWrite) return no_such(path);
    if (!directories_.contains(parent_of(path))) return no_such(parent_of(path));
    TARN_CHECK(before_change(path));
    found = now_.emplace(path, std::make_shared<Node>()).first;
  }
  return std::unique_ptr<platform::File>(std::make_unique<MemoryFile>(*this, found->second, path));
}

Result<std::string> FailingFiles::read(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (!powered_) return failed(path, "the power is off");
  const auto found = now_.find(path);
  if (found == now_.end()) return no_such(path);
  bytes_read_ += found->second->now.size();
  return found->second->now;
}

Status FailingFiles::write_atomically(const std::string& path, std::string_view content,
                                      unsigned /*mode*/) {
  const std::lock_guard lock(mutex_);
  TARN_CHECK(before_change(path));
  auto node = std::make_shared<Node>(Node{std::string(content), std::string(content)});
  now_[path] = node;
  durable_[path] = node;
  return {};
}

Status FailingFiles::make_directories(const std::string& path) {
  const std::lock_guard lock(mutex_);
  TARN_CHECK(before_change(path));
  for (std::size_t end = path.find('/', 1); end != std::string::npos;
       end = path.find('/', end + 1)) {
    directories_.insert(path.substr(0, end));
  }
  directories_.insert(path);
  return {};
}

Status FailingFiles::rename(const std::string& from, const std::string& to) {
  const std::lock_guard lock(mutex_);
  TARN_CHECK(before_change(from));
  const auto found = now_.find(from);
  if (found == now_.end()) return no_such(from);
  now_[to] = found->second;
  durable_[to] = found->second;
  now_.erase(from);
  durable_.erase(from);
  return {};
}

Status FailingFiles::sync_directory(const std::string& directory) {
  const std::lock_guard lock(mutex_);
  TARN_CHECK(before_change(directory));
  for (auto entry = durable_.lower_bound(directory + "/");
       entry != durable_.end() && is_below(entry->first, directory);) {
    const bool is_gone = parent_of(entry->first) == directory && !now_.contains(entry->first);
    entry = is_gone ? durable_.erase(entry) : std::next(entry);
  }
  for (auto entry = now_.lower_bound(directory + "/");
       entry != now_.end() && is_below(entry->first, directory); ++entry) {
    if (parent_of(entry->first) == directory) durable_[entry->first] = entry->second;
  }
  return {};
}

Status FailingFiles::remove(const std::string& path) {
  const std::lock_guard lock(mutex_);
  TARN_CHECK(before_change(path));
  if (now_.erase(path) == 0) return no_such(path);
  return {};
}

Status FailingFiles::remove_tree(const std::string& path) {
  const std::lock_guard lock(mutex_);
  TARN_CHECK(before_change(path));
  const auto inside = [&](const std::string& name) {
    return name == path || is_below(name, path);
  };
  std::erase_if(now_, [&](const auto& entry) { return inside(entry.first); });
  std::erase_if(durable_, [&](const auto& entry) { return inside(entry.first); });
  std::erase_if(directories_, inside);
  return {};
}

Result<std::vector<platform::DirectoryEntry>> FailingFiles::list(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (!powered_) return failed(path, "the power is off");
  if (!directories_.contains(path)) return no_such(path);
  std::map<std::string, platform::DirectoryEntry> entries;
  for (auto entry = now_.lower_bound(path + "/");
       entry != now_.end() && is_below(entry->first, path); ++entry) {
    if (parent_of(entry->first) != path) continue;
    const std::string base = entry->first.substr(path.size() + 1);
    entries[base] = {base, false, entry->second->now.size(), {}};
  }
  for (auto name = directories_.lower_bound(path + "/");
       name != directories_.end() && is_below(*name, path); ++name) {
    if (parent_of(*name) != path) continue;
    const std::string base = name->substr(path.size() + 1);
    entries[base] = {base, true, 0, {}};
  }
  std::vector<platform::DirectoryEntry> listed;
  for (auto& [name, entry] : entries) listed.push_back(std::move(entry));
  return listed;
}

bool FailingFiles::exists(const std::string& path) {
  const std::lock_guard lock(mutex_);
  return now_.contains(path) || directories_.contains(path);
}

Result<platform::Space> FailingFiles::space(const std::string& /*path*/) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t held = used();
  return platform::Space{capacity_, capacity_ > held ? capacity_ - held : 0};
}

Result<std::string> FailingFiles::resolve(const std::string& path) {
  if (exists(path)) return path;
  return Error(code::kNotFound, "cannot resolve " + path);
}

Status FailingFiles::change_owner(const std::string& path, unsigned /*user*/, unsigned /*group*/) {
  const std::lock_guard lock(mutex_);
  return before_change(path);
}

Status FailingFiles::lock(const std::string& /*path*/) {
  return {};
}

}  // namespace tarn::sim
