#include "generator/sender.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "wire/encoding.h"

namespace tarn::generator {

namespace {

using std::chrono::milliseconds;

constexpr Nanoseconds kFirstPause = milliseconds(50);
constexpr Nanoseconds kLongestPause = milliseconds(3'000);
// How long a connection without work sleeps while others wait for answers.
constexpr Nanoseconds kLookAgain = milliseconds(20);
constexpr double kBatchesPerSecond = 20;

// Doubles with each attempt; the upper half is drawn, so that records that failed together come
// back apart.
Nanoseconds pause_after(std::uint32_t attempt, RandomSource& random) {
  const std::uint32_t doublings = std::min(attempt - 1, 16U);
  const Nanoseconds full = std::min(kFirstPause * (std::int64_t{1} << doublings), kLongestPause);
  return full / 2 + Nanoseconds(random.between(0, full.count() / 2));
}

// Of UTF-8.
std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

}  // namespace

RateLimit::RateLimit(double per_s, Nanoseconds start)
    : per_s_(per_s),
      most_(std::max(per_s, 1.0)),
      quantum_(static_cast<std::uint64_t>(std::clamp(per_s / kBatchesPerSecond, 1.0, 500.0))),
      filled_(start) {}

std::uint64_t RateLimit::available(Nanoseconds now) {
  if (unlimited()) return UINT64_MAX;
  if (now > filled_) {
    tokens_ =
        std::min(tokens_ + std::chrono::duration<double>(now - filled_).count() * per_s_, most_);
    filled_ = now;
  }
  // A millionth of a token is rounding.
  return static_cast<std::uint64_t>(std::max(0.0, tokens_ + 1e-6));
}

Nanoseconds RateLimit::when(std::uint64_t tokens) const {
  if (unlimited()) return filled_;
  const double missing = std::max(0.0, static_cast<double>(tokens) - tokens_);
  return filled_ + Nanoseconds(static_cast<std::int64_t>(std::ceil(missing / per_s_ * 1e9)));
}

Sender::Sender(Renderer data, Renderer partition_key, SenderOptions options, std::uint64_t seed,
               Nanoseconds start)
    : data_(std::move(data)),
      partition_key_(std::move(partition_key)),
      options_(options),
      random_(seed),
      start_(start),
      rate_(options.records_per_s, start) {}

Sender::Work Sender::next(Nanoseconds now, Timestamp wall) {
  if (abandoned_) return Finished{};
  Batch batch;
  add_retries(batch, now);
  // While the service takes nothing, no new records are made for it.
  if (retries_.size() < options_.connections * kMostRecordsPerRequest) {
    const std::size_t taken_up = batch.size();
    if (Status made = add_new(batch, now, wall); !made.ok()) {
      stats_.lost += taken_up;
      abandon();
      return std::move(made).error();
    }
  }
  if (!batch.empty()) {
    ++in_flight_;
    ++stats_.requests;
    return batch;
  }
  if (made_all(now) && retries_.empty() && in_flight_ == 0) return Finished{};
  return WaitUntil{next_time(now)};
}

void Sender::add_retries(Batch& batch, Nanoseconds now) {
  while (!retries_.empty() && retries_.top().not_before <= now &&
         batch.size() < kMostRecordsPerRequest) {
    const Retry& retry = retries_.top();
    if (!batch.empty() &&
        batch.bytes() + retry.data.size() + retry.partition_key.size() > kMostBytesPerRequest)
      return;
    const std::size_t begin = batch.block().size();
    batch.block() += retry.data;
    const std::size_t key = batch.block().size();
    batch.block() += retry.partition_key;
    batch.close(begin, key, retry.attempt, retry.first_sent);
    if (retry.attempt > 1) ++stats_.retried;
    retries_.pop();
  }
}

bool Sender::made_all(Nanoseconds now) const {
  if (stopped_ || (options_.count > 0 && stats_.sent >= options_.count)) return true;
  if (options_.duration.count() == 0 || now < start_ + options_.duration) return false;
  return rate_.unlimited() || past_end(now) || rate_.when(1) > start_ + options_.duration;
}

// What could not be made in time because the service was away is not made any more.
bool Sender::past_end(Nanoseconds now) const {
  return options_.duration.count() > 0 &&
         now > start_ + options_.duration + std::chrono::seconds(1);
}

// How many records may be made now.
std::uint64_t Sender::wanted(Nanoseconds now) {
  if (stopped_ || past_end(now)) return 0;
  const Nanoseconds end =
      options_.duration.count() > 0 ? start_ + options_.duration : Nanoseconds::max();
  if (rate_.unlimited() && now >= end) return 0;
  const std::uint64_t left =
      options_.count > 0 ? options_.count - std::min(options_.count, stats_.sent) : UINT64_MAX;
  const std::uint64_t there = std::min(rate_.available(std::min(now, end)), left);
  // Less than a quantum waits for more, but for the last.
  if (there < rate_.quantum() && there < left && now < end) return 0;
  return there;
}

Status Sender::add_new(Batch& batch, Nanoseconds now, Timestamp wall) {
  const std::uint64_t most =
      std::min<std::uint64_t>(wanted(now), kMostRecordsPerRequest - batch.size());
  std::string& block = batch.block();
  std::uint64_t made = 0;
  while (made < most) {
    const std::size_t begin = block.size();
    data_.append(wall, block);
    const std::size_t key = block.size();
    partition_key_.append(wall, block);
    const std::size_t characters = count_characters(std::string_view(block).substr(key));
    if (characters == 0 || characters > kMostKeyCharacters) {
      return Error(
          code::kInvalid,
          fmt::format("a partition key has 1 to 256 characters, the template made one of {}: {}",
                      characters, wire::cut_text(std::string_view(block).substr(key), 60)));
    }
    if (block.size() - begin > kMostBytesPerRequest) {
      return Error(code::kInvalid,
                   fmt::format("the template makes a record of {} bytes; a request holds {}",
                               block.size() - begin, kMostBytesPerRequest));
    }
    ++made;
    if (block.size() > kMostBytesPerRequest) {
      // The one that did not fit goes with the next request.
      retries_.push({now, now, 1, block.substr(begin, key - begin), block.substr(key)});
      block.resize(begin);
      break;
    }
    batch.close(begin, key, 1, now);
  }
  if (!rate_.unlimited()) rate_.take(made);
  stats_.sent += made;
  return {};
}

Nanoseconds Sender::next_time(Nanoseconds now) const {
  Nanoseconds time = now + milliseconds(500);
  if (!made_all(now) && retries_.size() < options_.connections * kMostRecordsPerRequest) {
    time = std::min(time, rate_.when(rate_.quantum()));
    if (options_.count > 0)
      time = std::min(time, rate_.when(std::min(rate_.quantum(), options_.count - stats_.sent)));
    if (options_.duration.count() > 0) time = std::min(time, start_ + options_.duration);
  }
  if (!retries_.empty()) time = std::min(time, retries_.top().not_before);
  if (in_flight_ > 0) time = std::min(time, now + kLookAgain);
  return std::max(time, now + milliseconds(1));
}

void Sender::answered(const Batch& batch, const Answer& answer, Nanoseconds now) {
  if (answer.kind != Answer::Kind::kRecords) {
    stats_.last_error = fmt::format("{}: {}", answer.code, answer.message);
    --in_flight_;
    for (std::size_t i = 0; i < batch.size(); ++i) try_again(batch, i, answer.code, now);
    return;
  }
  --in_flight_;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (answer.errors[i].empty()) {
      ++stats_.acknowledged;
      stats_.bytes += batch.data(i).size();
    } else {
      try_again(batch, i, answer.errors[i], now);
    }
  }
}

void Sender::unanswered(const Batch& batch, std::string_view reason, bool perhaps_delivered,
                        Nanoseconds now) {
  --in_flight_;
  stats_.last_error = reason;
  const std::uint64_t lost_before = stats_.lost;
  for (std::size_t i = 0; i < batch.size(); ++i) try_again(batch, i, reason, now);
  if (perhaps_delivered) stats_.perhaps_twice += batch.size() - (stats_.lost - lost_before);
}

void Sender::try_again(const Batch& batch, std::size_t index, std::string_view code,
                       Nanoseconds now) {
  const auto counted = stats_.errors.find(code);
  if (counted != stats_.errors.end()) {
    ++counted->second;
  } else {
    stats_.errors.emplace(code, 1);
  }
  if (abandoned_) {
    ++stats_.lost;
    return;
  }
  const Batch::Record& record = batch.record(index);
  const Nanoseconds not_before = now + pause_after(record.attempt, random_);
  if (not_before > record.first_sent + options_.retry_for) {
    ++stats_.lost;
    return;
  }
  retries_.push({not_before, record.first_sent, record.attempt + 1, std::string(batch.data(index)),
                 std::string(batch.partition_key(index))});
}

void Sender::abandon() {
  abandoned_ = true;
  stopped_ = true;
  stats_.lost += retries_.size();
  retries_ = {};
}

}  // namespace tarn::generator
