// Pipes: the two ends a server holds of a child's standard input and output.
//
// Place: platform/real, under processes.cc. Threads: write and read_line may be awaited from any
// executor, one of each at a time; the descriptors are only touched on the control thread.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <boost/asio/posix/stream_descriptor.hpp>

#include "base/result.h"
#include "base/task.h"
#include "platform/real/descriptor.h"
#include "platform/real/threads.h"

namespace tarn::platform::real {

class Pipes : public std::enable_shared_from_this<Pipes> {
 public:
  // `input` is written, `output` is read.
  Pipes(IoThread& thread, Descriptor input, Descriptor output);

  // kCancelled when the child closed its end or close() was called.
  static Task<Status> write(std::shared_ptr<Pipes> pipes, std::string data);
  // The next line without its newline (a last line without one counts); nullopt at the end;
  // kInvalid for a line over `max_bytes`, whose rest is skipped by the next call.
  static Task<Result<std::optional<std::string>>> read_line(std::shared_ptr<Pipes> pipes,
                                                            std::size_t max_bytes);
  // Ends both; calls that wait get kCancelled.
  void close();

 private:
  using Line = Result<std::optional<std::string>>;

  // A line from what has been read; nullopt when more is needed.
  std::optional<Line> take_line(std::size_t max_bytes);
  void read_more(Completion<bool>& done);

  IoThread& thread_;
  boost::asio::posix::stream_descriptor input_;
  boost::asio::posix::stream_descriptor output_;
  std::string buffer_;
  std::size_t scanned_ = 0;  // no newline before this offset
  bool skipping_ = false;    // inside the rest of a line that was too long
  bool ended_ = false;       // the child closed its output
  bool cancelled_ = false;
};

}  // namespace tarn::platform::real
