#include "services/kinesis/shard_log.h"

#include <algorithm>
#include <utility>

#include "services/kinesis/recovery.h"

namespace tarn::kinesis {

namespace {

constexpr std::uint64_t kRecentBytes = 16U << 20;

// Writes the header of a new, empty segment and makes the file durable.
Result<std::shared_ptr<platform::File>> make_segment(platform::Files& files,
                                                     const std::string& directory,
                                                     const Segment& segment,
                                                     const SegmentHeader& header) {
  if (files.exists(segment.index_path())) TARN_CHECK(files.remove(segment.index_path()));
  TARN_TRY(std::shared_ptr<platform::File> file,
           files.open(segment.path(), platform::OpenMode::kAppend));
  TARN_TRY(const std::uint64_t size, file->size());
  if (size > 0) TARN_CHECK(file->truncate(0));
  const auto bytes = header.encode();
  TARN_CHECK(file->append({bytes.data(), bytes.size()}));
  TARN_CHECK(file->sync());
  TARN_CHECK(files.sync_directory(directory));
  return file;
}

Result<std::vector<Counter>> list_segments(platform::Files& files, const std::string& directory) {
  TARN_TRY(const auto entries, files.list(directory));
  std::vector<Counter> bases;
  for (const platform::DirectoryEntry& entry : entries) {
    if (const auto base = parse_segment_name(entry.name)) bases.push_back(*base);
  }
  std::sort(bases.begin(), bases.end());
  return bases;
}

}  // namespace

ShardLog::ShardLog(Key /*key*/, platform::Clock& clock, platform::Files& files,
                   const LogOptions& options, std::string directory, ShardOrigin origin)
    : clock_(clock),
      files_(files),
      options_(options),
      directory_(std::move(directory)),
      origin_(origin) {}

Result<std::shared_ptr<ShardLog>> ShardLog::create(platform::Clock& clock, platform::Files& files,
                                                   const LogOptions& options,
                                                   const std::string& directory,
                                                   ShardOrigin origin) {
  TARN_CHECK(files.make_directories(directory));
  TARN_TRY(const std::vector<Counter> bases, list_segments(files, directory));
  if (bases.size() > 1) return Error(code::kExists, directory + " holds records already");
  const auto shard = std::make_shared<ShardLog>(Key(), clock, files, options, directory, origin);
  auto segment = std::make_shared<Segment>(files, directory, Counter{1});
  if (bases.size() == 1) {
    TARN_TRY(const auto before, segment->file());
    TARN_TRY(const std::uint64_t size, before->size());
    if (size > SegmentHeader::kBytes)
      return Error(code::kExists, directory + " holds records already");
  }
  const std::int64_t now = clock.now().ms;
  TARN_TRY(shard->active_, make_segment(files, directory, *segment, {origin, 1, now, 0}));
  segment->adopt(shard->active_);
  shard->active_created_ms_ = now;
  shard->active_segment_ = segment;
  shard->segments_.push_back(std::move(segment));
  shard->durable_bytes_ = SegmentHeader::kBytes;
  return shard;
}

Result<std::shared_ptr<ShardLog>> ShardLog::open(platform::Clock& clock, platform::Files& files,
                                                 const LogOptions& options,
                                                 const std::string& directory, ShardOrigin origin,
                                                 RecoveryNote& note) {
  TARN_TRY(const std::vector<Counter> bases, list_segments(files, directory));
  if (bases.empty()) return Error(code::kCorrupt, directory + " has lost its segments");
  const auto shard = std::make_shared<ShardLog>(Key(), clock, files, options, directory, origin);
  TARN_CHECK(shard->recover(bases, note));
  return shard;
}

Status ShardLog::recover(const std::vector<Counter>& bases, RecoveryNote& note) {
  for (const Counter base : bases) {
    segments_.push_back(std::make_shared<Segment>(files_, directory_, base));
  }
  active_segment_ = segments_.back();
  Segment& last = *active_segment_;
  note.path = last.path();
  TARN_TRY(active_, files_.open(last.path(), platform::OpenMode::kAppend));
  TARN_TRY(RecoveredSegment found,
           recover_segment(files_, *active_, last, origin_, options_.index_bytes));
  note.cut_bytes = found.cut_bytes;
  note.scanned_bytes = found.scanned_bytes;
  last_arrived_ms_ = found.last_arrived_ms;
  active_created_ms_ = found.created_ms;
  if (found.without_header) {
    // Begun, but not even its header was on disk: the next commit makes it anew (now the disk may
    // be full). The time of earlier records is lost with it: now is later than any.
    poisoned_ = true;
    active_created_ms_ = clock_.now().ms;
    last_arrived_ms_ = last.base() == 1 ? 0 : active_created_ms_;
  }
  last.adopt(active_);
  end_ = found.end;
  durable_bytes_ = found.bytes;
  index_written_ = found.index.size();
  active_index_ = std::move(found.index);
  active_index_.insert(active_index_.end(), found.missing.begin(), found.missing.end());
  return {};
}

Counter ShardLog::first() const {
  const std::lock_guard lock(mutex_);
  return segments_.front()->base();
}

Counter ShardLog::end() const {
  const std::lock_guard lock(mutex_);
  return end_;
}

std::int64_t ShardLog::last_arrived_ms() const {
  const std::lock_guard lock(mutex_);
  return last_arrived_ms_;
}

ReadPlan ShardLog::plan(Counter from, std::optional<std::int64_t> from_ms) const {
  const std::lock_guard lock(mutex_);
  ReadPlan plan;
  plan.first = segments_.front()->base();
  plan.end = end_;
  if (from >= end_) return plan;
  const auto holds = std::upper_bound(segments_.begin(), segments_.end(), from,
                                      [](Counter c, const auto& s) { return c < s->base(); });
  for (auto at = holds == segments_.begin() ? holds : std::prev(holds); at != segments_.end();
       ++at) {
    const bool active = std::next(at) == segments_.end();
    if (active && end_ == (*at)->base()) break;
    ReadPlan::Part part;
    part.segment = *at;
    part.limit = active ? end_ : (*std::next(at))->base();
    part.bytes = active ? durable_bytes_ : 0;
    part.active = active;
    if (active) {
      part.start = from_ms ? entry_before_time(active_index_, *from_ms)
                           : entry_for_counter(active_index_, from);
    }
    plan.parts.push_back(std::move(part));
  }
  return plan;
}

Result<ReadResult> ShardLog::read(const ReadRequest& request) const {
  const ReadPlan seen = plan(request.from.counter);
  const auto trimmed = [&] {
    return Error(log_code::kTrimmed, "the records are no longer kept");
  };
  if (request.from.counter < seen.first) return trimmed();
  Result<ReadResult> result = read_plan(files_, seen, request);
  if (result.ok()) return result;
  if (request.from.counter < first()) return trimmed();
  if (result.error().is(code::kCorrupt) && request.from.segment != 0) {
    ReadRequest unhinted = request;
    unhinted.from.segment = 0;
    return read_plan(files_, seen, unhinted);
  }
  return result;
}

Result<Counter> ShardLog::find_time(std::int64_t ms) const {
  const ReadPlan seen = plan(0, ms);
  if (seen.parts.empty()) return seen.end;
  std::size_t at = 0;
  for (std::size_t after = seen.parts.size(); after - at > 1;) {
    const std::size_t middle = at + (after - at) / 2;
    TARN_TRY(const std::int64_t last_before, seen.parts[middle].segment->last_before_ms());
    (last_before < ms ? at : after) = middle;
  }
  return find_time_in(files_, seen.parts[at], ms);
}

bool ShardLog::is_recent(const ReadPosition& from) const {
  const std::lock_guard lock(mutex_);
  if (from.counter >= end_) return true;
  return from.segment == segments_.back()->base() && durable_bytes_ < from.offset + kRecentBytes;
}

void ShardLog::add_bell(std::shared_ptr<platform::Bell> bell) {
  const std::lock_guard lock(mutex_);
  bells_.push_back(std::move(bell));
}

void ShardLog::remove_bell(const platform::Bell* bell) {
  const std::lock_guard lock(mutex_);
  std::erase_if(bells_, [bell](const auto& held) { return held.get() == bell; });
}

Result<bool> ShardLog::expire(std::int64_t ms) {
  release_files();
  for (;;) {
    std::shared_ptr<Segment> next;
    {
      const std::lock_guard lock(mutex_);
      if (segments_.size() < 2) {
        return end_ > segments_.back()->base() && last_arrived_ms_ < ms;
      }
      next = segments_[1];
    }
    TARN_TRY(const std::int64_t last_before, next->last_before_ms());
    if (last_before >= ms) return false;
    std::shared_ptr<Segment> gone;
    {
      const std::lock_guard lock(mutex_);
      gone = std::move(segments_.front());
      segments_.pop_front();
    }
    if (files_.exists(gone->index_path())) TARN_CHECK(files_.remove(gone->index_path()));
    TARN_CHECK(files_.remove(gone->path()));
  }
}

void ShardLog::release_files() {
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i + 1 < segments_.size(); ++i) segments_[i]->release();
}

