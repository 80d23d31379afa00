// Append: one shard's part of a request, on its way to the disk and back.
//
// Place: kinesis, between the service and the log. Threads: filled by one coroutine, then the log's
// until the ticket completes, then the coroutine's again.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "platform/clock.h"
#include "platform/tasks.h"
#include "services/kinesis/batch.h"
#include "services/kinesis/batch_cipher.h"
#include "services/kinesis/sequence.h"

namespace tarn::kinesis {

class ShardLog;

// Codes of the log that are not AWS answers; the service words them.
namespace log_code {
inline constexpr std::string_view kShardClosed = "Kinesis.ShardClosed";  // resharded or deleted
inline constexpr std::string_view kTrimmed = "Kinesis.Trimmed";          // older than what is kept
}  // namespace log_code

// Completes when all parts of a request have.
class AppendTicket {
 public:
  explicit AppendTicket(std::size_t parts) : open_(parts) {}
  void finish_one() {
    if (open_.fetch_sub(1, std::memory_order_acq_rel) == 1) done_.set(true);
  }
  platform::Completion<bool>& done() { return done_; }

 private:
  std::atomic<std::size_t> open_;
  platform::Completion<bool> done_;
};

struct Append {
  std::shared_ptr<ShardLog> shard;
  RecordPack pack;
  std::shared_ptr<const BatchCipher> cipher;  // null: the records are written as they are

  // What became of it: every record of the pack is on disk with counters first, first + 1, …, or
  // none counts.
  Status status;
  Counter first = 0;
  Timestamp arrived;

  AppendTicket* ticket = nullptr;
};

}  // namespace tarn::kinesis
