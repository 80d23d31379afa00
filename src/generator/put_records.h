// PutRecords as a client writes and reads it: JSON 1.1, up to 500 records and 5 MiB a request.
//
// Place: generator; the sender decides what a batch holds, `tarn generate` carries it.
// Threads: values and pure functions.
// (https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html)
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tarn::generator {

inline constexpr std::size_t kMostRecordsPerRequest = 500;
// Data and partition keys together. The service takes 10 MiB since 2025; 5 MiB is understood by
// every version of it.
inline constexpr std::size_t kMostBytesPerRequest = std::size_t{5} << 20U;
// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecordsRequestEntry.html
inline constexpr std::size_t kMostKeyCharacters = 256;

// The records of one request, in one block of memory.
class Batch {
 public:
  struct Record {
    std::uint32_t begin;    // of the data in the block
    std::uint32_t key;      // of the partition key: the end of the data
    std::uint32_t end;      // of the partition key
    std::uint32_t attempt;  // 1: sent for the first time
    std::chrono::nanoseconds first_sent;
  };

  [[nodiscard]] bool empty() const { return records_.empty(); }
  [[nodiscard]] std::size_t size() const { return records_.size(); }
  [[nodiscard]] std::size_t bytes() const { return block_.size(); }
  [[nodiscard]] const Record& record(std::size_t index) const { return records_[index]; }
  [[nodiscard]] std::string_view data(std::size_t index) const;
  [[nodiscard]] std::string_view partition_key(std::size_t index) const;

  // A record is written straight into the block: its data, then its key, then close().
  [[nodiscard]] std::string& block() { return block_; }
  void close(std::size_t begin, std::size_t key, std::uint32_t attempt,
             std::chrono::nanoseconds first_sent);

 private:
  std::string block_;
  std::vector<Record> records_;
};

// Replaces `out` by the request's body. `stream` is a name or an ARN.
void write_put_records(std::string_view stream, const Batch& batch, std::string& out);

// What came back for one request.
struct Answer {
  enum class Kind : std::uint8_t {
    kRecords,  // `errors` tells record by record
    kAgain,  // the whole request failed and may succeed later: throttled, or a fault of the server
    kRefused,  // the whole request failed and will fail again: no such stream, not allowed, invalid
  };
  Kind kind = Kind::kRecords;
  std::vector<std::string>
      errors;        // kRecords: the code of each failed record, empty where acknowledged
  std::string code;  // kAgain, kRefused
  std::string message;
};

// `records` is the number that was sent; an answer for another number is a fault of the server
// (kAgain).
[[nodiscard]] Answer read_put_records_answer(int http_status, std::string_view body,
                                             std::size_t records);

}  // namespace tarn::generator