Result<bool> ShardLog::enqueue(Append& append) {
  const std::lock_guard lock(mutex_);
  if (queue_.closed) return Error(log_code::kShardClosed, "the shard takes no more records");
  queue_.waiting.push_back(&append);
  return !std::exchange(queue_.scheduled, true);
}

bool ShardLog::request_roll() {
  const std::lock_guard lock(mutex_);
  queue_.roll = true;
  return !std::exchange(queue_.scheduled, true);
}

Result<bool> ShardLog::close(Append& barrier) {
  const std::lock_guard lock(mutex_);
  if (queue_.closed) return Error(log_code::kShardClosed, "the shard is closed already");
  queue_.closed = true;
  queue_.waiting.push_back(&barrier);
  return !std::exchange(queue_.scheduled, true);
}

std::vector<Append*> ShardLog::take_queue(bool& roll) {
  const std::lock_guard lock(mutex_);
  std::vector<Append*> packs;
  std::size_t bytes = 0;
  while (!queue_.waiting.empty()) {
    const std::size_t next = queue_.waiting.front()->pack.bytes();
    if (!packs.empty() && bytes + next > options_.commit_bytes) break;
    bytes += next;
    packs.push_back(queue_.waiting.front());
    queue_.waiting.pop_front();
  }
  roll = std::exchange(queue_.roll, false);
  return packs;
}

