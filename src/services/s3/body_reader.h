// BodyReader: the bytes of a stored body as they are needed, one piece read ahead.
//
// Place: services/s3; made by Bodies. Threads: as a BodySource; files are read on the blocking
// pool.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "platform/tasks.h"
#include "services/s3/object.h"
#include "wire/body.h"

namespace tarn::s3 {

class Bodies;

// The `size` bytes of an inline body, opened by `data_key` (empty: it is not sealed). Error:
// kCorrupt.
[[nodiscard]] Result<std::string> open_inline(std::string data, const BodyId& id,
                                              std::uint64_t size, const std::string& data_key);

class BodyReader final : public wire::BodySource {
 public:
  // Bytes [offset, offset + length) of the segments in a row; `pin` keeps their files, `data_key`
  // opens them (empty: they are not sealed).
  BodyReader(Bodies& bodies, std::vector<Segment> segments, std::uint64_t offset,
             std::uint64_t length, std::shared_ptr<void> pin, std::string data_key);
  ~BodyReader() override;

  // Reads the first piece, so that a damaged body is found before an answer has begun. Errors: kIo,
  // kCorrupt.
  [[nodiscard]] Task<Status> prime();

  [[nodiscard]] Task<Result<std::string_view>> next() override;
  [[nodiscard]] std::optional<std::uint64_t> length() const override { return length_; }
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& trailers() const override {
    return trailers_;
  }

 private:
  class Work;
  struct Fetch {
    std::string data;
    platform::Completion<Status> done;
  };

  void start_fetch();
  [[nodiscard]] Task<Status> take_fetch();

  Bodies& bodies_;
  std::uint64_t length_;
  std::uint64_t unread_;        // not yet asked of the pool
  std::shared_ptr<Work> work_;  // outlives the reader while a fetch is under way
  std::shared_ptr<Fetch> ahead_;
  std::string piece_;
  bool primed_ = false;  // piece_ has been read but not given
  std::vector<std::pair<std::string, std::string>> trailers_;
};

}  // namespace tarn::s3
