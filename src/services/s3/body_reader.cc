#include "services/s3/body_reader.h"

#include <algorithm>

#include "services/s3/bodies.h"
#include "services/s3/body_file.h"
#include "services/s3/record.h"
#include "wire/checksum.h"

namespace tarn::s3 {

Result<std::string> open_inline(std::string data, const BodyId& id, std::uint64_t size,
                                const std::string& data_key) {
  const std::size_t tag_bytes = data_key.empty() ? 0 : kSealTagBytes;
  if (data.size() != size + tag_bytes) {
    return tarn::Error(code::kCorrupt, "a body in the metadata store has another length");
  }
  if (data_key.empty()) return data;
  const std::string tag = data.substr(static_cast<std::size_t>(size));
  data.resize(static_cast<std::size_t>(size));
  if (BodySeal(data_key, id).open(0, data, tag)) return data;
  return tarn::Error(code::kCorrupt, "the seal of a body in the metadata store does not hold");
}

// The position in the segments. Only one fetch is under way at a time, so it needs no lock.
class BodyReader::Work {
 public:
  Work(Bodies& bodies, std::vector<Segment> segments, std::uint64_t offset,
       std::shared_ptr<void> pin, std::string data_key)
      : bodies_(bodies),
        segments_(std::move(segments)),
        offset_(offset),
        pin_(std::move(pin)),
        data_key_(std::move(data_key)) {
    skip_done();
  }

  // The length of the next piece when `left` bytes are wanted: to the end of a piece of the file,
  // so that no block is read twice.
  [[nodiscard]] std::size_t next_length(std::uint64_t left) const {
    const std::uint64_t in_segment = segments_[at_].size - offset_;
    const std::uint64_t in_piece = kPieceBytes - offset_ % kPieceBytes;
    return static_cast<std::size_t>(std::min({left, in_segment, in_piece}));
  }

  // Blocks. Errors: kIo, kCorrupt.
  Status fetch(std::size_t length, std::string& out) {
    const Segment& segment = segments_[at_];
    TARN_CHECK(segment.body.kind == BodyKind::kFile ? fetch_file(segment, length, out)
                                                    : fetch_inline(segment, length, out));
    offset_ += length;
    skip_done();
    return {};
  }

 private:
  void skip_done() {
    while (at_ < segments_.size() && offset_ >= segments_[at_].size) {
      offset_ -= segments_[at_].size;
      ++at_;
      file_.reset();
    }
  }

  [[nodiscard]] std::optional<BodySeal> seal_of(const Segment& segment) const {
    if (data_key_.empty()) return std::nullopt;
    return BodySeal(data_key_, segment.body.id);
  }

  Status fetch_file(const Segment& segment, std::size_t length, std::string& out) {
    if (!file_) {
      const std::string path = bodies_.path(segment.body.id);
      auto file = BodyFileReader::open(bodies_.files(), path, segment.size, seal_of(segment));
      if (!file.ok()) {
        const bool lost = file.error().is(code::kNotFound);
        return lost ? tarn::Error(code::kCorrupt, path + " is missing") : std::move(file).error();
      }
      file_.emplace(std::move(file).value());
    }
    return file_->read(offset_, length, out);
  }

  Status fetch_inline(const Segment& segment, std::size_t length, std::string& out) {
    TARN_TRY(const auto record, bodies_.store().get(store::Space::kS3, body_key(segment.body.id)));
    if (!record) return tarn::Error(code::kCorrupt, "a body's record is missing");
    TARN_TRY(BodyRecord body, decode_body(*record));
    if (wire::crc32c(body.data) != body.crc32c) {
      return tarn::Error(code::kCorrupt,
                         "the checksum of a body in the metadata store does not hold");
    }
    TARN_TRY(const std::string data,
             open_inline(std::move(body.data), segment.body.id, segment.size, data_key_));
    out = data.substr(static_cast<std::size_t>(offset_), length);
    return {};
  }

  Bodies& bodies_;
  std::vector<Segment> segments_;
  std::size_t at_ = 0;
  std::uint64_t offset_;  // in segments_[at_]
  std::optional<BodyFileReader> file_;
  std::shared_ptr<void> pin_;
  std::string data_key_;
};

BodyReader::BodyReader(Bodies& bodies, std::vector<Segment> segments, std::uint64_t offset,
                       std::uint64_t length, std::shared_ptr<void> pin, std::string data_key)
    : bodies_(bodies),
      length_(length),
      unread_(length),
      work_(std::make_shared<Work>(bodies, std::move(segments), offset, std::move(pin),
                                   std::move(data_key))) {}

BodyReader::~BodyReader() = default;

void BodyReader::start_fetch() {
  ahead_ = std::make_shared<Fetch>();
  const std::size_t length = work_->next_length(unread_);
  unread_ -= length;
  // The memory of the piece that was given before last is used again.
  ahead_->data.swap(piece_);
  bodies_.post([work = work_, fetch = ahead_, length] {
    Status status = work->fetch(length, fetch->data);
    fetch->done.set(std::move(status));
  });
}

Task<Status> BodyReader::take_fetch() {
  if (!ahead_) start_fetch();
  Status status = co_await ahead_->done;
  piece_ = std::move(ahead_->data);
  ahead_.reset();
  co_return status;
}

Task<Status> BodyReader::prime() {
  if (unread_ == 0) co_return Status();
  primed_ = true;
  co_return co_await take_fetch();
}

Task<Result<std::string_view>> BodyReader::next() {
  if (!primed_) {
    if (!ahead_ && unread_ == 0) co_return std::string_view();
    TARN_CO_CHECK(co_await take_fetch());
  }
  primed_ = false;
  std::string given = std::move(piece_);
  piece_.clear();
  if (unread_ > 0) start_fetch();
  piece_ = std::move(given);
  co_return std::string_view(piece_);
}

}  // namespace tarn::s3