bool ShardLog::commit() {
  bool roll_asked = false;
  const std::vector<Append*> packs = take_queue(roll_asked);
  const Status outcome = commit_packs(packs, roll_asked);
  for (Append* const append : packs) {
    append->status = outcome;
    append->ticket->finish_one();
  }
  const std::lock_guard lock(mutex_);
  queue_.scheduled = !queue_.waiting.empty();
  return queue_.scheduled;
}

Status ShardLog::commit_packs(const std::vector<Append*>& packs, bool roll_asked) {
  std::size_t records = 0;
  for (const Append* const append : packs) records += append->pack.records();
  if (must_roll(roll_asked)) TARN_CHECK(roll());
  if (records == 0) return {};
  // Times never go back within a shard, whatever the clock does: indexes and AT_TIMESTAMP rely on
  // it.
  const std::int64_t now = std::max(clock_.now().ms, last_arrived_ms_);
  const CommitImage image(packs, end_, now, durable_bytes_);
  TARN_CHECK(write(image));
  publish(image);
  return {};
}

Status ShardLog::write(const CommitImage& image) {
  Status written = active_->append_all(image.parts());
  if (!written.ok()) {
    undo_write();
    return written;
  }
  Status synced = active_->sync();
  // After a failed sync nobody can say which of its bytes are on the disk (the kernel may have
  // dropped them).
  if (!synced.ok()) poisoned_ = true;
  return synced;
}

void ShardLog::undo_write() {
  if (!active_->truncate(durable_bytes_).ok()) poisoned_ = true;
}

bool ShardLog::must_roll(bool asked) const {
  if (poisoned_) return true;
  if (end_ == active_segment_->base()) return false;
  if (asked || durable_bytes_ >= options_.segment_bytes) return true;
  return clock_.now().ms - active_created_ms_ >= options_.segment_age_ms;
}

Status ShardLog::roll() {
  // The records of the old segment end where the new one begins: whatever a failure left behind its
  // durable bytes is never read. A segment without records is begun anew in place.
  if (poisoned_) static_cast<void>(active_->truncate(durable_bytes_));
  flush_index();
  const std::int64_t now = clock_.now().ms;
  auto segment = std::make_shared<Segment>(files_, directory_, end_);
  TARN_TRY(std::shared_ptr<platform::File> file,
           make_segment(files_, directory_, *segment, {origin_, end_, now, last_arrived_ms_}));
  active_ = std::move(file);
  poisoned_ = false;
  index_written_ = 0;
  segment->adopt(active_);
  active_created_ms_ = now;
  active_segment_ = segment;
  const std::lock_guard lock(mutex_);
  if (segments_.back()->base() == end_) segments_.pop_back();
  segments_.push_back(std::move(segment));
  active_index_.clear();
  durable_bytes_ = SegmentHeader::kBytes;
  return {};
}

void ShardLog::publish(const CommitImage& image) {
  std::size_t unwritten = 0;
  std::vector<std::shared_ptr<platform::Bell>> bells;
  {
    const std::lock_guard lock(mutex_);
    bells = bells_;
    for (const IndexEntry& batch : image.batches()) {
      const std::uint64_t last = active_index_.empty() ? 0 : active_index_.back().offset;
      if (batch.offset >= last + options_.index_bytes) active_index_.push_back(batch);
    }
    durable_bytes_ += image.bytes();
    end_ = image.end();
    last_arrived_ms_ = image.batches().back().arrived_ms;
    unwritten = active_index_.size() - index_written_;
  }
  for (const auto& bell : bells) bell->ring();
  constexpr std::size_t kIndexEntriesTogether = 16;
  if (unwritten >= kIndexEntriesTogether) flush_index();
}

void ShardLog::flush_index() {
  const Index& index = active_index_;
  if (index.size() == index_written_) return;
  // An index that cannot be written costs time at the next start, not records: errors end here.
  const auto file = files_.open(active_segment_->index_path(), platform::OpenMode::kAppend);
  if (!file.ok()) return;
  const auto size = (*file)->size();
  if (!size.ok() || *size < index_written_ * IndexEntry::kBytes) return;
  if (*size > index_written_ * IndexEntry::kBytes &&
      !(*file)->truncate(index_written_ * IndexEntry::kBytes).ok()) {
    return;
  }
  std::string bytes;
  for (std::size_t at = index_written_; at < index.size(); ++at) {
    const auto entry = index[at].encode();
    bytes.append(entry.data(), entry.size());
  }
  if ((*file)->append(bytes).ok()) index_written_ = index.size();
}

}  // namespace tarn::kinesis
