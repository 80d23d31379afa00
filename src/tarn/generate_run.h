// GenerateRun: carries what a generator::Sender decides, over several HTTP connections.
//
// Place: tarn; used by `tarn generate`.
// Threads: everything runs on the io_context given, which one thread runs.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include <boost/asio/io_context.hpp>

#include "base/result.h"
#include "generator/sender.h"
#include "platform/clock.h"
#include "wire/sigv4.h"

namespace tarn::app {

// Where a stream is and how to sign for it.
struct StreamTarget {
  std::string host;
  std::string port;
  std::string region;
  std::string stream;  // name or ARN
  wire::SigningKeys keys;
};

struct GenerateOutcome {
  generator::SenderStats stats;
  generator::Nanoseconds elapsed{0};
  bool interrupted = false;
  std::string refused;  // why the service or the sender refused to go on; empty: it did not
};

// Told about once a second, and when a signal came.
struct GenerateEvents {
  std::function<void(const generator::SenderStats& stats, generator::Nanoseconds elapsed,
                     double recent_per_s)>
      progress;
  std::function<void()> stopping;
};

// "http://host:port" into its host and port. Errors: kInvalid (not http, no host, TLS).
[[nodiscard]] Status parse_endpoint(const std::string& url, StreamTarget& target);

// Sends until the sender is finished. SIGINT or SIGTERM stops it: what was made is brought home for
// up to ten seconds; the second signal gives up at once.
[[nodiscard]] GenerateOutcome run_generate(boost::asio::io_context& context, platform::Clock& clock,
                                           generator::Sender& sender, const StreamTarget& target,
                                           std::size_t connections, const GenerateEvents& events);

}  // namespace tarn::app
