// Sender: decides what is sent when, and what becomes of each record.
//
// Place: generator. It holds no socket and no clock: the caller asks next() for work, carries it,
// and reports how it went. So one seed and one series of times give one behaviour, and a test needs
// neither server nor sleep. Threads: one thread.
//
// A record is made once, sent, and sent again with growing pauses until the service acknowledges it
// (a SequenceNumber in its own result) or `retry_for` has passed since it was first sent; then it
// counts as lost. Delivery is at least once, as with every Kinesis producer: where a connection
// broke between request and answer, the records are sent again and counted in `perhaps_twice`.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <queue>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "generator/put_records.h"
#include "generator/template.h"

namespace tarn::generator {

using Nanoseconds = std::chrono::nanoseconds;

struct SenderOptions {
  double records_per_s = 0;  // 0: as fast as they are taken
  std::uint64_t count = 0;   // 0: no limit
  Nanoseconds duration{0};   // 0: until stop()
  Nanoseconds retry_for = std::chrono::seconds(60);
  std::size_t connections = 8;  // bounds what waits to be sent again: 500 records each
};

struct SenderStats {
  std::uint64_t sent = 0;  // records made and sent at least once
  std::uint64_t acknowledged = 0;
  std::uint64_t retried = 0;  // times a record was sent again
  std::uint64_t lost = 0;
  std::uint64_t perhaps_twice = 0;  // sent again although the first may have arrived
  std::uint64_t bytes = 0;          // of acknowledged data
  std::uint64_t requests = 0;
  std::map<std::string, std::uint64_t, std::less<>> errors;  // failed attempts of records by code
  std::string last_error;                                    // code and message

  // Neither acknowledged nor lost yet.
  [[nodiscard]] std::uint64_t pending() const { return sent - acknowledged - lost; }
};

// A token bucket over the time since the start. Tokens unused for over a second are gone, so that a
// server that comes back is not met by all that was missed.
class RateLimit {
 public:
  RateLimit(double per_s, Nanoseconds start);

  // Whole tokens there at `now`.
  [[nodiscard]] std::uint64_t available(Nanoseconds now);
  void take(std::uint64_t tokens) { tokens_ -= static_cast<double>(tokens); }
  // When `tokens` will be there.
  [[nodiscard]] Nanoseconds when(std::uint64_t tokens) const;
  // How many records make a request worth sending: those of 50 ms.
  [[nodiscard]] std::uint64_t quantum() const { return quantum_; }
  [[nodiscard]] bool unlimited() const { return per_s_ <= 0; }

 private:
  double per_s_;
  double most_;
  std::uint64_t quantum_;
  double tokens_ = 0;
  Nanoseconds filled_;
};

class Sender {
 public:
  struct WaitUntil {
    Nanoseconds time;  // ask again then, or when another request has come back
  };
  struct Finished {};
  // Error (kInvalid): the template makes a record or partition key that the service cannot take.
  using Work = std::variant<Batch, WaitUntil, Finished, Error>;

  // `start` and every `now` are of one monotonic clock.
  Sender(Renderer data, Renderer partition_key, SenderOptions options, std::uint64_t seed,
         Nanoseconds start);

  [[nodiscard]] Work next(Nanoseconds now, Timestamp wall);

  // Exactly one of these for each batch that next() gave out.
  void answered(const Batch& batch, const Answer& answer, Nanoseconds now);
  // No answer came. `perhaps_delivered`: the request may have reached the service.
  void unanswered(const Batch& batch, std::string_view reason, bool perhaps_delivered,
                  Nanoseconds now);

  // Makes no more records; what was made is still brought home.
  void stop() { stopped_ = true; }
  // Gives up: everything unacknowledged is lost, and next() is Finished.
  void abandon();

  [[nodiscard]] const SenderStats& stats() const { return stats_; }

 private:
  struct Retry {
    Nanoseconds not_before;
    Nanoseconds first_sent;
    std::uint32_t attempt;
    std::string data;
    std::string partition_key;
    bool operator<(const Retry& other) const {
      return not_before > other.not_before;
    }  // the earliest on top
  };

  void add_retries(Batch& batch, Nanoseconds now);
  Status add_new(Batch& batch, Nanoseconds now, Timestamp wall);
  [[nodiscard]] std::uint64_t wanted(Nanoseconds now);
  [[nodiscard]] bool made_all(Nanoseconds now) const;
  [[nodiscard]] bool past_end(Nanoseconds now) const;
  [[nodiscard]] Nanoseconds next_time(Nanoseconds now) const;
  void try_again(const Batch& batch, std::size_t index, std::string_view code, Nanoseconds now);

  Renderer data_;
  Renderer partition_key_;
  SenderOptions options_;
  RandomSource random_;
  Nanoseconds start_;
  RateLimit rate_;
  std::priority_queue<Retry> retries_;  // and records that did not fit a request yet (attempt 1)
  SenderStats stats_;
  std::size_t in_flight_ = 0;  // requests
  bool stopped_ = false;
  bool abandoned_ = false;
};

}  // namespace tarn::generator
