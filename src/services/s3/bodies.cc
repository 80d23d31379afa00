#include "services/s3/bodies.h"

#include <algorithm>
#include <cstddef>
#include <span>

#include "services/s3/body_file.h"
#include "services/s3/body_reader.h"
#include "services/s3/body_seal.h"
#include "wire/encoding.h"

namespace tarn::s3 {
namespace {

// What writes leave free, so that the metadata store can still record deletes on a full disk.
constexpr std::uint64_t kReserveBytes = 64ULL << 20;
constexpr unsigned kFolders = 256;

std::string folder_name(unsigned number) {
  const char byte = static_cast<char>(number);
  return wire::to_hex(std::string_view(&byte, 1));
}

std::optional<BodyId> parse_id(std::string_view hex) {
  BodyId id{};
  if (hex.size() != id.size() * 2) return std::nullopt;
  const auto digit = [](char c) -> int {
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  for (std::size_t i = 0; i < id.size(); ++i) {
    const int high = digit(hex[2 * i]);
    const int low = digit(hex[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    id[i] = static_cast<char>(high * 16 + low);
  }
  return id;
}

std::string key_of(const BodyId& id) {
  return std::string(bytes_of(id));
}

}  // namespace

NewBody::NewBody(Bodies& bodies, BodyRef ref) : bodies_(&bodies), ref_(ref) {}

NewBody::NewBody(NewBody&& other) noexcept
    : bodies_(std::exchange(other.bodies_, nullptr)),
      ref_(other.ref_),
      pin_(std::move(other.pin_)),
      record_(std::move(other.record_)),
      md5_(std::move(other.md5_)),
      etag_(std::move(other.etag_)),
      checksums_(std::move(other.checksums_)),
      kept_(other.kept_) {}

NewBody::~NewBody() {
  if (bodies_ != nullptr && pin_ && !kept_) bodies_->doom(ref_.id);
}

const std::string& NewBody::checksum(wire::ChecksumAlgorithm algorithm) const {
  for (const auto& [name, value] : checksums_) {
    if (name == algorithm) return value;
  }
  return md5_;  // asked for MD5, which is always there
}

// Hashes and writes one piece on the blocking pool while the next one arrives.
class Bodies::Intake {
 public:
  // What has come and is not yet handed on.
  struct Arrival {
    std::string buffer;
    std::string_view rest;  // of the source's last piece, which did not fit
    bool ended = false;
  };

  Intake(Bodies& bodies, const Intention& intention, const BodyId& id) : bodies_(bodies) {
    if (intention.md5) hashes_.emplace_back(wire::ChecksumAlgorithm::kMd5);
    for (const wire::ChecksumAlgorithm algorithm : intention.checksums) {
      const bool taken = std::any_of(hashes_.begin(), hashes_.end(), [&](const auto& hash) {
        return hash.algorithm() == algorithm;
      });
      if (!taken) hashes_.emplace_back(algorithm);
    }
    if (!intention.data_key.empty()) seal_.emplace(intention.data_key, id);
    if (!intention.md5_etag && seal_) etag_ = seal_->etag();
  }

  // Fills the buffer up to `capacity` bytes, or to the end of the body. Errors: those of the
  // source.
  static Task<Status> fill(wire::BodySource& source, Arrival& arrival, std::size_t capacity) {
    std::string& buffer = arrival.buffer;
    buffer.reserve(capacity);
    while (buffer.size() < capacity && !arrival.ended) {
      if (arrival.rest.empty()) {
        Result<std::string_view> piece = co_await source.next();
        if (!piece.ok()) co_return std::move(piece).error();
        arrival.rest = *piece;
        arrival.ended = piece->empty();
      }
      const std::size_t taken = std::min(capacity - buffer.size(), arrival.rest.size());
      buffer.append(arrival.rest.substr(0, taken));
      arrival.rest.remove_prefix(taken);
    }
    co_return Status();
  }

  // A small body, complete.
  void take_whole(std::string data, NewBody& body) {
    hash(data);
    tell(body);
    body.record_.size = data.size();
    if (seal_) {
      std::string tag;
      seal_->seal(0, data, tag);
      data.append(tag);
    }
    body.record_.crc32c = wire::crc32c(data);
    body.record_.data = std::move(data);
  }

  // Starts on `piece` once the one before is done; `piece` is left empty. Errors: of the one
  // before.
  Task<Status> submit(std::string& piece, BodyId id) {
    TARN_CO_CHECK(co_await settle());
    piece_.clear();
    piece_.swap(piece);
    busy_.emplace();
    auto rest = [this, id] {
      Status written = write(id);
      busy_->set(std::move(written));
    };
    if (wire::Md5* md5 = this->md5()) {
      bodies_.md5_lanes_.add(*md5, piece_, std::move(rest));
    } else {
      bodies_.post(std::move(rest));
    }
    co_return Status();
  }

  // Waits for the piece under way. Errors: kIo, kDiskFull.
  Task<Status> settle() {
    if (!busy_) co_return Status();
    Status written = co_await *busy_;
    busy_.reset();
    co_return written;
  }

  // All is on the disk when it returns. Errors: kIo, kDiskFull.
  Task<Status> finish(BodyId id) {
    auto work = [this, &id] {
      return finish_file(id);
    };
    co_return co_await bodies_.platform_.tasks.offload(work);
  }

  void tell(NewBody& body) const {
    for (const wire::Checksum& sum : hashes_) {
      std::string value = sum.digest();
      if (sum.algorithm() == wire::ChecksumAlgorithm::kMd5) body.md5_ = value;
      body.checksums_.emplace_back(sum.algorithm(), std::move(value));
    }
    body.etag_ = etag_.empty() ? body.md5_ : etag_;
  }

 private:
  void hash(std::string_view data) {
    for (wire::Checksum& sum : hashes_) sum.update(data);
  }

  Status write(const BodyId& id) {
    TARN_CHECK(bodies_.admit(piece_.size()));
    if (!file_) {
      TARN_TRY(auto file,
               BodyFileWriter::create(bodies_.files(), bodies_.path(id), std::move(seal_)));
      file_.emplace(std::move(file));
    }
    for (wire::Checksum& sum : hashes_) {
      if (sum.md5() == nullptr) sum.update(piece_);  // the MD5 has been
    }
    return file_->append(piece_);
  }

  [[nodiscard]] wire::Md5* md5() {
    for (wire::Checksum& sum : hashes_) {
      if (wire::Md5* md5 = sum.md5()) return md5;
    }
    return nullptr;
  }

  Status finish_file(const BodyId& id) {
    TARN_CHECK(file_->finish());
    file_.reset();
    const std::string path = bodies_.path(id);
    return bodies_.files().sync_directory(path.substr(0, path.rfind('/')));
  }

  Bodies& bodies_;
  std::vector<wire::Checksum> hashes_;
  std::optional<BodySeal> seal_;  // the file's, once there is one
  std::string etag_;              // where it is not the MD5
  std::optional<BodyFileWriter> file_;
  std::string piece_;
  std::optional<platform::Completion<Status>> busy_;
};

Bodies::Bodies(platform::Platform platform, store::Store& store, std::string directory)
    : platform_(platform), store_(store), directory_(std::move(directory)) {}

Bodies::~Bodies() {
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [this] { return jobs_ == 0; });
}

std::string Bodies::path(const BodyId& id) const {
  const std::string hex = wire::to_hex(bytes_of(id));
  return directory_ + "/" + hex.substr(0, 2) + "/" + hex.substr(2);
}

Status Bodies::prepare() {
  if (platform_.files.exists(directory_ + "/" + folder_name(kFolders - 1))) return {};
  for (unsigned i = 0; i < kFolders; ++i) {
    TARN_CHECK(platform_.files.make_directories(directory_ + "/" + folder_name(i)));
  }
  return platform_.files.sync_directory(directory_);
}

BodyId Bodies::fresh_id() {
  BodyId id{};
  platform_.random.fill(std::as_writable_bytes(std::span(id)));
  return id;
}

Status Bodies::admit(std::uint64_t bytes) {
  TARN_TRY(const platform::Space space, platform_.files.space(directory_));
  if (space.available >= kReserveBytes + bytes) return {};
  return tarn::Error(
      code::kDiskFull,
      "the disk of the data directory is full: " + std::to_string(space.available >> 20) +
          " MiB are left, of which " + std::to_string(kReserveBytes >> 20) + " MiB are reserved");
}

Task<Result<NewBody>> Bodies::receive(wire::BodySource& source, Intention intention) {
  const std::uint64_t limit = intention.limit;
  tarn::Error too_large("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size");
  if (source.length().value_or(0) > limit) co_return too_large;
  BodyRef ref;
  ref.id = fresh_id();
  Intake intake(*this, intention, ref.id);
  Intake::Arrival arrival;
  TARN_CO_CHECK(co_await Intake::fill(source, arrival, kInlineBytes + 1));
  if (arrival.buffer.size() > limit) co_return too_large;
  if (arrival.buffer.size() <= kInlineBytes) {
    NewBody body(*this, ref);
    intake.take_whole(std::move(arrival.buffer), body);
    co_return body;
  }
  ref.kind = BodyKind::kFile;
  NewBody body(*this, ref);
  const std::vector<BodyId> own = {ref.id};
  body.pin_ = pin(own);
  Status status;
  while (status.ok() && !(arrival.ended && arrival.buffer.empty())) {
    status = co_await Intake::fill(source, arrival, kPieceBytes);
    body.record_.size += arrival.buffer.size();
    if (status.ok() && body.record_.size > limit) status = too_large;
    if (status.ok() && !arrival.buffer.empty()) {
      status = co_await intake.submit(arrival.buffer, ref.id);
    }
  }
  const Status settled = co_await intake.settle();
  if (status.ok()) status = settled;
  if (status.ok()) status = co_await intake.finish(ref.id);
  if (!status.ok()) co_return std::move(status).error();
  body.record_.kind = BodyKind::kFile;
  intake.tell(body);
  co_return body;
}

Bodies::Pin Bodies::pin(std::vector<BodyId> ids) {
  {
    const std::lock_guard lock(mutex_);
    for (const BodyId& id : ids) ++held_[key_of(id)].readers;
  }
  // The pointer itself is never looked at: what matters is that it goes.
  return {this, [ids = std::move(ids)](Bodies* bodies) {
            bodies->unpin(ids);
          }};
}

void Bodies::unpin(const std::vector<BodyId>& ids) {
  std::vector<std::string> doomed;
  {
    const std::lock_guard lock(mutex_);
    for (const BodyId& id : ids) {
      const auto held = held_.find(key_of(id));
      if (held == held_.end() || --held->second.readers > 0) continue;
      if (held->second.doomed) doomed.push_back(path(id));
      held_.erase(held);
    }
  }
  if (doomed.empty()) return;
  // A file that stays, or was never made, is an orphan for the next sweep at worst.
  post([this, paths = std::move(doomed)] {
    for (const std::string& path : paths) (void)platform_.files.remove(path);
  });
}

void Bodies::doom(const BodyId& id) {
  const std::lock_guard lock(mutex_);
  if (const auto held = held_.find(key_of(id)); held != held_.end()) held->second.doomed = true;
}

void Bodies::post(std::function<void()> job) {
  {
    const std::lock_guard lock(mutex_);
    ++jobs_;
  }
  // Counted down when the job has run and gone, or was dropped by a pool that has stopped.
  std::shared_ptr<void> counted(nullptr, [this](void*) {
    const std::lock_guard lock(mutex_);
    --jobs_;
    idle_.notify_all();
  });
  platform_.tasks.post_blocking([counted = std::move(counted), job = std::move(job)]() mutable {
    job();
    job = nullptr;  // what it holds goes before it counts as done
  });
}

void Bodies::discard(const std::vector<BodyId>& ids) {
  std::vector<std::string> free;
  {
    const std::lock_guard lock(mutex_);
    for (const BodyId& id : ids) {
      const auto held = held_.find(key_of(id));
      if (held == held_.end()) {
        free.push_back(path(id));
      } else {
        held->second.doomed = true;
      }
    }
  }
  for (const std::string& path : free) (void)platform_.files.remove(path);
}

Task<Result<wire::Body>> Bodies::read(std::vector<Segment> segments, std::uint64_t offset,
                                      std::uint64_t length, Pin pin, std::string data_key) {
  auto reader = std::make_shared<BodyReader>(*this, std::move(segments), offset, length,
                                             std::move(pin), std::move(data_key));
  TARN_CO_CHECK(co_await reader->prime());
  co_return wire::Body(std::move(reader));
}

Result<std::size_t> Bodies::sweep() {
  std::size_t removed = 0;
  for (unsigned i = 0; i < kFolders && !stopping_; ++i) {
    TARN_TRY(const std::size_t count, sweep_folder(folder_name(i)));
    removed += count;
  }
  return removed;
}

Result<std::size_t> Bodies::sweep_folder(const std::string& folder) {
  TARN_TRY(const auto entries, platform_.files.list(directory_ + "/" + folder));
  std::vector<BodyId> orphans;
  for (const platform::DirectoryEntry& entry : entries) {
    if (stopping_) break;
    const std::optional<BodyId> id = parse_id(folder + entry.name);
    if (!id) continue;
    {
      // A body under way has a pin but no record; once it has a record the pin is of no matter.
      const std::lock_guard lock(mutex_);
      if (held_.contains(key_of(*id))) continue;
    }
    TARN_TRY(const auto record, store_.get(store::Space::kS3, body_key(*id)));
    if (!record) orphans.push_back(*id);
  }
  discard(orphans);
  return orphans.size();
}

}  // namespace tarn::s3
