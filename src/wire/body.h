// Bodies that are read as they come and written as they go: a whole object is never in memory.
//
// Place: wire. The gateway makes the request's BodySource from the connection (decoding chunked and
// aws-chunked, checking signatures and hashes as the bytes pass); S3 makes the response's from a
// file. Threads: a BodySource is for the one coroutine that reads it.
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

namespace tarn::wire {

class BodySource {
 public:
  virtual ~BodySource() = default;

  // The next piece, valid until the next call; empty at the end of the body.
  // Errors: IncompleteBody (the peer stopped early), XAmzContentSHA256Mismatch,
  // SignatureDoesNotMatch (a chunk's signature), InvalidChunkSizeError, kCancelled, kTimeout. After
  // an error the body is over: nothing read from it counts.
  [[nodiscard]] virtual Task<Result<std::string_view>> next() = 0;

  // Length of the decoded body, where it is known beforehand.
  [[nodiscard]] virtual std::optional<std::uint64_t> length() const = 0;

  // Trailing headers, names in lower case; complete once next() has given the end.
  [[nodiscard]] virtual const std::vector<std::pair<std::string, std::string>>& trailers()
      const = 0;

  // Of a body that waits for something to tell: the reader has lost interest, a next() that waits
  // ends soon. From the reader's own thread.
  virtual void cancel() {}
};

using Body = std::shared_ptr<BodySource>;

// A body that is in memory already.
[[nodiscard]] Body make_body(std::string content);

// The whole of `body`; EntityTooLarge past `limit` bytes.
[[nodiscard]] Task<Result<std::string>> read_all(BodySource& body, std::size_t limit);

}  // namespace tarn::wire
