#include "services/kinesis/shard_reader.h"

#include <algorithm>

#include "services/kinesis/batch.h"
#include "services/kinesis/crc32c.h"

namespace tarn::kinesis {

namespace {

constexpr std::size_t kReadBytes = 1U << 20;

class Reader {
 public:
  Reader(platform::Files& files, const ReadRequest& request, Counter end)
      : files_(files), request_(request) {
    result_.next = request.from;
    result_.end = end;
    const std::size_t there = end > request.from.counter ? end - request.from.counter : 0;
    result_.records.reserve(std::min(request.max_records, there));
  }

  Status read(const ReadPlan::Part& part) {
    TARN_CHECK(enter(part));
    while (!full_ && result_.next.counter < part.limit) {
      TARN_CHECK(fill(BatchHeader::kBytes + kReadBytes));
      TARN_TRY(std::uint64_t used, take_batches());
      if (used == 0 && !full_) {
        // A batch larger than the buffer, or no batch at all.
        const auto header = BatchHeader::decode(*buffer_);
        if (!header || offset_ + header->total_bytes() > size_) return damaged("no whole batch");
        TARN_CHECK(fill(header->total_bytes()));
        TARN_TRY(used, take_batches());
      }
      offset_ += used;
      keep_buffer();
    }
    result_.next.segment = part.segment->base();
    result_.next.offset = offset_;
    return {};
  }

  [[nodiscard]] bool full() const { return full_; }
  ReadResult take() && { return std::move(result_); }

 private:
  Status enter(const ReadPlan::Part& part) {
    part_ = &part;
    TARN_TRY(file_, part.segment->file());
    size_ = part.bytes;
    if (size_ == 0) {
      TARN_TRY(size_, file_->size());
    }
    const ReadPosition& from = result_.next;
    if (from.segment == part.segment->base() && from.offset >= SegmentHeader::kBytes &&
        from.offset <= size_) {
      offset_ = from.offset;
      return {};
    }
    offset_ = SegmentHeader::kBytes;
    if (from.counter <= part.segment->base()) return {};
    const auto entry =
        part.active
            ? part.start
            : entry_for_counter(read_index(files_, part.segment->index_path()), from.counter);
    if (entry) offset_ = entry->offset;
    return {};
  }

  Status fill(std::uint64_t bytes) {
    if (!buffer_) buffer_ = std::make_unique<std::string>();
    const std::uint64_t left = size_ > offset_ ? size_ - offset_ : 0;
    buffer_records_ = false;
    return file_->read_at(offset_, std::min(bytes, left), *buffer_);
  }

  // Takes whole batches from the buffer; how many bytes were done with (batches that are wholly
  // skipped may reach past the buffer).
  Result<std::uint64_t> take_batches() {
    std::uint64_t at = 0;
    while (!full_ && at < buffer_->size() && result_.next.counter < part_->limit) {
      const std::string_view rest = std::string_view(*buffer_).substr(at);
      if (rest.size() < BatchHeader::kBytes) break;
      const auto header = BatchHeader::decode(rest);
      if (!header) return damaged("the header of a batch does not hold", at);
      if (header->first > result_.next.counter) return damaged("records are missing before it", at);
      if (header->end() > result_.next.counter) {
        if (rest.size() < header->total_bytes()) break;
        TARN_CHECK(
            take_records(*header, rest.substr(BatchHeader::kBytes, header->payload_bytes), at));
        if (result_.next.counter < header->end()) break;  // full inside this batch
      }
      at += header->total_bytes();
    }
    return at;
  }

  Status take_records(const BatchHeader& header, std::string_view payload, std::uint64_t at) {
    if (crc32c(payload) != header.payload_crc)
      return damaged("a batch's checksum does not hold", at);
    const bool sealed = header.flags != 0;
    if (sealed) {
      TARN_TRY(payload, open_payload(header, payload, at));
    }
    PayloadReader records(payload);
    for (Counter counter = header.first; counter < header.end(); ++counter) {
      const auto record = records.next();
      if (!record) return damaged("a batch does not hold the records it names", at);
      if (counter < result_.next.counter) continue;
      const std::size_t bytes = record->data.size() + record->partition_key.size();
      full_ = result_.records.size() == request_.max_records ||
              (!result_.records.empty() && result_.bytes + bytes > request_.max_bytes);
      if (full_) return {};
      result_.bytes += bytes;
      result_.records.push_back(
          {counter, header.arrived_ms, record->partition_key, record->data, sealed});
      if (!sealed) buffer_records_ = true;
      result_.next.counter = counter + 1;
    }
    return {};
  }

  // The records of a sealed batch, in a buffer of their own.
  Result<std::string_view> open_payload(const BatchHeader& header, std::string_view sealed,
                                        std::uint64_t at) {
    const bool known =
        (header.flags & batch_flag::kSealed) != 0 && (header.flags & ~batch_flag::kKnown) == 0;
    if (!known || request_.ciphers == nullptr)
      return damaged("a batch has flags that this version does not know", at);
    TARN_TRY(const std::shared_ptr<const BatchCipher> cipher,
             request_.ciphers->find(header.flags >> 8));
    Result<std::string> plain = cipher->open(header, sealed);
    if (!plain.ok()) return damaged(plain.error().message, at);
    result_.buffers.push_back(std::make_unique<std::string>(std::move(plain).value()));
    return std::string_view(*result_.buffers.back());
  }

  void keep_buffer() {
    if (buffer_records_) result_.buffers.push_back(std::move(buffer_));
  }

  [[nodiscard]] Error damaged(std::string_view what, std::uint64_t at = 0) const {
    return corrupt(part_->segment->path(), offset_ + at, what);
  }

  platform::Files& files_;
  const ReadRequest& request_;
  const ReadPlan::Part* part_ = nullptr;
  std::shared_ptr<platform::File> file_;
  std::uint64_t size_ = 0;
  std::uint64_t offset_ = 0;
  std::unique_ptr<std::string> buffer_;
  bool buffer_records_ = false;
  bool full_ = false;
  ReadResult result_;
};

}  // namespace

Result<ReadResult> read_plan(platform::Files& files, const ReadPlan& plan,
                             const ReadRequest& request) {
  Reader reader(files, request, plan.end);
  for (const ReadPlan::Part& part : plan.parts) {
    TARN_CHECK(reader.read(part));
    if (reader.full()) break;
  }
  return std::move(reader).take();
}

Result<Counter> find_time_in(platform::Files& files, const ReadPlan::Part& part, std::int64_t ms) {
  TARN_TRY(const std::shared_ptr<platform::File> file, part.segment->file());
  const auto entry = part.active
                         ? part.start
                         : entry_before_time(read_index(files, part.segment->index_path()), ms);
  std::uint64_t offset = entry ? entry->offset : SegmentHeader::kBytes;
  Counter counter = entry ? entry->first : part.segment->base();
  std::string bytes;
  while (counter < part.limit) {
    TARN_CHECK(file->read_at(offset, BatchHeader::kBytes, bytes));
    const auto header = BatchHeader::decode(bytes);
    if (!header || header->first != counter) {
      return corrupt(part.segment->path(), offset, "the header of a batch does not hold");
    }
    if (header->arrived_ms >= ms) return counter;
    counter = header->end();
    offset += header->total_bytes();
  }
  return part.limit;
}

}  // namespace tarn::kinesis
